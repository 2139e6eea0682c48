"""What every route needs: the database, the time, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

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

    def today(self) -> date:
        """The offices' day."""
        return self.now().astimezone(self.zone).date()


async def _server(request: Request) -> Server:
    return request.app.state.server


ServerDep = Annotated[Server, Depends(_server)]


def _kiosk(
    server: ServerDep, signed: Annotated[HTTPAuthorizationCredentials | None, Depends(_signature)]
) -> Signer:
    if signed is None:
        raise Denial("unsigned")
    return server.gate.admit(signed.credentials, server.now())


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
"""The kiosk that signed the request; :class:`Denial` without one."""
OfficeId = Annotated[int, Depends(_office)]
"""The id of the office's software whose token it is; 401 without one."""


DENIED: dict[int | str, dict[str, Any]] = {
    401: {"model": Denied, "description": "not signed, or not as it should be; says why"},
    403: {"model": Denied, "description": "this kiosk was revoked"},
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
