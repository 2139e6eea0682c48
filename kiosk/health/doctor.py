"""All checks, and what could be mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kiosk.health.check import Check
from kiosk.health.checks import CHECKS
from kiosk.health.finding import Concern, Finding, Level
from kiosk.health.fix import Fix
from kiosk.health.fixes import FIXES
from kiosk.health.place import Place
from kiosk.locale import LANGUAGES
from kiosk.provision.release import running

ALL_WELL, SOMETHING_BAD, SOMETHING_TO_WATCH = 0, 1, 3
"""Exit statuses; 2 is, as everywhere, something wrong in the caller's input."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One check's finding; ``fixed`` names the fix that mended it, which was then found good."""

    name: str
    concern: Concern
    finding: Finding
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """How a kiosk was at one moment."""

    at: datetime
    running: bool
    """A kiosk was at work."""
    checked: tuple[Checked, ...]

    @property
    def worst(self) -> Level:
        """Of all findings."""
        return max(
            (each.finding.level for each in self.checked),
            key=lambda level: level.rank,
            default=Level.ABSENT,
        )

    @property
    def status(self) -> int:
        """What to exit with."""
        if self.worst is Level.BAD:
            return SOMETHING_BAD
        return SOMETHING_TO_WATCH if self.worst is Level.WATCH else ALL_WELL

    def plain(self) -> dict[str, Any]:
        """For machines: see ``docs/technician.md``."""
        return {
            "at": self.at.isoformat(timespec="seconds"),
            "version": running(),
            "running": self.running,
            "worst": self.worst,
            "checks": [_plain(each) for each in self.checked],
        }


def examine(
    place: Place,
    *,
    mend: bool = False,
    checks: Sequence[Check[Any]] = CHECKS,
    fixes: Sequence[Fix] = FIXES,
) -> Examination:
    """Try every check; with ``mend`` every fix for what was found, and those checks again."""
    checked = [Checked(check.name, check.concern, check(place)) for check in checks]
    if mend:
        pairs = zip(checks, checked, strict=True)
        checked = [_mended(place, check, each, fixes) for check, each in pairs]
    return Examination(place.now(), place.parts.running, tuple(checked))


def _mended(place: Place, check: Check[Any], checked: Checked, fixes: Sequence[Fix]) -> Checked:
    for fix in fixes:
        if checked.finding.key in fix.cures and fix(place):
            again = check(place)
            better = again.level.rank < checked.finding.level.rank
            return replace(checked, finding=again, fixed=fix.name if better else "")
    return checked


def _plain(checked: Checked) -> dict[str, Any]:
    finding = checked.finding
    return {
        "check": checked.name,
        "concern": checked.concern,
        "level": finding.level,
        "key": finding.key,
        "figures": dict(finding.figures),
        "fixed": checked.fixed,
        **{f"what_{language}": finding.what(language) for language in LANGUAGES},
        **{f"do_{language}": finding.do(language) for language in LANGUAGES},
    }
