"""The calls of a kiosk: enrolment, events up, changes down. The contract is :mod:`wire`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import version
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect

from central.api.access import DENIED, KioskDep, SenderDep, Server, ServerDep
from central.db.models import Device, Office
from central.services.admission import Signer
from central.services.board import statuses
from central.services.changes import CursorAhead, numbers_given, read_changes
from central.services.enrolment import enrol
from central.services.ingest import Unread, ingest
from central.services.offices import restart_stream
from central.services.papers import reprints_for
from wire import Ack, Batch, Changes, DeviceEnrolled, EnrolDevice

_log = logging.getLogger(__name__)

MAX_BODY = 1 << 20
"""Bytes; a full batch of the largest events is a third of it."""
_SCHEMAS = "#/components/schemas/{model}"

_RELEASE = version("touchless-kiosk")[:32]
AfterQuery = Annotated[int, Query(ge=0, le=2**53)]

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
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise HTTPException(413, f"a batch is at most {MAX_BODY} bytes")
    except ClientDisconnect as error:  # the kiosk lost its network or its power: it sends again
        raise HTTPException(400, "the request broke off") from error
    return bytes(body)


@router.post("/enrolment", responses={400: {"description": "no JSON"}, 401: DENIED[401]})
def post_enrolment(server: ServerDep, asked: EnrolDevice) -> DeviceEnrolled:
    """Become a kiosk of the office. Needs no signature; the token is good for one key, and asking
    again with the same key is safe."""
    with server.database.writing() as session:
        return enrol(session, server.database.keys, asked, server.now())


@router.post(
    "/events",
    response_model=Ack,
    responses=DENIED
    | {
        413: {"description": "more than 1 MiB"},
        422: {"description": "no batch of 1 to 200 events"},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _SCHEMAS.format(model="Batch")}}},
        }
    },
)
async def post_events(
    server: ServerDep,
    kiosk: SenderDep,
    body: Annotated[bytes, Depends(_body)],
    stream: UUID | None = None,
    after: AfterQuery | None = None,
) -> Response:
    """Deliver events. Repeating a delivery is safe: each event is stored once. With ``after`` the
    answer says also what `GET /v1/changes` would: one request instead of two."""
    asked = server, kiosk, body, stream, after
    return await to_thread.run_sync(deliver, *asked, limiter=server.kiosks)


@router.get("/changes", response_model=Changes, responses=DENIED)
def get_changes(
    server: ServerDep, kiosk: KioskDep, stream: UUID | None = None, after: AfterQuery = 0
) -> Response:
    """What this kiosk has not heard of: changes after the cursor ``after`` of ``stream``, how
    many people wait, which of its events that count includes, which papers to print again."""
    return as_json(news(server, kiosk, stream, after))


def deliver(
    server: Server, kiosk: Signer, body: bytes, stream: UUID | None, after: int | None
) -> Response:
    """See :func:`post_events`."""
    ack = take(server, kiosk, body, stream, after)
    return as_json(ack, without={"changes"} if after is None else None)


def take(
    server: Server, kiosk: Signer, body: bytes, stream: UUID | None = None, after: int | None = None
) -> Ack:
    """Store what a kiosk delivers; what the answer says is then on the disk. With ``after``, in
    the same transaction, what the kiosk has not heard of."""
    try:
        batch = _UnreadBatch.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        raise HTTPException(422, faults[:1]) from error
    try:
        return _stored(server, kiosk, batch, stream, after)
    except CursorAhead:
        _begin_anew(server, kiosk)
        return _stored(server, kiosk, batch, None, 0)


def _stored(
    server: Server, kiosk: Signer, batch: _UnreadBatch, stream: UUID | None, after: int | None
) -> Ack:
    try:
        return _taken(server, kiosk, batch, stream, after)
    except IntegrityError:
        return _taken(server, kiosk, batch, stream, after, one_by_one=True)


def _taken(
    server: Server,
    kiosk: Signer,
    batch: _UnreadBatch,
    stream: UUID | None,
    after: int | None,
    *,
    one_by_one: bool = False,
) -> Ack:
    keys, now = server.database.keys, server.now()
    pace = server.live.boards.minutes_each(kiosk.office_id) if after is not None else {}
    with server.database.writing() as session:
        ack = ingest(session, keys, kiosk.device_id, batch.events, now, one_by_one=one_by_one)
        if after is None:
            return ack
        said = _changes(session, server, kiosk, stream, after, pace)
        return ack.model_copy(update={"changes": said})


def news(server: Server, kiosk: Signer, stream: UUID | None, after: int) -> Changes:
    """What a kiosk has not heard of."""
    pace = server.live.boards.minutes_each(kiosk.office_id)
    try:
        with server.database.reading() as session:
            return _changes(session, server, kiosk, stream, after, pace)
    except CursorAhead:
        _begin_anew(server, kiosk)
        return news(server, kiosk, None, 0)


def _begin_anew(server: Server, kiosk: Signer) -> None:
    _log.warning("A kiosk is ahead of this database, an older copy: the stream begins anew")
    with server.database.writing() as session:
        restart_stream(session, kiosk.office_id)


def as_json(answer: BaseModel, without: set[str] | None = None) -> Response:
    """Written here, in the route's thread: FastAPI would check the model once more, and in
    another one."""
    return Response(answer.model_dump_json(exclude=without), media_type="application/json")


def _changes(
    session: Session,
    server: Server,
    kiosk: Signer,
    stream: UUID | None,
    after: int,
    pace: Mapping[str, float],
) -> Changes:
    device = session.get_one(Device, kiosk.device_id)
    office = session.get_one(Office, device.office_id)
    items, cursor, more = read_changes(session, server.database.keys, office, stream, after)
    anew = after == 0 or stream != office.stream
    return Changes(
        as_of=server.now(),
        last_seq=device.last_seq,
        numbers=numbers_given(session, device, server.today()) if anew else (),
        fields=statuses(session, office.id, server.today(), pace),
        reprints=reprints_for(session, device.id, server.now()),
        release=_RELEASE,
        stream=office.stream,
        items=tuple(items),
        cursor=cursor,
        more=more,
    )
