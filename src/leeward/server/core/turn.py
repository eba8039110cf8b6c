"""Who writes to SQLite takes turns. SQLite alone lets who waits sleep ever longer, up to a tenth of a second, while the lock lies free."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.db import connection

PATIENCE = 5.0
"""Seconds until who waits asks the database itself, which then answers that it is busy."""
PAUSE = 0.0005


def _taken(file: IO[str]) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


@contextlib.contextmanager
def turn_at(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Holds the lock on a file, or goes on without it where it is not to be had in time: a process that hangs must not stop the others."""
    with path.open("a", encoding="ascii") as file:
        until = time.monotonic() + patience
        while not _taken(file) and time.monotonic() < until:
            time.sleep(PAUSE)
        yield


def turn() -> contextlib.AbstractContextManager[None]:
    """A turn at the database, where that is a file of SQLite. Who does not ask for one is kept apart by the database as ever."""
    path = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor != "sqlite" or connection.in_atomic_block or not path.is_file():
        return contextlib.nullcontext()
    return turn_at(path.with_name(f"{path.name}.turn"))
