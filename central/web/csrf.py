"""Another site's page must not act in the name of whoever is signed in here.

Two checks of every request that changes something: the browser says that the request comes from
our own page (Sec-Fetch-Site, or Origin from older ones), and whoever is signed in sends the
secret of their session, from a hidden field or, by htmx, in a header.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import Request

FIELD, HEADER = "csrf", "X-CSRF-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Forged(Exception):
    """Not from our own page, as far as can be told."""


async def check(request: Request, secret: str | None) -> None:
    """``secret``: of the session, None for nobody's. Raises :class:`Forged`."""
    if request.method in _SAFE:
        return
    if not _from_here(request):
        raise Forged
    if secret is not None:
        sent = request.headers.get(HEADER) or (await request.form()).get(FIELD)
        if not isinstance(sent, str) or not hmac.compare_digest(sent.encode(), secret.encode()):
            raise Forged


def _from_here(request: Request) -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")
