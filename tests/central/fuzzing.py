"""Requests made from a schema, good ones and bad ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode


def try_(operation: Any, examples: int, ask: Callable[[Any], None]) -> None:
    """Have ``ask`` send so many cases of the operation."""
    cases = st.one_of(
        operation.as_strategy(),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @given(case=cases)
    @settings(
        max_examples=examples,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    def each(case: Any) -> None:
        ask(case)

    each()
