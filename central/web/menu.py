"""The menu: which pages there are, in which order, for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from central.db.accounts import UserRole

if TYPE_CHECKING:
    from central.web.page import SignedIn


@dataclass(frozen=True, slots=True)
class Entry:
    """One page. ``name``: key of its name."""

    path: str
    name: str
    roles: frozenset[UserRole]


_STAFF = frozenset({UserRole.OFFICER, UserRole.MANAGER})
_ADMINISTRATOR = frozenset({UserRole.ADMINISTRATOR})
MENU: tuple[Entry, ...] = (
    Entry("/counter", "queue.counter.menu", frozenset({UserRole.OFFICER})),
    Entry("/reports", "reports.menu", frozenset({UserRole.MANAGER})),
    Entry("/citizens", "citizens.menu", _STAFF),
    Entry("/requests", "requests.menu", _STAFF),
    Entry("/duplicates", "citizens.duplicates.menu", frozenset({UserRole.MANAGER})),
    Entry("/devices", "devices.menu", _ADMINISTRATOR),
    Entry("/users", "users.menu", _ADMINISTRATOR),
    Entry("/office", "office.menu", _ADMINISTRATOR),
    Entry("/counters", "queue.setup.menu", _ADMINISTRATOR),
    Entry("/retention", "office.retention.menu", _ADMINISTRATOR),
    Entry("/audit", "audit.menu", frozenset({UserRole.ADMINISTRATOR, UserRole.MANAGER})),
    Entry("/display", "queue.display.menu", frozenset(UserRole)),
)
"""The first entry somebody may open is where they begin."""


def menu_for(user: SignedIn | None) -> list[Entry]:
    """What somebody may open; nothing while they have something more urgent to do."""
    if user is None or user.duty:
        return []
    return [entry for entry in MENU if user.role in entry.roles]


def start_of(user: SignedIn) -> str:
    """Where somebody begins."""
    return user.duty or next((entry.path for entry in menu_for(user)), "/account")
