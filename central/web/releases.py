"""Releases for the kiosks: how far each has been let out, and taking one back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from fastapi.responses import Response

from central.db.accounts import UserRole
from central.db.releases import PublishedRelease
from central.services import releases
from central.web.page import PageDep, RowId, pages

router = pages(UserRole.ADMINISTRATOR, of_server=True)


@router.get("/releases")
def get_releases(page: PageDep) -> Response:
    """Every release, newest first."""
    with page.database.reading() as session:
        rows = [(row, *releases.reach(session, row)) for row in releases.all_releases(session)]
        return page.show("releases.html", rows=rows)


@router.post("/releases/{number}/stage")
def post_stage(
    page: PageDep, number: RowId, percentage: Annotated[int, Form(ge=0, le=100)]
) -> Response:
    """Let it out to so many percent of the kiosks."""
    with page.database.writing() as session:
        row = session.get(PublishedRelease, number)
        if row is None or row.withdrawn_at is not None:
            return page.go("/releases", "releases.unknown")
        row.percentage = percentage
        page.record(session, "release.staged", f"release:{number}", **releases.audited(row))
        fields = {"version": row.version, "percentage": percentage}
    return page.go("/releases", "releases.staged", **fields)


@router.post("/releases/{number}/withdraw")
def post_withdraw(page: PageDep, number: RowId) -> Response:
    """Offer it no longer, for good."""
    with page.database.writing() as session:
        row = session.get(PublishedRelease, number)
        if row is None or row.withdrawn_at is not None:
            return page.go("/releases", "releases.unknown")
        row.withdrawn_at, version, sha256 = page.now, row.version, row.sha256
        page.record(session, "release.withdrawn", f"release:{number}", **releases.audited(row))
    releases.drop(page.server.releases, sha256)
    return page.go("/releases", "releases.withdrawn_said", version=version)
