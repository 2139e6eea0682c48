"""The audit log, for those who must be able to read it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from central.db.accounts import AuditRow, UserRole
from central.services.accounts import users_of
from central.services.audit import concerns, verify
from central.services.devices import devices_of
from central.services.offices import all_offices
from central.services.releases import all_releases
from central.web.page import Page, PageDep, pages

router = pages(UserRole.ADMINISTRATOR, UserRole.MANAGER)
_PAGE = 100


@router.get("/audit")
def get_audit(
    page: PageDep,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    actor: Annotated[str, Query(max_length=64)] = "",
    subject: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The newest rows, or those before a position; of one actor, about one subject."""
    rows = select(AuditRow).order_by(AuditRow.position.desc()).limit(_PAGE)
    if before is not None:
        rows = rows.where(AuditRow.position < before)
    if actor:
        rows = rows.where(AuditRow.actor == actor)
    if subject:
        rows = rows.where(AuditRow.subject == subject)
    with page.database.reading() as session:
        found = list(session.scalars(rows.where(concerns(page.me.office_id))))
        # Whoever runs the server may have closed this office, and is nobody of it.
        names = {row.actor: page.text("audit.server") for row in found
                 if row.actor.startswith("user:")} | _names(page, session)  # fmt: skip
        more = found[-1].position if len(found) == _PAGE else None
        return page.show(
            "audit.html", rows=found, names=names, actor=actor, subject=subject, more=more
        )


def _names(page: Page, session: Session) -> dict[str, str]:
    """How actors and subjects are called, as far as the office may know."""
    office = page.me.office_id
    names = {f"user:{row.id}": row.full_name for row in users_of(session, office)}
    names |= {f"device:{row.id}": row.name for row in devices_of(session, office)}
    if page.me.runs_server:
        names |= {f"release:{row.id}": row.version for row in all_releases(session)}
        names |= {f"office:{row.id}": row.name for row in all_offices(session) if row.name}
    return names


@router.post("/audit/verify")
def post_verify(page: PageDep) -> Response:
    """Whether every row is still what was written."""
    with page.database.reading() as session:
        count, broken = verify(session, page.database.keys)
    if broken:
        return page.go("/audit", "audit.broken", position=broken.position)
    return page.go("/audit", "audit.intact", count=count)
