"""Rules every test lives by: an unexpected warning in the log fails it."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Derandomised: the same commit gives the same verdict. Long campaigns raise the count.
settings.register_profile("everyday", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("campaign", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "everyday"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, so that no process is left with it while the others rest."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture
def expected_warnings() -> list[str]:
    """Regular expressions of the warnings this test provokes on purpose."""
    return []


@pytest.fixture(autouse=True)
def _no_unexpected_warning(expected_warnings: list[str]) -> Iterator[None]:
    collector = _Collector()
    logging.getLogger().addHandler(collector)
    yield
    logging.getLogger().removeHandler(collector)
    unexpected = [
        line
        for line in collector.lines
        if not any(re.search(pattern, line) for pattern in expected_warnings)
    ]
    assert not unexpected, "unexpected warnings in the log:\n" + "\n".join(unexpected)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")
