"""The yardstick: FastAPI with nothing behind it, asked for the same."""

from __future__ import annotations

from fastapi import FastAPI, Request

app = FastAPI(openapi_url=None)


@app.post("/v1/events")
async def post_events(request: Request) -> dict[str, int]:
    """Reads the body, and that is all."""
    return {"bytes": len(await request.body())}


@app.get("/v1/changes")
async def get_changes() -> dict[str, int]:
    """Says nothing."""
    return {}
