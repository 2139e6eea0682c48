"""What a browser is shown when it cannot have the page: a sentence, and the way on."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler, request_validation_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from central.web.csrf import Forged
from central.web.headers import ALWAYS
from central.web.page import DutyFirst, NotForThem, Page, SignInNeeded, sign_in_path

_API = "/v1/"
_SAID = frozenset({400, 403, 404, 405, 413, 422, 500, 503})


def answer(app: FastAPI) -> None:
    """Have ``app`` answer so."""
    app.add_exception_handler(SignInNeeded, _sign_in)
    app.add_exception_handler(DutyFirst, _duty)
    app.add_exception_handler(NotForThem, _not_for_them)
    app.add_exception_handler(Forged, _forged)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _odd)
    app.add_exception_handler(Exception, _ours)


def page_of_fault(request: Request, status: int, page: Page | None = None) -> Response:
    """The page that says what ``status`` means."""
    known = (
        status if status in _SAID else (404 if status < HTTPStatus.INTERNAL_SERVER_ERROR else 500)
    )
    return (page or Page(request, None)).show("fault.html", status, fault=f"web.fault.{known}")


def is_for_people(request: Request) -> bool:
    """Whether a person asks, not a kiosk or a program."""
    return not request.url.path.startswith(_API)


async def _sign_in(request: Request, _error: Exception) -> Response:
    return _elsewhere(request, sign_in_path(request))


async def _duty(request: Request, error: Exception) -> Response:
    return _elsewhere(request, error.path if isinstance(error, DutyFirst) else "/")


def _elsewhere(request: Request, path: str) -> Response:
    if "HX-Request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


async def _not_for_them(request: Request, error: Exception) -> Response:
    return page_of_fault(request, 403, error.page if isinstance(error, NotForThem) else None)


async def _forged(request: Request, _error: Exception) -> Response:
    return page_of_fault(request, 400)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  # only these come here
    if is_for_people(request):
        return page_of_fault(request, error.status_code)
    return await http_exception_handler(request, error)


async def _odd(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # only these come here
    if is_for_people(request):
        return page_of_fault(request, 422)
    return await request_validation_exception_handler(request, error)


async def _ours(request: Request, _error: Exception) -> Response:
    """A fault of ours: it goes on to the log; this answer passes no middleware any more."""
    if is_for_people(request):
        response = page_of_fault(request, 500)
    else:
        response = JSONResponse({"detail": "a fault of the server"}, 500)
    response.headers.update(ALWAYS)
    return response
