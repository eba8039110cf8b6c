"""Indicators: what the tools measure, as evidence for what was promised.

Each room registers its own; each is documented in docs/indicators.md.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

SUPPRESS_BELOW = 5
"""Counts of people or events below this are not shown."""


class Observation(msgspec.Struct, frozen=True):
    """One value. `value` is None where the count is too small to be shown, or where there is nothing to divide by."""

    indicator: str
    value: float | None
    denominator: int | None
    suppressed: bool
    by: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Period:
    """Half open: from `start` up to, not including, `end`."""

    start: dt.datetime
    end: dt.datetime


Measure = Callable[[int, Period], list[Observation]]


@dataclass(frozen=True, slots=True)
class Indicator:
    """What is measured, how, in which unit, and in which direction better lies."""

    code: str
    title: str
    unit: str
    direction: Literal["up", "down", "none"]
    method: str
    version: int
    measure: Measure


REGISTRY: dict[str, Indicator] = {}


def indicator(
    code: str, title: str, unit: str, direction: Literal["up", "down", "none"], method: str, version: int = 1
) -> Callable[[Measure], Measure]:
    """Registers a measure: (service id, period) -> observations."""

    def register(measure: Measure) -> Measure:
        REGISTRY[code] = Indicator(code, title, unit, direction, method, version, measure)
        return measure

    return register


def count(code: str, value: int, **by: str) -> Observation:
    """An observation of a count, suppressed where it is small."""
    small = 0 < value < SUPPRESS_BELOW
    return Observation(code, None if small else value, None, small, by)


def share(code: str, part: int, whole: int, **by: str) -> Observation:
    """An observation of a share, suppressed where the whole is small or the rest would tell on few."""
    small = 0 < whole < SUPPRESS_BELOW or 0 < part < SUPPRESS_BELOW or 0 < whole - part < SUPPRESS_BELOW
    value = None if small or not whole else round(part / whole, 4)
    return Observation(code, value, None if small else whole, small, by)
