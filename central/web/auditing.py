"""The audit log, for those who must be able to read it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import Response
from sqlalchemy import select

from central.db.accounts import AuditRow, UserRole
from central.services.accounts import all_users
from central.services.audit import verify
from central.services.devices import all_devices
from central.services.releases import all_releases
from central.web.page import PageDep, pages

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
        users = {f"user:{user.id}": user for user in all_users(session)}
        devices = {f"device:{device.id}": device for device in all_devices(session)}
        actors = users | devices
        mine = page.me.office_id
        others = [each for each, row in actors.items() if row.office_id != mine]
        found = list(session.scalars(rows.where(AuditRow.actor.not_in(others))))
        names = {each: row.full_name for each, row in users.items() if row.office_id == mine}
        names |= {each: row.name for each, row in devices.items() if row.office_id == mine}
        names |= {f"release:{row.id}": row.version for row in all_releases(session)}
        more = found[-1].position if len(found) == _PAGE else None
        return page.show(
            "audit.html", rows=found, names=names, actor=actor, subject=subject, more=more
        )


@router.post("/audit/verify")
def post_verify(page: PageDep) -> Response:
    """Whether every row is still what was written."""
    with page.database.reading() as session:
        count, broken = verify(session, page.database.keys)
    if broken:
        return page.go("/audit", "audit.broken", position=broken.position)
    return page.go("/audit", "audit.intact", count=count)
