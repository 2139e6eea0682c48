"""HTTPS to one server: which authority is believed, how long, how much.

With an authority of the office's own (``ca_file``) no other is believed. While the kiosk does not
know the date, that authority's signature is checked and the certificate's dates are not: they are
checked against the server's own time once it has answered. With the system's authorities the date
must be known: anybody may hold an old certificate of theirs.
"""

from __future__ import annotations

import ssl
from datetime import datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from kiosk.config import SyncSettings
from kiosk.errors import SyncError

_NO_CHECK_TIME = 0x200000
"""``X509_V_FLAG_NO_CHECK_TIME``, :manpage:`X509_VERIFY_PARAM_set_flags(3)`; Python has no name
for it."""


class _Pinned(HTTPAdapter):
    """Connections under one TLS context."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Called by the base class."""
        super().init_poolmanager(*args, ssl_context=self._context, **more)


def session_to(settings: SyncSettings, *, dated: bool) -> requests.Session:
    """A session for the server of ``settings``; ``dated``: the date is known.

    Raises :class:`SyncError` (``sync_authority``) when the authority's file cannot be used.
    """
    session = requests.Session()
    # Neither ~/.netrc nor a proxy variable may replace the signature or see what travels.
    session.trust_env = False
    if settings.ca_file is not None:
        session.mount("https://", _Pinned(_context(settings, dated=dated)))
    return session


def _context(settings: SyncSettings, *, dated: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise SyncError("sync_authority", file=settings.ca_file) from error
    if not dated:
        context.verify_flags |= _NO_CHECK_TIME
    return context


def outside_its_dates(response: requests.Response, at: datetime) -> bool:
    """Whether the certificate a response came under is not valid ``at`` (aware). To be asked
    before the response is read; plain HTTP has no certificate."""
    connection = getattr(response.raw, "connection", None)
    certificate = getattr(getattr(connection, "sock", None), "getpeercert", dict)()
    if not certificate:
        return False
    begins, ends = (
        ssl.cert_time_to_seconds(str(certificate[key])) for key in ("notBefore", "notAfter")
    )
    return not begins <= at.timestamp() <= ends
