"""The two calls of a kiosk: events up, changes down. The contract is :mod:`wire`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field, ValidationError

from central.api.access import KioskId, ServerDep
from central.db.models import Device
from central.services.ingest import Unread, ingest
from central.services.papers import reprints_for
from central.services.queue import waiting
from wire import Ack, Batch, Changes

MAX_BODY = 1 << 20
"""Bytes; a full batch of the largest events is a third of it."""
_SCHEMAS = "#/components/schemas/{model}"

router = APIRouter(tags=["kiosk"])


class _UnreadBatch(BaseModel):
    """A batch whose events are read one by one, so that a bad one cannot spoil the others."""

    events: list[Unread] = Field(min_length=1, max_length=200)


def batch_schemas() -> dict[str, Any]:
    """JSON Schema of :class:`wire.Batch` and everything in it, for the published OpenAPI."""
    batch = Batch.model_json_schema(ref_template=_SCHEMAS)
    return batch.pop("$defs") | {"Batch": batch}


async def _body(request: Request) -> bytes:
    """The request's body, refused as soon as it grows too long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"a batch is at most {MAX_BODY} bytes")
    return bytes(body)


@router.post(
    "/events",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _SCHEMAS.format(model="Batch")}}},
        }
    },
)
def post_events(server: ServerDep, kiosk: KioskId, body: Annotated[bytes, Depends(_body)]) -> Ack:
    """Deliver events. Repeating a delivery is safe: each event is stored once."""
    try:
        batch = _UnreadBatch.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        raise HTTPException(422, faults[:1]) from error
    with server.database.writing() as session:
        return ingest(session, session.get_one(Device, kiosk), batch.events, server.now())


@router.get("/changes")
def get_changes(server: ServerDep, kiosk: KioskId) -> Changes:
    """How many people wait, which of this kiosk's events that count includes, and which papers
    it should print again."""
    with server.database.reading() as session:
        return Changes(
            as_of=server.now(),
            last_seq=session.get_one(Device, kiosk).last_seq,
            fields=waiting(session, server.today()),
            reprints=reprints_for(session, kiosk, server.now()),
        )
