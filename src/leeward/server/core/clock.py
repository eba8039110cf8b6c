"""The only clock of the server, so that tests can stop it."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    """Now, in UTC."""
    return timezone.now()
