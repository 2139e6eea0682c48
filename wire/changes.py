"""Down: what the kiosk should know."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, cast, get_args
from uuid import UUID

from pydantic import BeforeValidator, Field

from wire.device import OfficeSecret
from wire.model import Count, FieldId, Model, Moment
from wire.office import OfficeSettings
from wire.people import ConsentGiven, MaskedPerson, ProtectedTemplate


class FieldStatus(Model):
    """One field of business, as the whole office sees it."""

    field: FieldId
    waiting: int = Field(ge=0, description="people holding a ticket and not yet called")
    minutes_each: float | None = Field(
        default=None,
        gt=0,
        description="minutes by which each of those waiting lengthens a newcomer's wait, as "
        "expected from the counters open now and the latest calls; null: not known",
    )


class NumbersGiven(Model):
    """How far this kiosk has counted on one day, from what central holds of it."""

    letters: str = Field(pattern=r"^[A-Z]{1,8}$", description="with which its numbers begin")
    day: date = Field(description="the office's day the numbers belong to")
    highest: Count


class Reprint(Model):
    """The staff want another paper of a ticket of this kiosk."""

    id: UUID = Field(description="of the request: one id, one paper, however often it is heard")
    ticket: UUID


class CitizenKnown(Model):
    """A citizen of the recognition area, as they are now; replaces what was known of them."""

    kind: Literal["citizen_known"] = "citizen_known"
    citizen: UUID
    number_index: str = Field(
        pattern=r"^[0-9a-f]{64}$", description="see number_index; under the newest number key"
    )
    masked: MaskedPerson
    sex: Literal["M", "F"] | None = None
    decade: str = Field(default="", pattern=r"^(\d{4}s)?$", description="of birth, as 1980s")
    consents: tuple[ConsentGiven, ...] = Field(min_length=1)
    template: ProtectedTemplate | None = None
    last_visit: Moment


class CitizenForgotten(Model):
    """A tombstone: this id is never to be known again, whatever else arrives."""

    kind: Literal["citizen_forgotten"] = "citizen_forgotten"
    citizen: UUID
    erased_at: Moment


class OfficeChanged(Model):
    """Fields, hours and priorities of the office from now on."""

    kind: Literal["office_changed"] = "office_changed"
    office: OfficeSettings


class SecretIssued(Model):
    """A new office secret: templates are to be turned by it from now on."""

    kind: Literal["secret_issued"] = "secret_issued"
    secret: OfficeSecret


AnyChange = CitizenKnown | CitizenForgotten | OfficeChanged | SecretIssued
CHANGE_KINDS = frozenset(
    cast("str", each.model_fields["kind"].default) for each in get_args(AnyChange)
)
"""What this release understands. A kiosk that has learnt a new kind asks again from the start."""


class Change(Model):
    """One change, at its place in the stream."""

    position: Count
    body: Annotated[AnyChange, Field(discriminator="kind")]


def _understood(items: object) -> object:
    """Without the changes of a kind that only a newer release knows."""
    if not isinstance(items, list | tuple):
        return items
    return [item for item in cast("list[object]", items) if _is_understood(item)]


def _is_understood(item: object) -> bool:
    kind = _value(_value(item, "body"), "kind")
    return not isinstance(kind, str) or kind in CHANGE_KINDS


def _value(table: object, key: str) -> object:
    return cast("dict[str, object]", table).get(key) if isinstance(table, dict) else None


class Changes(Model):
    """``GET /v1/changes?stream=…&after=…``: the answer to a kiosk asking what is new."""

    as_of: Moment
    last_seq: int = Field(ge=0, description="seq of this device's newest event counted in")
    fields: tuple[FieldStatus, ...] = Field(description="a field left out: nobody is waiting")
    reprints: tuple[Reprint, ...] = Field(
        default=(), description="asked for and not yet heard to be done, oldest first"
    )
    numbers: tuple[NumbersGiven, ...] = Field(
        default=(),
        description="told to who asks from the beginning: a kiosk with a new card must not give "
        "a number twice on one day",
    )
    release: str = Field(default="", max_length=32, description="of the server")
    stream: UUID | None = Field(
        default=None, description="another id than before: the changes begin at the beginning"
    )
    items: Annotated[tuple[Change, ...], BeforeValidator(_understood)] = Field(
        default=(), description="changes after the cursor, in order; kinds may be added"
    )
    cursor: int = Field(default=0, ge=0, description="what to ask for next, as `after`")
    more: bool = Field(default=False, description="there are more changes: ask again at once")
