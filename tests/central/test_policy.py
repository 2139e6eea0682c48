"""Whom to call next: bounded by the head start, whatever the crowd."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from central.services.policy import HEAD_START_MIN, QueuePolicy, explain
from wire import OfficePriority, Words

NOON = datetime(2026, 3, 2, 5, tzinfo=UTC)
minutes = st.integers(0, 600)


@given(mine=minutes, theirs=minutes, start=st.integers(0, 1440))
def test_nobody_is_overtaken_by_someone_later_than_the_head_start(
    mine: int, theirs: int, start: int
) -> None:
    policy = QueuePolicy(head_start_min={"elderly": float(start)})
    ordinary = policy.rank(NOON + timedelta(minutes=mine), "")
    first = policy.rank(NOON + timedelta(minutes=theirs), "elderly")
    assert (first < ordinary) == (theirs - mine < start)


@given(one=minutes, other=minutes, priority=st.sampled_from(["", "elderly"]))
def test_within_a_class_the_first_to_come_is_first(one: int, other: int, priority: str) -> None:
    ranks = [QueuePolicy().rank(NOON + timedelta(minutes=at), priority) for at in (one, other)]
    assert (ranks[0] < ranks[1]) == (one < other)


def test_a_class_the_office_says_nothing_about_has_an_hour() -> None:
    assert NOON - QueuePolicy().rank(NOON, "elderly") == timedelta(minutes=HEAD_START_MIN)


@pytest.mark.parametrize("start", [-1, 1441, float("nan")])
def test_a_head_start_is_within_a_day(start: float) -> None:
    with pytest.raises(ValidationError):
        QueuePolicy(head_start_min={"elderly": start})


def test_the_rule_is_explained_in_both_languages() -> None:
    elderly = OfficePriority(id="elderly", mark="U", name=Words(vi="Người cao tuổi", en="Elderly"))
    told = explain(QueuePolicy(head_start_min={"elderly": 30}, absent="keeps"), (elderly,))
    assert any("sớm hơn 30 phút" in each.vi and "30 minutes" in each.en for each in told)
    strict = explain(QueuePolicy(head_start_min={"elderly": 1440}), (elderly,))
    assert any("trước tất cả" in each.vi for each in strict)
    assert told != strict
    assert all(each.vi and each.en for each in (*told, *strict))
