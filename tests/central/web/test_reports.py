"""What a manager is told: known times give known figures, and files hold the same."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from central.db.accounts import UserRole
from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Role, Ticket, TicketState
from central.db.queue import Call, Counter, Outcome
from central.locale import Language, number
from central.services.devices import add_device
from central.services.offices import settle
from central.services.reports import Period, read_report, spread
from central.web.charts import Bar, bars, columns, heat, nice
from central.web.exports import Table, as_csv, as_xlsx
from central.web.reports import figures_of
from tests.central.queueing import settings as office_settings

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = date(2026, 3, 2)
EIGHT = datetime(2026, 3, 2, 1, tzinfo=UTC)  # eight in the morning there


def call(database: Database, place: int, wait: float, serve: float, **more: Any) -> None:
    at = more.pop("at", EIGHT)
    of, outcome = more.pop("field", "civil"), more.pop("outcome", Outcome.SERVED)
    day = at.astimezone(ZONE).date()
    called = at + timedelta(minutes=wait)
    with database.writing() as session:
        session.add(
            Ticket(
                id=UUID(int=place), device_id=1, number=f"A{place:03d}", sequence=place,
                reference=f"{place:016d}", field=of, priority="", day=day, citizen=None,
                way="hand", issued_at=at, called_at=called, office_id=1, state=TicketState.DONE,
                queued_at=at, rank_at=at, counter_id=1,
            )
        )  # fmt: skip
        session.add(
            Call(
                office_id=1, ticket=UUID(int=place), day=day, field=of, priority="", counter_id=1,
                session_id=None, queued_at=at, called_at=called, recalls=0, started_at=called,
                ended_at=called + timedelta(minutes=serve), outcome=outcome,
            )
        )  # fmt: skip


@pytest.fixture
def office(database: Database) -> Database:
    with database.writing() as session:
        settle(session, FIRST_OFFICE, office_settings())
        add_device(session, FIRST_OFFICE, "K1", Role.KIOSK, EIGHT)
        session.add(Counter(office_id=1, label="3", fields=[]))
    return database


def test_known_times_give_known_figures(office: Database) -> None:
    for place in range(1, 11):
        call(office, place, wait=2 * place, serve=5)
    call(office, 11, wait=40, serve=1, outcome=Outcome.ABSENT, field="land")
    call(office, 12, wait=1, serve=1, at=EIGHT - timedelta(days=1))
    with office.reading() as session:
        report = read_report(session, 1, ZONE, Period(MONDAY, MONDAY), 15)
    [civil, land] = report.by_field
    assert (civil.key, civil.calls, civil.absent) == ("civil", 10, 0)
    assert civil.waiting is not None
    assert (civil.waiting.median, civil.waiting.p90, civil.waiting.within) == (10, 18, 0.7)
    assert civil.service is not None
    assert (civil.service.median, civil.service.count) == (5, 10)
    assert (land.absent, land.service) == (1, None)
    assert report.tickets == 11
    assert report.arrivals == {(0, 8): 11}
    assert [each.key for each in report.by_hour] == ["08"]
    assert (report.visits, report.recognised_share) == (0, None)


@given(st.lists(st.floats(0, 1e4), min_size=1), st.floats(0, 1e4))
def test_a_spread_keeps_its_word(minutes: list[float], target: float) -> None:
    told = spread(minutes, target)
    assert told is not None
    below = [sum(each <= limit for each in minutes) for limit in (told.median, told.p90)]
    assert below[0] >= len(minutes) * 0.5
    assert below[1] >= len(minutes) * 0.9
    assert told.within == sum(each <= target for each in minutes) / len(minutes)


@given(st.floats(1e-3, 1e6))
def test_an_axis_ends_at_a_round_number_just_above(most: float) -> None:
    assert most - 1e-9 <= nice(most) <= most * 2.0001


def test_charts_take_nothing_for_markup() -> None:
    bad = Bar("<script>", 1, 2, "&")
    for drawn in (bars("<b>", [bad], 1), columns('"', [bad]), heat("'", ["<i>"], [8], {(0, 8): 3})):
        assert "<script" not in drawn
        assert "<b>" not in drawn
        assert "<i>" not in drawn


def test_figures_have_the_readers_decimal_mark() -> None:
    bar = Bar("A", 7.5, 0, "")
    marks: dict[Language, str] = {"vi": ">7,5<", "en": ">7.5<"}
    for language, said in marks.items():
        write = partial(number, language)
        drawn = bars("", [bar], 7.5, write) + heat("", ["A"], [8], {(0, 8): 7.5}, write)
        assert drawn.count(said) == 2


def test_files_hold_the_figures_and_no_formulas() -> None:
    tables = [Table("Theo quầy", ["Quầy", "Chờ"], [["=1+1", 12.3456], ["5A", None]])]
    rows = list(csv.reader(io.StringIO(as_csv(tables).decode("utf-8-sig"))))
    assert rows == [["Theo quầy"], ["Quầy", "Chờ"], ["'=1+1", "12.346"], ["5A", ""]]
    sheet = load_workbook(io.BytesIO(as_xlsx(tables)))["Theo quầy"]
    assert [[cell.value for cell in row] for row in sheet] == [
        ["Quầy", "Chờ"], ["=1+1", 12.3456], ["5A", None],
    ]  # fmt: skip
    assert sheet["A2"].data_type == "s"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000, b'{"a": "b"}'])
def test_what_is_no_result_is_none(content: bytes) -> None:
    assert figures_of(content) is None


def test_a_result_is_every_number_by_its_place() -> None:
    told = figures_of(b'{"far": {"1e-3": 0.5, "ok": true}, "n": 7}')
    assert told == [("n", 7.0), ("far 1e-3", 0.5)]


@pytest.mark.slow
def test_the_manager_reads_a_week(
    office: Database, browse: Callable[..., Any], look: Callable[..., None], backend: str
) -> None:
    chance = random.Random(8)
    for place in range(1, 151):
        at = EIGHT - timedelta(days=chance.choice((0, 3, 4, 5, 6)))
        at += timedelta(minutes=chance.triangular(-30, 500, 90))
        outcome = Outcome.ABSENT if chance.random() < 0.06 else Outcome.SERVED
        of = chance.choice(("civil", "civil", "land", "stamp"))
        wait, serve = chance.lognormvariate(2.2, 0.6), chance.lognormvariate(1.7, 0.4)
        call(office, place, wait, serve, at=at, field=of, outcome=outcome)
    page = browse(UserRole.MANAGER, "/reports")
    assert page.locator("svg.chart").count() == 5
    look(page, f"reports-{backend}")
    page.emulate_media(media="print")
    look(page, f"reports-print-{backend}")
    page.emulate_media(media="screen")
    with page.expect_download() as download:
        page.click("text=Tải Excel")
    book = load_workbook(io.BytesIO(download.value.path().read_bytes()))
    assert book.sheetnames[0] == "Toàn kỳ"
    page.goto("/reports/recognition")
    page.set_input_files(
        "#measured", {"name": "r.json", "mimeType": "application/json", "buffer": b'{"fmr": 0.001}'}
    )
    page.click("text=Hiện trong báo cáo")
    assert page.locator("td.number").inner_text() == "0,001"
    look(page, f"recognition-year-{backend}")
    page.goto("/reports?from=2026-03-05&to=2026-03-01")
    assert page.locator("svg.chart").count() == 0
