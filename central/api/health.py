"""Is the server there?"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import text

from central.api.access import ServerDep

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The server answers and its database can be read."""

    ok: bool = True


@router.get("/health")
def get_health(server: ServerDep) -> Health:
    """Answers without a token."""
    with server.database.reading() as session:
        session.execute(text("SELECT 1"))
    return Health()
