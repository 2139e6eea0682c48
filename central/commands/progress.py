"""Long work over all citizens, with a bar for whoever watches."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session

from central.db.engine import Database
from central.db.keys import Keys


def all_of(database: Database, step: Callable[[Session, Keys], int], total: int) -> None:
    """Take ``step`` after ``step``, each a transaction of its own, until one finds nothing."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("Công dân. Citizens", total=total)
        done = 1
        while done:
            with database.writing() as session:
                done = step(session, database.keys)
            progress.advance(bar, done)
