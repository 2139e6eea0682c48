"""The real processes of an office, each of which kills itself with SIGKILL at a step it is told.

Statements of the databases are the steps, so that death comes in the middle of things: while a file
is opened and checked, between two statements of a transaction, before and after a commit. Step 0
lives to its end. Each tells through a pipe what citizens were told, as soon as they are.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import uvicorn
from sqlalchemy import Engine, event

from central.app import create_app
from central.settings import Settings as CentralSettings
from kiosk.config import Settings
from kiosk.idcard.synthetic import synthetic
from kiosk.store import database
from kiosk.store.clock import office_clock
from kiosk.store.keys import key_for
from kiosk.store.records import Records
from kiosk.store.sqlcipher import Connection, connect
from kiosk.store.templates import Template
from kiosk.sync import service

Say = Callable[[str, str], None]


def saying(pipe: Pipe) -> Say:
    """What is said is said, whoever dies afterwards."""
    return lambda kind, what: pipe.send_bytes(f"{kind} {what}".encode())


def counted(step: int) -> Callable[[], None]:
    """To be called at each step: the ``step``-th is the last of this process."""
    left = step

    def at_each() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return at_each


def _die_at(step: int) -> None:
    """Count the statements of every database this process opens from now on."""
    at_each = counted(step)

    class Killable(Connection):
        def execute(self, statement: str, parameters: Any = ()) -> Any:
            at_each()
            cursor = super().execute(statement, parameters)
            at_each()
            return cursor

    database.connect = partial(connect, factory=Killable)  # pyright: ignore[reportPrivateImportUsage]


def kiosk(settings: Settings, seed: int, step: int, pipe: Pipe) -> None:
    """People come, are enrolled, come again and ask to be forgotten."""
    _die_at(step)
    say, rng = saying(pipe), Random(seed)
    with database.Database.open(settings.store.path, key_for(settings.store)) as db:
        records = Records(db, settings, office_clock(db))
        records.citizens.replay_tombstones()
        for ticket in records.resume():
            records.tickets.begin_print(ticket.id)
            records.tickets.record_print(ticket.id, "printed")
        for _ in range(5):
            vector = np.array([rng.gauss(0, 1) for _ in range(4)], "<f4").tobytes()
            person, template = synthetic(rng.randrange(1000)), Template(vector, "m", 0.9)
            citizen = records.citizens.enrol(person, "2026-01", template)
            say("enrolled", citizen)
            ticket = records.tickets.issue("civil", citizen, "hand")
            say("issued", ticket.id)
            records.tickets.begin_print(ticket.id)
            records.tickets.record_print(ticket.id, "printed")
            if rng.random() < 0.5:
                records.citizens.erase(citizen)
                say("erased", citizen)
            while records.citizens.reissue(5):
                pass


def sync(settings: Settings, step: int, pipe: Pipe) -> None:
    """The service as it is, until it has nothing to do or central is not there."""
    _die_at(step)
    service.run(settings, lambda seconds: bool(seconds))
    pipe.close()


def central(path: Path, port: int, step: int, pipe: Pipe) -> None:
    """The server as it is, until it is killed."""
    at_each = counted(step)
    event.listen(Engine, "before_cursor_execute", lambda *_: at_each())
    event.listen(Engine, "commit", lambda *_: at_each())
    app = create_app(CentralSettings(database=f"sqlite:///{path}"))
    with socket.create_server(("127.0.0.1", port)) as listener:
        saying(pipe)("ready", str(port))
        uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
