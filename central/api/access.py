"""What every route needs: the database, the time, and who is asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from central.db.engine import Database
from central.db.models import Role
from central.services.devices import device_of

_bearer = HTTPBearer(auto_error=False, description="the token `central device add` printed")


@dataclass(frozen=True, slots=True)
class Server:
    """What the running server consists of."""

    database: Database
    zone: ZoneInfo
    now: Callable[[], datetime]

    def today(self) -> date:
        """The offices' day."""
        return self.now().astimezone(self.zone).date()


def _server(request: Request) -> Server:
    return request.app.state.server


ServerDep = Annotated[Server, Depends(_server)]
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


class Caller:
    """A dependency that admits tokens of one role and gives the device's id."""

    def __init__(self, role: Role) -> None:
        self._role = role

    def __call__(self, server: ServerDep, credentials: _Credentials) -> int:
        """401 without a valid token, 403 with another role's."""
        with server.database.reading() as session:
            device = device_of(session, credentials.credentials) if credentials else None
            known = (device.id, device.role) if device else None
        if known is None:
            raise HTTPException(
                401, "unknown or revoked token", headers={"WWW-Authenticate": "Bearer"}
            )
        if known[1] != self._role:
            raise HTTPException(403, f"a token of role {self._role} is needed")
        return known[0]


KioskId = Annotated[int, Depends(Caller(Role.KIOSK))]
OfficeId = Annotated[int, Depends(Caller(Role.OFFICE))]
