"""Every fix."""

from __future__ import annotations

from kiosk.health.fix import Fix
from kiosk.health.fixes import logs, permissions, time_server

FIXES: tuple[Fix, ...] = (permissions.FIX, logs.FIX, time_server.FIX)
