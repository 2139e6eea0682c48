"""Every router of pages, what a browser is told beside them, and what goes wrong on the way."""

from __future__ import annotations

from pathlib import Path

import fontpkg_be_vietnam_pro
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from central.web import (
    account,
    auditing,
    citizens,
    counter,
    counters,
    devices,
    display,
    faults,
    law,
    login,
    office,
    offices,
    phone,
    releases,
    reports,
    requests,
    users,
)
from central.web.headers import SecurityHeaders
from central.web.limits import BodyLimit

ROUTERS = (
    login.router,
    account.router,
    counter.router,
    counters.router,
    display.router,
    phone.router,
    citizens.router,
    citizens.settling,
    requests.router,
    requests.deciding,
    users.router,
    devices.router,
    releases.router,
    office.router,
    offices.router,
    auditing.router,
    law.router,
    reports.router,
)


def add_pages(app: FastAPI) -> None:
    """Have ``app`` serve the pages."""
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    app.mount("/fonts", StaticFiles(directory=fontpkg_be_vietnam_pro.ROOT / "files"))
    faults.answer(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
