"""The presets by age, as rules of the plan."""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec
import yaml

from leeward.server.families.rules import Calendar, Effect, Interval, Rule

BANDS = ("0-5", "6-9", "10-12", "13-15", "16-17")


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of presets.yaml."""

    subject: str
    effect: Effect
    intervals: list[tuple[int, int]] = []
    budget: int | None = None
    calendar: Calendar = "any"
    measure: str = ""


class _Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    defaults: list[Item]
    preset: list[Item]


@functools.cache
def _file() -> tuple[list[Item], dict[str, _Band]]:
    data = yaml.safe_load((Path(__file__).parent / "presets.yaml").read_text(encoding="utf-8"))
    everyone = msgspec.convert(data.pop("everyone"), list[Item])
    return everyone, msgspec.convert(data, dict[str, _Band])


def young(band: str) -> str:
    """The band whose presets hold: an unknown age is taken for 10-12; an adult has none ('')."""
    return {"unknown": "10-12", "adult": ""}.get(band, band)


def _rule(item: Item, name: str, by: str) -> Rule:
    intervals = tuple(Interval(start, end) for start, end in item.intervals)
    return Rule(f"{by}:{name}:{item.subject}:{item.calendar}", item.subject, item.effect, intervals, item.calendar, item.budget, "", by)


@functools.cache
def items(band: str) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """(defaults, what a guardian's preset adds) of a band."""
    everyone, bands = _file()
    return (*everyone, *bands[band].defaults), tuple(bands[band].preset)


@functools.cache
def defaults(band: str) -> tuple[Rule, ...]:
    """What holds without any guardian; nothing for adults."""
    band = young(band)
    return tuple(_rule(item, band, "default") for item in items(band)[0]) if band else ()


@functools.cache
def preset(band: str) -> tuple[Rule, ...]:
    """What a guardian adds by choosing the preset of a band."""
    band = young(band)
    return tuple(_rule(item, band, "preset") for item in items(band)[1]) if band else ()


@functools.cache
def measures(band: str) -> dict[str, str]:
    """subject -> id of the measure of the guidelines that its default comes from."""
    band = young(band)
    return {item.subject: item.measure for item in items(band)[0]} if band else {}
