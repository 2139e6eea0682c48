"""Open when the board at the door says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.hours import ALL_DAY, OfficeHours, Span

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING, AFTERNOON = Span.parse("07:30-11:30"), Span.parse("13:30-17:00")
WORKDAY = (MORNING, AFTERNOON)
WEEK = (WORKDAY,) * 5 + ((MORNING,), ())
NATIONAL_DAY = date(2026, 9, 2)  # a Wednesday
OFFICE = OfficeHours(HANOI, WEEK, frozenset({NATIONAL_DAY}))
MOMENTS = st.datetimes(datetime(2026, 8, 1), datetime(2026, 10, 1), timezones=st.just(UTC))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 9, day, hour, minute, tzinfo=HANOI)


@pytest.mark.parametrize(
    ("moment", "is_open", "opens"),
    [
        (local(1, 7, 29), False, local(1, 7, 30)),
        (local(1, 7, 30), True, local(1, 13, 30)),
        (local(1, 11, 29), True, local(1, 13, 30)),
        (local(1, 11, 30), False, local(1, 13, 30)),
        (local(1, 17), False, local(3, 7, 30)),  # tomorrow is a holiday
        (local(2, 9), False, local(3, 7, 30)),
        (local(5, 9), True, local(7, 7, 30)),  # Saturday morning; Sunday is closed
        (local(5, 12), False, local(7, 7, 30)),
    ],
)
def test_a_week_with_a_holiday(moment: datetime, is_open: bool, opens: datetime) -> None:
    asked = moment.astimezone(UTC)  # the kiosk's own time zone says nothing
    assert (OFFICE.is_open(asked), OFFICE.next_opening(asked)) == (is_open, opens)


def test_without_hours_only_holidays_are_closed() -> None:
    always = OfficeHours(HANOI, holidays=frozenset({NATIONAL_DAY}))
    assert always.is_open(local(1, 0))
    assert always.is_open(local(1, 23, 59))
    assert not always.is_open(local(2, 12))
    assert always.next_opening(local(2, 12)) == local(3, 0)


def test_an_office_that_never_opens_has_no_next_opening() -> None:
    closed = OfficeHours(HANOI, ((),) * 7)
    assert not closed.is_open(local(1, 9))
    assert closed.next_opening(local(1, 9)) is None


@given(moment=MOMENTS)
def test_the_next_opening_is_the_first_after_now(moment: datetime) -> None:
    opens = OFFICE.next_opening(moment)
    assert opens is not None
    assert opens > moment
    assert OFFICE.is_open(opens)
    assert not OFFICE.is_open(opens - timedelta(seconds=1))
    if not OFFICE.is_open(moment):
        halfway = moment + (opens - moment) / 2
        assert not OFFICE.is_open(halfway)


@pytest.mark.parametrize("text", ["7:30-11:30", "07:30-24:00", "0730-1130", "", "07:30 - 11:30"])
def test_hours_are_written_one_way(text: str) -> None:
    with pytest.raises(ValueError, match="07:30-11:30"):
        Span.parse(text)


def test_hours_are_shown_as_they_are_written() -> None:
    assert str(MORNING) == "07:30-11:30"
    assert Span(time(0), time(23, 30)) < ALL_DAY
