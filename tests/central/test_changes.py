"""What kiosks are told: everything once, in order, from wherever they are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Role
from central.services import changes
from central.services.offices import restart_stream, settle
from tests.central.people import NOON, citizen_id, enrolled, erased, event, tell, template
from wire import Changes, CitizenForgotten, CitizenKnown, OfficeSettings, number_index

MakeIssued = Callable[..., dict[str, Any]]
FIELD = {
    "id": "civil",
    "prefix": "C",
    "name": {"vi": "Hộ tịch"},
    "examples": {"vi": "Khai sinh"},
}


class Reader:
    """A kiosk's memory of the stream."""

    def __init__(self, api: Any) -> None:
        self._api = api
        self.stream: str | None = None
        self.cursor = 0

    def ask(self) -> Changes:
        where = {"stream": self.stream} if self.stream else {}
        answer = self._api.get("changes", after=self.cursor, **where)
        assert answer.status_code == 200, answer.text
        changes = Changes.model_validate_json(answer.content)
        assert changes.stream is not None
        self.stream, self.cursor = str(changes.stream), changes.cursor
        return changes

    def news(self) -> list[tuple[str, str]]:
        """Kind and citizen of everything new."""
        told, more = [], True
        while more:
            answer = self.ask()
            more = answer.more
            told += [
                (item.body.kind, str(getattr(item.body, "citizen", ""))) for item in answer.items
            ]
        return told


@pytest.fixture
def reader(call: Any) -> Reader:
    return Reader(call(Role.KIOSK))


def known(which: int) -> tuple[str, str]:
    return ("citizen_known", citizen_id(which))


def forgotten(which: int) -> tuple[str, str]:
    return ("citizen_forgotten", citizen_id(which))


def test_a_citizen_is_told_as_they_are(kiosk: Any, reader: Reader, database: Database) -> None:
    tell(kiosk, enrolled(1))
    [item] = reader.ask().items
    told = item.body
    assert isinstance(told, CitizenKnown)
    assert str(told.citizen) == citizen_id(1)
    assert (told.masked.name, told.masked.birth) == ("NGUYỄN V** T**", "19**")
    assert (told.sex, told.decade, told.last_visit) == ("M", "1990s", NOON)
    assert told.number_index == number_index(database.keys.secret("number").key, "001190012345")
    assert {consent.purpose for consent in told.consents} == {"recognise", "keep_identity"}
    assert told.template is not None
    assert told.template.model_dump(mode="json") == template()
    assert reader.news() == []


def test_a_new_card_reads_the_present_and_not_the_past(
    kiosk: Any, call: Any, reader: Reader
) -> None:
    later = NOON + timedelta(minutes=5)
    tell(kiosk, enrolled(1, 1), enrolled(2, 2, number="001190000002"))
    assert reader.news() == [known(1), known(2)]
    tell(kiosk, enrolled(3, 1, later, template=template(value=0.25)), erased(4, 2))
    assert reader.news() == [known(1), forgotten(2)]
    fresh = Reader(call(Role.KIOSK)).ask()
    told = {item.body.kind: item.body for item in fresh.items}
    assert len(fresh.items) == 2
    assert isinstance(told["citizen_forgotten"], CitizenForgotten)
    current = told["citizen_known"]
    assert isinstance(current, CitizenKnown)
    assert len(current.consents) == 2, "the newest of each purpose"
    assert current.template is not None
    assert current.template.model_dump(mode="json") == template(value=0.25)


def test_pages_follow_on_each_other(
    kiosk: Any, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "PAGE", 3)
    numbers = [f"0011900{which:05d}" for which in range(1, 9)]
    tell(kiosk, *(enrolled(n, n, number=number) for n, number in enumerate(numbers, start=1)))
    sizes, told = [], []
    for _ in range(4):
        answer = reader.ask()
        sizes.append((len(answer.items), answer.more))
        told += [item.position for item in answer.items]
        if answer.cursor == 3:  # somebody moves to the end meanwhile
            tell(kiosk, enrolled(20, 5, NOON + timedelta(minutes=1), numbers[4]))
    assert sizes == [(3, True), (3, True), (2, False), (0, False)]
    assert told == sorted(told)
    assert told[-1] == 9


def test_an_earlier_release_is_told_of_nobody(kiosk: Any, reader: Reader) -> None:
    tell(kiosk, enrolled(1, masked=None, template=None))
    assert reader.news() == []


def test_settings_reach_every_kiosk_once(reader: Reader, database: Database) -> None:
    for prefix in "CD":
        with database.writing() as session:
            settle(
                session,
                FIRST_OFFICE,
                OfficeSettings.model_validate({"fields": [FIELD | {"prefix": prefix}]}),
            )
    [item] = reader.ask().items
    assert item.body.kind == "office_changed"
    assert item.body.office.fields[0].prefix == "D"
    assert reader.news() == []


def test_visits_are_told_of_once_a_week(
    kiosk: Any, reader: Reader, issued: MakeIssued, database: Database
) -> None:
    before = NOON - timedelta(days=30)
    tell(kiosk, enrolled(1, at=before))
    assert reader.news() == [known(1)]
    for days, heard in ((2, []), (7, []), (8, [known(1)]), (9, [])):
        visit = issued(days + 10, citizen=citizen_id(1))
        visit["at"] = (before + timedelta(days=days)).isoformat()
        tell(kiosk, visit)
        assert reader.news() == heard, f"after {days} days"


def test_a_kiosks_clock_that_is_ahead_keeps_nobody_longer(
    kiosk: Any, desk: Any, issued: MakeIssued
) -> None:
    tell(kiosk, enrolled(1), issued(2, citizen=citizen_id(1)) | {"at": "2031-01-01T00:00:00Z"})
    assert desk.items("citizens")[0]["last_visit"] == "2026-03-02T05:00:00Z"


def test_another_stream_is_read_from_the_start(
    kiosk: Any, reader: Reader, database: Database
) -> None:
    tell(kiosk, enrolled(1))
    assert reader.news() == [known(1)]
    with database.writing() as session:
        restart_stream(session, FIRST_OFFICE)
    assert reader.news() == [known(1)]
    reader.stream = str(uuid4())
    assert reader.news() == [known(1)]


def test_a_database_that_is_behind_its_kiosks_begins_anew(
    kiosk: Any, reader: Reader, expected_warnings: list[str]
) -> None:
    expected_warnings.append("ahead of this database")
    tell(kiosk, enrolled(1))
    reader.ask()
    stream, reader.cursor = reader.stream, 1000
    assert reader.news() == [known(1)]
    assert reader.stream != stream
    assert reader.cursor == 1


def test_templates_anew_after_a_change_of_secrets_count_once(
    kiosk: Any, reader: Reader, database: Database
) -> None:
    def reissued(seq: int, **of: Any) -> dict[str, Any]:
        return event(seq, "template_issued", citizen=citizen_id(1), template=template(**of))

    old = database.keys.secret("template").id
    tell(kiosk, enrolled(1, template=template(old)))
    new = database.keys.renew_secret("template", NOON).id
    assert reader.news() == [known(1)]
    tell(kiosk, reissued(2, secret=new))
    assert reader.news() == [known(1)]
    tell(kiosk, reissued(3, secret=new), reissued(4, secret=old), reissued(5, secret="ab" * 8))
    assert reader.news() == []
    tell(kiosk, reissued(6, secret=new, model="newer"))
    [item] = reader.ask().items
    assert isinstance(item.body, CitizenKnown)
    assert item.body.template is not None
    assert (item.body.template.secret, item.body.template.model) == (new, "newer")
    nobody = event(7, "template_issued", citizen=citizen_id(2), template=template())
    tell(kiosk, nobody)
    assert reader.news() == []


def test_readers_see_positions_in_their_order_while_kiosks_write(call: Any) -> None:
    """Nothing that appears has a position below what was already read."""
    writers = [call(Role.KIOSK) for _ in range(3)]
    reader = Reader(call(Role.KIOSK))

    def write(which: int) -> None:
        for seq in range(1, 9):
            who = which * 10 + seq
            tell(writers[which], enrolled(100 + who, who, number=f"001190{who:06d}"))

    with ThreadPoolExecutor(3) as pool:
        done = [pool.submit(write, which) for which in range(3)]
        told = []
        while not all(each.done() for each in done):
            told += reader.news()
        told += reader.news()
    assert sorted(told) == sorted(
        known(10 * which + seq) for which in range(3) for seq in range(1, 9)
    )


@pytest.mark.parametrize("query", [{"after": -1}, {"after": 2**54}, {"stream": "x"}])
def test_a_cursor_has_a_form(kiosk: Any, query: dict[str, Any]) -> None:
    assert kiosk.get("changes", **query).status_code == 422
