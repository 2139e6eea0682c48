"""How much a request may bring: forms are small, and nobody fills the memory with a large one."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST = 1 << 20
"""Bytes of a body; kiosks' batches have the same limit."""


class BodyLimit:
    """ASGI middleware: a longer body is refused as soon as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the body on while it is short enough."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = Headers(scope=scope).get("content-length", "0")
        length = int(told) if told.isdigit() else 0
        got = 0

        async def receive_on() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if max(got, length) > LONGEST:
                raise HTTPException(413, f"at most {LONGEST} bytes")
            return message

        await self._app(scope, receive_on, send)
