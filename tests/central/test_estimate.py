"""The queue played forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.services.estimate import InLine, OpenCounter, Pace, Spell, outlook, pace_of
from central.services.holder import rounded
from central.services.hours import Hours
from tests.central.queueing import settings

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
PACE = Pace(stated={"civil": 10.0, "land": 20.0})
ONE = OpenCounter(1, frozenset({"civil"}))
BOTH = OpenCounter(2, frozenset({"civil", "land"}))


def always(moment: datetime) -> datetime:
    return moment


def line(*fields: str) -> list[InLine]:
    return [InLine(UUID(int=place), field) for place, field in enumerate(fields, start=1)]


def minutes(moment: datetime) -> float:
    return (moment - NOON) / timedelta(minutes=1)


def calls(waiting: list[InLine], *counters: OpenCounter, pace: Pace = PACE) -> dict[int, float]:
    ahead = outlook(NOON, waiting, counters, pace, always)
    return {ticket.int: minutes(at) for ticket, at in ahead.calls.items()}


def test_counters_call_in_turn() -> None:
    assert calls(line("civil", "civil", "civil"), ONE) == {1: 0, 2: 10, 3: 20}
    assert calls(line("civil", "civil", "civil"), ONE, BOTH) == {1: 0, 2: 0, 3: 10}


def test_a_counter_of_two_fields_is_kept_by_the_other() -> None:
    """What "tickets ahead in the field" does not see."""
    assert calls(line("land", "civil"), BOTH) == {1: 0, 2: 20}


def test_whom_nobody_serves_is_told_nothing() -> None:
    assert calls(line("land", "civil"), ONE) == {2: 0}


def test_a_ticket_for_one_counter_waits_for_it() -> None:
    waiting = [InLine(UUID(int=1), "civil"), InLine(UUID(int=2), "land", counter_id=1)]
    assert calls(waiting, ONE, BOTH)[2] in (0, 10)
    assert calls([InLine(UUID(int=1), "land", counter_id=1)], BOTH) == {}


def test_whoever_is_there_leaves_first() -> None:
    busy = OpenCounter(1, frozenset({"civil"}), "civil", NOON - timedelta(minutes=4))
    assert calls(line("civil"), busy) == {1: 6}
    late = OpenCounter(1, frozenset({"civil"}), "civil", NOON - timedelta(minutes=30))
    assert calls(line("civil"), late) == {1: 10}  # no more than a whole call


def test_a_newcomer_is_told_when_a_counter_runs_out_of_others() -> None:
    ahead = outlook(NOON, line("civil", "land"), [ONE, BOTH], PACE, always)
    assert {of: minutes(at) for of, at in ahead.newcomers.items()} == {"civil": 10, "land": 20}


def test_nobody_is_called_in_a_break() -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    hours = Hours(settings(hours={"mon": ("07:30-12:05", "13:30-17:00")}), zone)
    ahead = outlook(NOON, line("civil", "civil"), [ONE], PACE, hours.working)
    assert [minutes(at) for at in ahead.calls.values()] == [0, 90]


def spell(minutes_long: float, ended: float, queued: float = -60, counter: int = 1) -> Spell:
    end = NOON + timedelta(minutes=ended)
    start = end - timedelta(minutes=minutes_long)
    return Spell("civil", counter, NOON + timedelta(minutes=queued), start, end)


def test_the_pace_is_that_of_the_latest_calls() -> None:
    slow = pace_of([spell(20, -10 * age) for age in range(30)], {"civil": 10})
    assert 17 < slow.expected("civil") < 20
    assert pace_of([], {"civil": 10}).expected("civil") == 10
    turned = pace_of([*(spell(5, -5 * age) for age in range(9)), spell(20, 25)], {"civil": 5})
    assert turned.expected("civil") > 5.5


def test_the_way_from_one_to_the_next_counts_only_while_somebody_waits() -> None:
    busy = pace_of([spell(5, -10), spell(5, -4)], {})
    assert busy.turnaround == 1
    idle = pace_of([spell(5, -10), spell(5, -4, queued=-9.5)], {})
    assert idle.turnaround == 0


@given(
    fields=st.lists(st.sampled_from(["civil", "land"]), max_size=30),
    more=st.booleans(),
)
def test_everybody_served_is_told_and_in_order(fields: list[str], more: bool) -> None:
    counters = [BOTH, ONE] if more else [BOTH]
    told = calls(line(*fields), *counters)
    assert len(told) == len(fields)
    for of in ("civil", "land"):
        mine = [told[place] for place, field in enumerate(fields, start=1) if field == of]
        assert mine == sorted(mine)
    if more:
        alone = calls(line(*fields), BOTH)
        assert all(told[place] <= alone[place] for place in told)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, 0), (1, 1), (300, 5), (600, 10), (601, 15), (3599, 60)]
)
def test_minutes_are_said_as_people_do(seconds: int, said: int) -> None:
    assert rounded(timedelta(seconds=seconds)) == said
