"""A signed bundle: what one service's tools measured in a period, as it goes over the wire.

JSON, signed as it stands (Ed25519 over the bytes of the body). It names the alliance and the member that it is for,
so that it means nothing
elsewhere, and the moment when it was made, so that an old one cannot come again after a newer one.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import msgspec

from leeward import __version__
from leeward.server.core import clock, indicators

FORMAT = "leeward-indicators/1"
MAX_BYTES = 500_000
MOST = 2**53
"""The largest count that every reader of JSON keeps exactly."""
FUTURE = dt.timedelta(minutes=5)


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value. `version` is that of the method."""

    indicator: str
    version: int
    unit: str
    value: float | None
    denominator: Annotated[int, msgspec.Meta(ge=0, le=MOST)] | None
    suppressed: bool
    by: dict[str, str] = {}


class Bundle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`start` and `end` are the first and the last day that it covers."""

    format: str
    alliance: str
    member: str
    service: str
    software: str
    made_at: dt.datetime
    start: dt.date
    end: dt.date
    observations: list[Measured]


class NotABundle(ValueError):
    """The body is not one; the message says what is wrong with it."""


def read(body: bytes, now: dt.datetime) -> Bundle:
    """A bundle from its bytes."""
    if len(body) > MAX_BYTES:
        raise NotABundle(f"A bundle has at most {MAX_BYTES} bytes.")
    try:
        bundle = msgspec.json.decode(body, type=Bundle)
    except msgspec.DecodeError as error:
        raise NotABundle(str(error)) from error
    if bundle.format != FORMAT:
        raise NotABundle(f"`format` is {bundle.format!r}; this register reads {FORMAT!r}.")
    if bundle.made_at.tzinfo is None or bundle.made_at > now + FUTURE:
        raise NotABundle("`made_at` needs an offset, and cannot lie in the future: check the clock.")
    if bundle.start > bundle.end or bundle.end > now.date() + FUTURE:
        raise NotABundle("`start` comes before `end`, and `end` not after today.")
    return bundle


def make(alliance: str, member: str, service: str, service_id: int, start: dt.date, end: dt.date) -> bytes:
    """What the tools of this server measured for a service, from the first to the last day, ready to be signed."""
    midnight = dt.time(tzinfo=dt.UTC)
    period = indicators.Period(dt.datetime.combine(start, midnight), dt.datetime.combine(end + dt.timedelta(days=1), midnight))
    measured = [
        Measured(found.indicator, item.version, item.unit, found.value, found.denominator, found.suppressed, found.by)
        for item in indicators.REGISTRY.values()
        for found in item.measure(service_id, period)
    ]
    return msgspec.json.encode(Bundle(FORMAT, alliance, member, service, f"leeward/{__version__}", clock.now(), start, end, measured))
