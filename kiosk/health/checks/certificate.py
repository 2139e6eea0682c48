"""How long the server's certificate is still good."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from kiosk.health.check import Check
from kiosk.health.finding import Finding, Level
from kiosk.health.place import Place

_SOON, _NOW = timedelta(days=30), timedelta(days=7)
_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """``left`` is how long it is good; ``refused`` why it is not believed. Neither: nobody
    answered, and another check says so."""

    left: timedelta | None = None
    refused: str = ""


def look(place: Place) -> Certificate | None:
    """The certificate a connection comes under; ``None`` without HTTPS."""
    sync = place.settings.sync
    address = urlsplit(sync.url)
    if address.scheme != "https" or address.hostname is None:
        return None
    try:
        context = ssl.create_default_context(cafile=sync.ca_file and str(sync.ca_file))
        reached = socket.create_connection((address.hostname, address.port or 443), _TIMEOUT_S)
        with reached, context.wrap_socket(reached, server_hostname=address.hostname) as secure:
            ends = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
    except ssl.SSLCertVerificationError as error:
        return Certificate(refused=error.verify_message)
    except OSError:
        return Certificate()
    return Certificate(datetime.fromtimestamp(ends, UTC) - place.now())


def judge(seen: Certificate | None) -> Finding:
    """When it has run out, records wait until it is renewed."""
    if seen is None:
        return Finding(Level.ABSENT, "health.certificate.none")
    if seen.refused:
        return Finding(Level.BAD, "health.certificate.refused", {"reason": seen.refused})
    if seen.left is None:
        return Finding(Level.UNKNOWN, "health.certificate.unseen")
    figures = {"days": seen.left.days}
    if seen.left < _NOW:
        return Finding(Level.BAD, "health.certificate.ending", figures)
    if seen.left < _SOON:
        return Finding(Level.WATCH, "health.certificate.ending", figures)
    return Finding(Level.GOOD, "health.certificate.good", figures)


CHECK = Check("certificate", "surroundings", look, judge)
