"""Rate limits that hold over all workers, counted in the database under keyed hashes (no address is stored)."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest

from leeward.server import environment
from leeward.server.core import clock, crypto
from leeward.server.core.models import RateCount

_COUNT = (
    "INSERT INTO core_ratecount (key, count, at) VALUES (%s, 1, %s) "
    "ON CONFLICT (key) DO UPDATE SET count = core_ratecount.count + 1 RETURNING count"
)


def spend(purpose: str, who: str, most: int, seconds: int) -> bool:
    """Counts one more; False where more than `most` were counted in this window of `seconds`."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_key(purpose, who, seconds), clock.now()])
        return int(cursor.fetchone()[0]) <= most


def left(purpose: str, who: str, most: int, seconds: int) -> bool:
    """Whether fewer than `most` were counted in this window of `seconds`; counts nothing."""
    row = RateCount.objects.filter(key=_key(purpose, who, seconds)).first()
    return row is None or row.count < most


def _key(purpose: str, who: str, seconds: int) -> bytes:
    window = int(clock.now().timestamp()) // seconds
    return crypto.keyed_hash("limit", purpose, who, str(window))[:20]


def address(request: HttpRequest) -> str:
    """The client's address: the connection's, or what the last trusted proxy saw (LEEWARD_PROXIES says how many there are)."""
    proxies = environment.number("LEEWARD_PROXIES", 0, least=0)
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    return hops[-proxies] if proxies and len(hops) >= proxies else request.META.get("REMOTE_ADDR", "")
