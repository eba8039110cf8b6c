"""The geometry of a chart, for an SVG that the server makes. Pure; the table beside it carries the same numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 30, 14, 34


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis, at a place in user units."""

    at: float
    says: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One value."""

    x: float
    y: float
    says: str
    source: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`lines` are SVG point lists: a gap in the series is a gap in the line."""

    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    target: Tick | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    bottom: int = HEIGHT - BOTTOM


def nice_steps(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers that cover a range, 2 to `most` + 1 of them."""
    span = high - low
    if span < 1e-6 * max(1.0, abs(high)):  # a flat line, or so near that floats cannot tell
        high, span = low + max(1.0, abs(low)), max(1.0, abs(low))
    raw = span / most
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (1, 2, 2.5, 5, 10) if unit * factor >= raw * 0.999)
    first = math.floor(low / step) * step
    count = math.ceil((high - first) / step - 1e-9)
    return [round(first + step * place, 10) for place in range(max(count, 1) + 1)]


def chart(values: Sequence[tuple[dt.date, float | None, str]], target: float | None, unit: str) -> Chart | None:
    """A chart of (day, value, source), by day; None where there is nothing to draw."""
    known = [(day, value, source) for day, value, source in values if value is not None]
    if not known:
        return None
    all_values = [value for _, value, _ in known] + ([target] if target is not None else [])
    steps = nice_steps(min(0.0, *all_values) if min(all_values) >= 0 else min(all_values), max(all_values))
    first, last = values[0][0], values[-1][0]
    days = max((last - first).days, 1)

    def x(day: dt.date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * ((day - first).days / days if last > first else 0.5), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - steps[0]) / (steps[-1] - steps[0]), 1)

    lines: list[list[str]] = [[]]
    for day, value, _ in values:
        if value is None:
            lines.append([])
        else:
            lines[-1].append(f"{x(day)},{y(value)}")
    shown = values if len(values) <= 6 else [values[round(place * (len(values) - 1) / 5)] for place in range(6)]
    return Chart(
        lines=tuple(" ".join(line) for line in lines if len(line) > 1),
        dots=tuple(Dot(x(day), y(value), f"{day:%Y-%m}: {value:g} {unit}", source) for day, value, source in known),
        across=tuple(Tick(x(day), f"{day:%Y-%m}") for day, _, _ in shown),
        up=tuple(Tick(y(step), f"{step:g}") for step in steps),
        target=Tick(y(target), f"Target {target:g}") if target is not None else None,
    )
