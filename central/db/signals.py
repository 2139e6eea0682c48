"""Word that an office's queue has changed, to whoever shows it.

A transaction says which offices it :func:`touched <touch>`; once it is committed every worker
hears of it: through PostgreSQL's LISTEN/NOTIFY; on SQLite at once within the process, and within
a second from another, by the file's version. A signal says nothing but the office's id, and whether
it can wait: of who joins the line a wall need not know at once. What has changed is read from the
tables, where it also stands for those who were not listening.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any, cast

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session, sessionmaker

_log = logging.getLogger(__name__)
_TOUCHED = "offices whose queue this transaction changes"
_CHANNEL = "central_queue"
_PATIENCE_S = 1.0
"""How often the listening thread looks whether it should stop and whether the file has changed,
and how long it waits before it connects again."""

_CAN_WAIT = "joined"
_NOTIFY = text("SELECT pg_notify(:channel, :said)").bindparams(channel=_CHANNEL)

Hear = Callable[[int | None, bool], None]
"""Called with an office's id, None when signals may have been missed; and whether it is pressing.
From any thread."""


def touch(session: Session, office_id: int, *, calls: bool = True) -> None:
    """Have everybody told, after the commit, that this office's queue has changed. ``calls``: it
    is pressing; otherwise somebody joined the line, no more."""
    touched = cast("dict[int, bool]", session.info.setdefault(_TOUCHED, {}))
    touched[office_id] = calls or touched.get(office_id, False)


class Signals:
    """What is told after commits of these transactions, and who listens."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._between_processes = engine.dialect.name == "postgresql"
        self._lock = threading.Lock()
        self._heard_by: list[Hear] = []
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def follow(self, transactions: sessionmaker[Session]) -> None:
        """Tell what these transactions touch."""
        if self._between_processes:
            event.listen(transactions, "before_commit", _notify)
        else:
            event.listen(transactions, "after_commit", self._tell)

    def listen(self, hear: Hear) -> None:
        """Have ``hear`` called from now on."""
        with self._lock:
            self._heard_by.append(hear)
            if self._thread is None:
                self._thread = threading.Thread(target=self._receive, name="signals", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Nobody is called any more."""
        self._stopping.set()
        with self._lock:
            self._heard_by.clear()
        if self._thread is not None:
            self._thread.join()

    def _tell(self, session: Session) -> None:
        if session.in_nested_transaction():
            return
        for office, pressing in _taken(session):
            self._pass_on(office, pressing)

    def _pass_on(self, office: int | None, pressing: bool = True) -> None:
        with self._lock:
            heard_by = tuple(self._heard_by)
        for hear in heard_by:
            hear(office, pressing)

    def _receive(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._between_processes:
                    self._listen_until_lost()
                else:
                    self._look_at_file()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next try may do better
                if not self._stopping.is_set():
                    _log.warning("No word from the database, trying again: %s", error)
                    self._stopping.wait(_PATIENCE_S)

    def _listen_until_lost(self) -> None:
        with closing(self._own_connection()) as connection:
            connection.autocommit = True
            connection.execute(f"LISTEN {_CHANNEL}")
            self._pass_on(None)
            while not self._stopping.is_set():
                for notice in connection.notifies(timeout=_PATIENCE_S):
                    office, _, rest = notice.payload.partition(" ")
                    self._pass_on(int(office), rest != _CAN_WAIT)
                    if self._stopping.is_set():
                        return

    def _look_at_file(self) -> None:
        with closing(self._own_connection()) as connection:
            known = None
            while not self._stopping.is_set():
                # Counts what others have committed, of this process too:
                # https://sqlite.org/pragma.html#pragma_data_version
                [version] = connection.execute("PRAGMA data_version").fetchone()
                if version != known:
                    self._pass_on(None)
                known = version
                self._stopping.wait(_PATIENCE_S)

    def _own_connection(self) -> Any:
        """A connection of the driver's that the pool does not get back."""
        pooled = self._engine.raw_connection()
        connection = pooled.driver_connection
        pooled.detach()
        return connection


def _notify(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for office, pressing in _taken(session):
        said = str(office) if pressing else f"{office} {_CAN_WAIT}"
        session.execute(_NOTIFY, {"said": said})


def _taken(session: Session) -> Iterable[tuple[int, bool]]:
    return cast("dict[int, bool]", session.info.pop(_TOUCHED, {})).items()
