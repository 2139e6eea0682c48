"""A simulated day: the same again, through the services, and its waits foretold better than
naively."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from central.db.engine import Database
from central.db.models import FIRST_OFFICE, Citizen, Ticket, TicketState
from central.db.queue import Announcement, Call, CounterSession
from central.services.accounts import users_of
from central.simulation import office
from central.simulation.foretold import report
from central.simulation.people import KNOWN
from central.simulation.staging import CannotSimulate, staged
from tests.central.conftest import sqlite_only

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = date(2026, 3, 2)
MORNING = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
"""Ten o'clock at the office."""
LATER = datetime(2026, 4, 1, tzinfo=UTC)
PASSWORD = "hoa sen nở trong hồ"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office, "_COUNTERS", office._COUNTERS[:3])
    monkeypatch.setattr(office, "PEOPLE_PER_COUNTER", 36)


@sqlite_only
@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_a_whole_day_serves_everybody(database: Database) -> None:
    played = staged(database, FIRST_OFFICE, ZONE, 1, MONDAY, LATER, PASSWORD)
    played.day.agenda.play()
    with database.reading() as session:
        states = set(session.scalars(select(Ticket.state)))
        assert states <= {TicketState.DONE, TicketState.ABSENT}
        assert session.scalar(select(func.count()).select_from(Ticket)) == played.people
        unfinished = select(func.count()).select_from(Call).where(Call.ended_at.is_(None))
        assert session.scalar(unfinished) == 0
        still_open = select(CounterSession.position).where(CounterSession.closed_at.is_(None))
        assert session.scalars(still_open).all() == []
        calls = session.scalars(select(Call.recalls)).all()
        positions = session.scalars(select(Announcement.position).order_by(Announcement.position))
        assert list(positions) == list(range(1, len(calls) + sum(calls) + 1))
    errors = report(played.day.foretold)
    assert errors is not None
    assert errors.people > 0.9 * played.people
    assert errors.estimate_mae < 0.75 * errors.naive_mae
    with pytest.raises(CannotSimulate, match="again"):
        staged(database, FIRST_OFFICE, ZONE, 1, MONDAY, LATER, PASSWORD)


@sqlite_only
@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_today_is_played_up_to_now_and_the_same_again(
    begun_anew: Callable[[], Database],
) -> None:
    days: list[list[tuple[str, str]]] = []
    for _ in range(2):
        database = begun_anew()
        played = staged(database, FIRST_OFFICE, ZONE, 1, MONDAY, MORNING, PASSWORD)
        assert not played.is_shifted
        played.day.agenda.play(MORNING - timedelta(minutes=120))
        with database.reading() as session:
            rows = session.execute(select(Ticket.reference, Ticket.state).order_by(Ticket.position))
            days.append([(reference, state) for reference, state in rows])
            latest = session.scalars(select(func.max(Ticket.issued_at))).one()
            assert latest <= played.day.agenda.now
        database.close()
    assert days[0] == days[1]
    assert {"waiting", "done"} <= {state for _, state in days[0]}


@sqlite_only
@pytest.mark.usefixtures("small")
def test_out_of_hours_the_day_is_set_around_now(database: Database) -> None:
    night = MORNING + timedelta(hours=12)
    played = staged(database, FIRST_OFFICE, ZONE, 1, MONDAY, night, PASSWORD)
    assert played.is_shifted
    assert timedelta(hours=2) < night - played.day.agenda.now < timedelta(hours=4)


@sqlite_only
def test_no_day_is_made_up_where_a_kiosk_is_real(database: Database, key: object) -> None:
    with pytest.raises(CannotSimulate, match="real"):
        staged(database, FIRST_OFFICE, ZONE, 1, MONDAY, LATER, PASSWORD)


@sqlite_only
@pytest.mark.usefixtures("small")
def test_two_offices_have_a_day_each(database: Database, elsewhere: int) -> None:
    """The same day by the same seed, and nobody of one at the other."""
    for place in (FIRST_OFFICE, elsewhere):
        played = staged(database, place, ZONE, 1, MONDAY, MORNING, PASSWORD)
        played.day.agenda.play(played.day.agenda.next_at)
    with database.reading() as session:
        for place, end in ((FIRST_OFFICE, ""), (elsewhere, ".2")):
            known = select(func.count()).select_from(Citizen).filter_by(office_id=place)
            assert session.scalar(known) == KNOWN
            names = [f"{name}{end}" for name in ("canbo1", "canbo2", "canbo3", "manhinh", "quanly")]
            assert [user.name for user in users_of(session, place)] == names
