"""Pure decisions about people: keys and roles."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection

KEY = re.compile(r"lw_([0-9a-z]{12})_([A-Za-z0-9_-]{40,64})")


def split_key(raw: str) -> tuple[str, str] | None:
    """(id, secret) of a key as it is sent; None where it is not one."""
    match = KEY.fullmatch(raw)
    return (match.group(1), match.group(2)) if match else None


def is_valid(now: dt.datetime, expires_at: dt.datetime | None, revoked_at: dt.datetime | None) -> bool:
    """Whether a key can be used."""
    return revoked_at is None and (expires_at is None or now < expires_at)


def unknown_scopes(asked: Collection[str], known: Collection[str]) -> list[str]:
    """The asked scopes that do not exist."""
    return sorted(set(asked) - set(known))
