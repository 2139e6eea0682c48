"""The office of the demonstration: central server, virtual printer and sync as real processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
import tomli_w

from kiosk import config
from kiosk.config import Settings

_PATIENCE_S = 90.0
_STOP_S = 5.0


class DemoOffice:
    """Starts everything around the kiosk in ``out``; ``stack`` takes it down again."""

    def __init__(self, out: Path, camera: str, stack: ExitStack) -> None:
        self._out = out
        self._var = out / "var"
        self._var.mkdir(mode=0o700, parents=True)
        central_port, printer_port = _free_ports(2)
        self._central = f"http://127.0.0.1:{central_port}"
        self._database = f"sqlite:///{self._var / 'central.db'}"
        self.settings = self._settings(camera, printer_port)
        self._token = self._registered("add", "demo-office")
        invitation = self._registered("enrol", "demo-kiosk")
        self._start(
            stack, "central", "serve", "--port", str(central_port), "--database", self._database
        )
        tickets = str(out / "tickets")
        self._start(
            stack, "kiosk", "printer", "virtual", "--port", str(printer_port), "--out", tickets
        )
        _wait_until(lambda: self._get("/v1/health") is not None, "the central server")
        _wait_until(lambda: _listening(printer_port), "the virtual printer")
        self._enrol(invitation)
        self._start(stack, "kiosk", "sync", "--config", str(out / "config.toml"))

    def wait_until_synced(self) -> None:
        """Wait until central holds a record of every visit that has ended."""
        from kiosk.store.database import Database
        from kiosk.store.keys import key_for

        with Database.open(self.settings.store.path, key_for(self.settings.store)) as db:
            _wait_until(
                lambda: not db.rows("SELECT 1 FROM outbox WHERE parked IS NULL LIMIT 1"),
                "the records to reach the central server",
            )

    def stats(self) -> dict[str, int]:
        """Central's totals."""
        return self._get("/v1/stats") or {}

    def page(self, name: str) -> list[dict[str, Any]]:
        """The first page of central's ``tickets``, ``citizens`` or ``visits``."""
        return (self._get(f"/v1/{name}") or {"items": []})["items"]

    def printed(self) -> int:
        """How many tickets came out of the printer."""
        return len(list((self._out / "tickets").glob("*.png")))

    def _settings(self, camera: str, printer_port: int) -> Settings:
        """The shipped settings, moved into ``out`` and written there for the sync process."""
        shown = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
        tables = config.load(config.find()).model_dump(mode="json", exclude_none=True)
        tables["camera"]["source"] = camera
        tables["screen"] |= {"fullscreen": False, "reduced_motion": not shown}
        tables["printer"]["device"] = f"network:127.0.0.1:{printer_port}"
        tables["store"] = {"path": "var/kiosk.db", "key_file": "var/kiosk.key"}
        tables["sync"] = {
            "url": self._central,
            "device_file": "var/device.json",
            "interval_s": 0.5,
        }
        path = self._out / "config.toml"
        path.write_text(tomli_w.dumps(tables), encoding="utf-8")
        return config.load(path)

    def _registered(self, command: str, name: str) -> str:
        """What ``central device COMMAND NAME`` prints: a token."""
        words = [*_program("central"), "device", command, name, "--database", self._database]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def _enrol(self, invitation: str) -> None:
        words = [*_program("kiosk"), "enrol-device", "--config", str(self._out / "config.toml")]
        subprocess.run(words, input=invitation, capture_output=True, text=True, check=True)

    def _start(self, stack: ExitStack, program: str, *arguments: str) -> None:
        name = arguments[0] if program == "kiosk" else program
        log = stack.enter_context((self._out / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            [*_program(program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,  # Ctrl-C is for the kiosk; the office goes on until the records came
        )
        stack.callback(_end, process)

    def _get(self, path: str) -> Any:
        try:
            answer = requests.get(
                self._central + path,
                headers={"Authorization": f"Bearer {self._token}"},
                timeout=5,
            )
            answer.raise_for_status()
        except requests.RequestException:
            return None
        return answer.json()


def _program(name: str) -> list[str]:
    """The installed command beside this Python."""
    return [str(Path(sys.executable).with_name(name))]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_ports(count: int) -> list[int]:
    """Different ports: each is held until all are found, or one might be given twice."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {_PATIENCE_S:.0f} s for {what}")
        time.sleep(0.1)
