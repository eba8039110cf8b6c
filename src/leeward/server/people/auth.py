"""API keys at the door: looked up, checked for scope and rate."""

from __future__ import annotations

import hmac
import time
from collections.abc import Collection
from typing import Any

import msgspec
from django.http import HttpRequest
from ninja.security import HttpBearer

from leeward.server import environment
from leeward.server.core import clock, crypto
from leeward.server.core.problems import Problem
from leeward.server.people.actions import KEY_PURPOSE
from leeward.server.people.models import ApiKey
from leeward.server.people.rules import is_valid, split_key

REMEMBER_SECONDS = 10.0
"""A revoked key is noticed after at most this long."""
MAX_REMEMBERED = 1000


class Key(msgspec.Struct):
    """What a request may do. `tokens` is the rate limit's bucket in this worker."""

    id: str
    service_id: int
    youngest_band: str
    scopes: frozenset[str]
    until: float
    tokens: float
    filled_at: float


_known: dict[str, Key] = {}


def forget_keys() -> None:
    """Empties the memory of keys."""
    _known.clear()


def share_of_rate() -> int:
    """Requests a second that this worker grants a key: its share of LEEWARD_RATE. The server hands requests to its workers evenly."""
    return -(-environment.number("LEEWARD_RATE", 2000) // environment.number("LEEWARD_WORKERS", 2))


def _load(raw: str) -> Key:
    parts = split_key(raw)
    row = ApiKey.objects.select_related("service").filter(pk=parts[0]).first() if parts else None
    if parts is None or row is None or not hmac.compare_digest(bytes(row.secret_hash), crypto.keyed_hash(KEY_PURPOSE, *parts)):
        raise Problem("key_missing")
    if not is_valid(clock.now(), row.expires_at, row.revoked_at):
        raise Problem("key_revoked")
    now = time.monotonic()
    rate = share_of_rate()
    before = _known.get(raw)
    tokens, filled_at = (before.tokens, before.filled_at) if before else (float(rate), now)
    return Key(row.id, row.service_id, row.service.youngest_band, frozenset(row.scopes), now + REMEMBER_SECONDS, tokens, filled_at)


def _find(raw: str) -> Key:
    key = _known.get(raw)
    if key is None or key.until < time.monotonic():
        if len(_known) > MAX_REMEMBERED:
            _known.clear()
        key = _known[raw] = _load(raw)
    return key


def spend(key: Key, cost: float, now: float, rate: int) -> None:
    """Takes tokens from a key's bucket, which holds one second's worth; raises Problem with Retry-After when it is empty."""
    key.tokens = min(float(rate), key.tokens + (now - key.filled_at) * rate)
    key.filled_at = now
    if key.tokens <= 0:
        raise Problem("rate_limited", headers={"Retry-After": str(max(1, round(-key.tokens / rate + 0.5)))})
    key.tokens -= cost


class ApiKeyAuth(HttpBearer):
    """`Authorization: Bearer lw_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return _find(token)


def key_of(request: HttpRequest, scope: str, cost: float = 1.0, parameters: Collection[str] = ()) -> Key:
    """The key of a request, if it has the scope, names no unknown parameter and its rate is not used up."""
    key: Key = request.auth  # type: ignore[attr-defined]
    unknown = sorted(set(request.GET) - set(parameters))
    if unknown:
        raise Problem("invalid_request", f"Unknown parameter {unknown[0]!r} in the address.")
    if scope not in key.scopes:
        raise Problem("scope_missing", f"This needs the scope `{scope}`.")
    spend(key, cost, time.monotonic(), share_of_rate())
    return key
