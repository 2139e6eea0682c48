"""Down: what the kiosk should know."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from wire.events import FieldId, Model, Moment


class FieldStatus(Model):
    """One field of business, as the whole office sees it."""

    field: FieldId
    waiting: int = Field(ge=0, description="people holding a ticket and not yet called")
    minutes_each: float | None = Field(
        default=None, gt=0, description="minutes a citizen takes, if known"
    )


class Reprint(Model):
    """The staff want another paper of a ticket of this kiosk."""

    id: UUID = Field(description="of the request: one id, one paper, however often it is heard")
    ticket: UUID


class Changes(Model):
    """``GET /v1/changes``: the answer to a kiosk asking what is new."""

    as_of: Moment
    last_seq: int = Field(ge=0, description="seq of this device's newest event counted in")
    fields: tuple[FieldStatus, ...] = Field(description="a field left out: nobody is waiting")
    reprints: tuple[Reprint, ...] = Field(
        default=(), description="asked for and not yet heard to be done, oldest first"
    )
