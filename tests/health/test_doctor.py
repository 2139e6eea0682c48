"""The examination as a whole: order, exit status, fixes, what machines read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kiosk.health.check import Check
from kiosk.health.checks import CHECKS
from kiosk.health.doctor import examine
from kiosk.health.finding import Finding, Level
from kiosk.health.fix import Fix
from kiosk.health.fixes import FIXES
from kiosk.health.place import Place
from kiosk.locale import LANGUAGES, catalogue
from tests.health.kiosks import place


def says(level: Level, key: str = "health.paper.good") -> Check[None]:
    return Check("paper", "hardware", lambda _: None, lambda _: Finding(level, key))


@pytest.mark.parametrize(
    ("levels", "status"),
    [
        ([Level.GOOD, Level.ABSENT], 0),
        ([Level.GOOD, Level.UNKNOWN], 0),
        ([Level.WATCH, Level.UNKNOWN], 3),
        ([Level.WATCH, Level.BAD], 1),
    ],
)
def test_the_exit_status_follows_the_worst(
    tmp_path: Path, levels: list[Level], status: int
) -> None:
    checks = [says(level, "health.paper.unknown") for level in levels]
    assert examine(place(tmp_path), checks=checks).status == status


def test_every_check_and_fix_has_its_words() -> None:
    for language in LANGUAGES:
        words = catalogue(language)
        for check in CHECKS:
            assert f"health.{check.name}.name" in words
        for fix in FIXES:
            assert f"health.fixed.{fix.name}" in words
            for key in fix.cures:
                assert f"{key}.what" in words


def test_every_finding_says_what_it_is_and_troubles_say_what_to_do() -> None:
    words = catalogue("en")
    fine = ("good", "none", "unwanted", "unmeasured")
    for key in words:
        section, *middle, last = key.split(".")
        if section == "health" and last == "what" and middle[-1] not in fine:
            assert f"health.{'.'.join(middle)}.do" in words, key


@pytest.mark.parametrize("expected_warnings", [["the check paper broke"]])
def test_a_check_that_breaks_holds_up_no_other(tmp_path: Path) -> None:
    def break_(here: Place) -> None:
        raise ZeroDivisionError

    broken = Check("paper", "hardware", break_, lambda _: Finding(Level.GOOD, ""))
    examination = examine(place(tmp_path), checks=[broken, says(Level.GOOD)])
    first, second = examination.checked
    assert (first.finding.key, first.finding.level) == ("health.broken", Level.UNKNOWN)
    assert second.finding.level is Level.GOOD


def test_a_fix_that_fails_changes_nothing(tmp_path: Path) -> None:
    def mend(here: Place) -> bool:
        raise PermissionError(1, "not permitted")

    fix = Fix("logs", frozenset({"health.space.out"}), mend)
    checks = [says(Level.BAD, "health.paper.unknown"), says(Level.BAD, "health.space.read_only")]
    examination = examine(place(tmp_path), mend=True, checks=checks, fixes=[fix])
    assert [each.fixed for each in examination.checked] == ["", ""]


def test_machines_read_everything(tmp_path: Path) -> None:
    plain = json.loads(json.dumps(examine(place(tmp_path)).plain()))
    assert [each["check"] for each in plain["checks"]] == [check.name for check in CHECKS]
    assert plain["worst"] in set(Level)
    camera = plain["checks"][0]
    assert camera["figures"] == {"frames_per_s": 15.0}
    assert camera["what_vi"] == "15.0 hình mỗi giây."
    assert camera["do_vi"] == ""
