"""The rule that an unexpected warning fails a test, tested on a test that breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

RULE = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("expected", "outcome"), [("", {"passed": 1, "errors": 1}), ("paper", {"passed": 1})]
)
def test_warning_fails_unless_expected(
    pytester: pytest.Pytester, expected: str, outcome: dict[str, int]
) -> None:
    pytester.makeconftest(RULE)
    pytester.makepyfile(
        f"""
        import logging

        def test_it(expected_warnings):
            expected_warnings.extend({[expected] if expected else []!r})
            logging.getLogger("printer").warning("out of paper")
        """
    )
    pytester.runpytest_subprocess().assert_outcomes(**outcome)
