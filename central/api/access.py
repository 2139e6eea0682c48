"""What every route needs: the database, the time, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from anyio import CapacityLimiter, to_thread
from fastapi import Depends, HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from central.db.engine import Database
from central.db.models import Role
from central.gate import Gate
from central.live import Live
from central.services.admission import Denial, Signer
from central.services.devices import device_of
from wire import Denied

_token = HTTPBearer(
    auto_error=False, scheme_name="office", description="the token `central device add` printed"
)
_signature = HTTPBearer(
    auto_error=False,
    scheme_name="kiosk",
    bearerFormat="JWT",
    description="EdDSA, by the key the kiosk was enrolled with; good for one request",
)


_KIOSKS_AT_ONCE = 3
"""Requests of kiosks a worker serves at once. Each is mostly Python's work, which goes no faster in
more threads: sixteen made the slowest hundredth of fifty a second wait twice as long as four."""


@dataclass(frozen=True, slots=True)
class Server:
    """What the running server consists of."""

    database: Database
    zone: ZoneInfo
    now: Callable[[], datetime]
    gate: Gate
    live: Live
    releases: Path
    """Folder of the bundles kiosks may fetch."""
    kiosks: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_KIOSKS_AT_ONCE))
    """The threads kiosks are served by. Pages have others."""

    def today(self) -> date:
        """The offices' day."""
        return self.now().astimezone(self.zone).date()


async def _server(request: Request) -> Server:
    return request.app.state.server


ServerDep = Annotated[Server, Depends(_server)]


async def _sender(
    server: ServerDep, signed: Annotated[HTTPAuthorizationCredentials | None, Depends(_signature)]
) -> Signer:
    if signed is None:
        raise Denial("unsigned")
    admit, token = server.gate.admit, signed.credentials
    return await to_thread.run_sync(admit, token, server.now(), limiter=server.kiosks)


SenderDep = Annotated[Signer, Depends(_sender)]
"""The kiosk that signed the request; :class:`Denial` without one. That it was seen is noted with
what it delivers."""


def _kiosk(server: ServerDep, kiosk: SenderDep) -> Signer:
    server.gate.note(kiosk, server.now())
    return kiosk


def _office(
    server: ServerDep, token: Annotated[HTTPAuthorizationCredentials | None, Depends(_token)]
) -> int:
    with server.database.looking() as session:
        device = device_of(session, token.credentials) if token else None
        if device is None or device.role != Role.OFFICE:
            raise HTTPException(
                401, "unknown or revoked token", headers={"WWW-Authenticate": "Bearer"}
            )
        return device.id


KioskDep = Annotated[Signer, Depends(_kiosk)]
"""As :data:`SenderDep`, of a kiosk that delivers nothing: it is noted here that it was seen."""
OfficeId = Annotated[int, Depends(_office)]
"""The id of the office's software whose token it is; 401 without one."""


DENIED: dict[int | str, dict[str, Any]] = {
    401: {"model": Denied, "description": "not signed, or not as it should be; says why"},
    403: {"model": Denied, "description": "this kiosk was revoked, or its office is closed"},
}
"""How a kiosk's route describes its refusals."""


def denied(request: Request, denial: Exception) -> JSONResponse:
    """Why a kiosk was not let in, and what time it is."""
    reason = denial.reason if isinstance(denial, Denial) else "unknown"
    server: Server = request.app.state.server
    answer = Denied(reason=reason, now=server.now())
    return JSONResponse(
        answer.model_dump(mode="json"),
        403 if reason == "revoked" else 401,
        headers={"WWW-Authenticate": "Bearer"},
    )
