"""The only clock of the server, so that tests and the demo can stop it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_standing: ContextVar[dt.datetime | None] = ContextVar("standing", default=None)


def now() -> dt.datetime:
    """Now, in UTC."""
    return _standing.get() or timezone.now()


@contextmanager
def standing_at(moment: dt.datetime) -> Iterator[None]:
    """Within it, it is another moment: for the invented past of the demo."""
    token = _standing.set(moment)
    try:
        yield
    finally:
        _standing.reset(token)
