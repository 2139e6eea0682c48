"""HTTPS to one server: which authority is believed, how long, how much.

With an authority of the office's own (``ca_file``) no other is believed. While the kiosk does not
know the date, that authority's signature is checked and the certificate's dates are not: they are
checked against the server's own time once it has answered. With the system's authorities the date
must be known: anybody may hold an old certificate of theirs.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool

from kiosk.config import SyncSettings
from kiosk.errors import SyncError

_NO_CHECK_TIME = 0x200000
"""``X509_V_FLAG_NO_CHECK_TIME``, :manpage:`X509_VERIFY_PARAM_set_flags(3)`; Python has no name
for it."""


class _Connection(HTTPSConnection):
    """One that knows afterwards what the server showed, even when it is closed."""

    certificate: Mapping[str, Any] | None = None

    def connect(self) -> None:
        """Called by the base class."""
        super().connect()
        self.certificate = getattr(self.sock, "getpeercert", dict)()


class _Pool(HTTPSConnectionPool):
    ConnectionCls = _Connection  # pyright: ignore[reportAssignmentType]


class _Remembering(HTTPAdapter):
    """Such connections, under one TLS context if it is given."""

    def __init__(self, context: ssl.SSLContext | None) -> None:
        self._context = context
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Called by the base class."""
        super().init_poolmanager(*args, ssl_context=self._context, **more)
        schemes = self.poolmanager.pool_classes_by_scheme
        self.poolmanager.pool_classes_by_scheme = schemes | {"https": _Pool}


def session_to(settings: SyncSettings, *, dated: bool) -> requests.Session:
    """A session for the server of ``settings``; ``dated``: the date is known.

    Raises :class:`SyncError` (``sync_authority``) when the authority's file cannot be used.
    """
    session = requests.Session()
    # Neither ~/.netrc nor a proxy variable may replace the signature or see what travels.
    session.trust_env = False
    own = None if settings.ca_file is None else _context(settings, dated=dated)
    session.mount("https://", _Remembering(own))
    return session


def _context(settings: SyncSettings, *, dated: bool) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_file))
    except (OSError, ssl.SSLError) as error:
        raise SyncError("sync_authority", file=settings.ca_file) from error
    if not dated:
        context.verify_flags |= _NO_CHECK_TIME
    return context


def outside_its_dates(response: requests.Response, at: datetime | None) -> bool:
    """Whether the certificate a response came under is not valid ``at`` (aware), or cannot be
    known to be. To be asked before the response is read; plain HTTP has no certificate."""
    if not str(response.url).startswith("https:"):
        return False
    certificate = getattr(getattr(response.raw, "connection", None), "certificate", None)
    if not certificate or at is None:
        return True
    begins, ends = (
        ssl.cert_time_to_seconds(str(certificate[key])) for key in ("notBefore", "notAfter")
    )
    return not begins <= at.timestamp() <= ends
