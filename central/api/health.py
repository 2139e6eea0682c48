"""Is the server there?"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from central.api.access import ServerDep

router = APIRouter(tags=["health"])
probes = APIRouter(include_in_schema=False)
"""For a proxy or a monitor, at fixed paths beside the contract."""


class Health(BaseModel):
    """The server answers and its database can be read."""

    ok: bool = True


@router.get("/health")
def get_health(server: ServerDep) -> Health:
    """Answers without a token."""
    with server.database.reading() as session:
        session.execute(text("SELECT 1"))
    return Health()


@probes.get("/health/live")
async def get_live() -> Health:
    """The process serves requests; it need not be started anew."""
    return Health()


@probes.get("/health/ready")
def get_ready(server: ServerDep) -> Health:
    """The database answers too; 503 when it does not: send requests elsewhere for now."""
    return get_health(server)
