"""Long work over all citizens, with a bar for whoever watches."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session

from central.db.engine import Database
from central.db.keys import Keys

Step = Callable[[Session, Keys], int]


def all_of(database: Database, steps: Iterable[Step], total: int) -> None:
    """Take each of ``steps`` again and again, each time a transaction of its own, until it finds
    nothing."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Công dân. Citizens", total=total)
        for step in steps:
            done = 1
            while done:
                with database.writing() as session:
                    done = step(session, database.keys)
                progress.advance(bar, done)
