"""The yardstick: FastAPI with nothing behind it, asked for the same."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI, Request

from central.workers import run

app = FastAPI(openapi_url=None)


@app.post("/v1/events")
async def post_events(request: Request) -> dict[str, int]:
    """Reads the body, and that is all."""
    return {"bytes": len(await request.body())}


@app.get("/v1/changes")
async def get_changes() -> dict[str, int]:
    """Nothing is new."""
    return {}


@app.get("/health/ready")
async def get_ready() -> dict[str, int]:
    """It is there."""
    return {}


if __name__ == "__main__":
    workers, port = map(int, sys.argv[2::2])  # --workers N --port N
    run(
        uvicorn.Config(
            "central.bench.empty:app",
            port=port,
            workers=workers,
            access_log=False,
            timeout_keep_alive=75,
            timeout_worker_healthcheck=60,
        )
    )
