"""Releases for kiosks: which there are, and their bundles. The contract is :mod:`wire.release`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import FileResponse

from central.api.access import DENIED, KioskDep, ServerDep
from central.services.releases import bundle_path, is_offered, offers
from wire import Releases

router = APIRouter(tags=["kiosk"], responses=DENIED)

ArchQuery = Annotated[str, Query(pattern=r"^[0-9a-z]{1,16}$", description="as Debian says it")]
Sha256Path = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.get("/releases")
def get_releases(server: ServerDep, _kiosk: KioskDep, arch: ArchQuery) -> Releases:
    """Which releases there are for one kind of machine. Each kiosk finds out by itself whether it
    is among the share that one was let out to."""
    with server.database.reading() as session:
        return offers(session, arch)


@router.get(
    "/releases/{sha256}",
    response_class=FileResponse,
    responses={
        200: {"description": "the bundle", "content": {"application/octet-stream": {}}},
        206: {"description": "the part that `Range` asks for"},
        404: {"description": "not offered, or no longer"},
        416: {"description": "it has no such part"},
    },
)
def get_bundle(server: ServerDep, _kiosk: KioskDep, sha256: Sha256Path) -> FileResponse:
    """A release's bundle; with `Range` the rest of one."""
    with server.database.reading() as session:
        offered = is_offered(session, sha256)
    path = bundle_path(server.releases, sha256)
    if not offered or not path.is_file():
        raise HTTPException(404, "no such release")
    headers = {"ETag": f'"{sha256}"'}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)
