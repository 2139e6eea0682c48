"""The menu: which pages there are, in which order, for whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from central.db.accounts import UserRole

if TYPE_CHECKING:
    from central.web.page import SignedIn


@dataclass(frozen=True, slots=True)
class Entry:
    """One page, or several that belong together. ``name``: key of its name."""

    path: str
    name: str
    roles: frozenset[UserRole]
    parts: tuple[tuple[str, str], ...] = ()
    """Paths and keys of the names of the pages under this name, this one first."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Where one is on these pages."""
        return tuple(path for path, _ in self.parts) or (self.path,)


_OF_SERVER = frozenset({"/offices", "/releases"})
"""For the office that runs the server."""
_STAFF = frozenset({UserRole.OFFICER, UserRole.MANAGER})
_ADMINISTRATOR = frozenset({UserRole.ADMINISTRATOR})
_DEVICES = (("/devices", "devices.menu"), ("/releases", "releases.menu"))
_OFFICE = (
    ("/office", "office.part"),
    ("/counters", "queue.setup.menu"),
    ("/retention", "office.retention.menu"),
)
MENU: tuple[Entry, ...] = (
    Entry("/counter", "queue.counter.menu", frozenset({UserRole.OFFICER})),
    Entry("/reports", "reports.menu", frozenset({UserRole.MANAGER})),
    Entry("/citizens", "citizens.menu", _STAFF),
    Entry("/requests", "requests.menu", _STAFF),
    Entry("/duplicates", "citizens.duplicates.menu", frozenset({UserRole.MANAGER})),
    Entry("/devices", "devices.menu", _ADMINISTRATOR, _DEVICES),
    Entry("/users", "users.menu", _ADMINISTRATOR),
    Entry("/office", "office.menu", _ADMINISTRATOR, _OFFICE),
    Entry("/offices", "offices.menu", _ADMINISTRATOR),
    Entry("/law", "law.menu", _ADMINISTRATOR),
    Entry("/audit", "audit.menu", frozenset({UserRole.ADMINISTRATOR, UserRole.MANAGER})),
    Entry("/display", "queue.display.menu", frozenset(UserRole)),
)
"""The first entry somebody may open is where they begin."""


def menu_for(user: SignedIn | None) -> list[Entry]:
    """What somebody may open; nothing while they have something more urgent to do."""
    if user is None or user.duty:
        return []
    hidden = frozenset[str]() if user.runs_server else _OF_SERVER
    return [_without(hidden, entry) for entry in MENU
            if user.role in entry.roles and entry.path not in hidden]  # fmt: skip


def _without(hidden: frozenset[str], entry: Entry) -> Entry:
    parts = tuple(part for part in entry.parts if part[0] not in hidden)
    return replace(entry, parts=parts if len(parts) > 1 else ())


def start_of(user: SignedIn) -> str:
    """Where somebody begins."""
    return user.duty or next((entry.path for entry in menu_for(user)), "/account")
