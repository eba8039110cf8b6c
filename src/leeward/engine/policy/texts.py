"""Words for the child and for the adult, by language and age, and where help is."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import msgspec
import yaml

from leeward.engine.events import Help

SOURCE_LANGUAGE = "en"
GROUP_OF_BAND = {"0-5": "6-9", "6-9": "6-9", "10-12": "10-12", "13-15": "teen", "16-17": "teen", "adult": "teen"}
"""A band that has no words of its own takes those of the nearest. Adults who write or receive read the teen words."""
HELPLINES = Path(__file__).parents[2] / "policies" / "helplines.yaml"


class Text(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One reason: `sender` and `recipient` by age group, `adult` for who looks after the child."""

    sender: dict[str, str]
    recipient: dict[str, str]
    adult: str


class Texts:
    """All texts of a folder, one YAML file a language, read when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.languages = tuple(sorted(path.stem for path in folder.glob("*.yaml")))
        self._loaded: dict[str, dict[str, Text]] = {}

    def of(self, language: str) -> dict[str, Text]:
        """The texts of a language; English where the language has none."""
        code = language.partition("-")[0].lower()
        code = code if code in self.languages else SOURCE_LANGUAGE
        if code not in self._loaded:
            data = yaml.safe_load((self._folder / f"{code}.yaml").read_text(encoding="utf-8"))
            self._loaded[code] = msgspec.convert(data, dict[str, Text])
        return self._loaded[code]

    def names(self) -> list[str]:
        """Names of all texts."""
        return list(self.of(SOURCE_LANGUAGE))

    def has(self, name: str) -> bool:
        """Whether a text of this name exists."""
        return name in self.of(SOURCE_LANGUAGE)

    def words(self, name: str, language: str, band: str, to_sender: bool) -> tuple[str, str]:
        """(words for the child of this band, words for the adult)."""
        text = self.of(language).get(name) or self.of(SOURCE_LANGUAGE)[name]
        group = GROUP_OF_BAND[band]
        return (text.sender if to_sender else text.recipient)[group], text.adult


EMERGENCY = "112"
"""In the whole EU, and in the countries that can be chosen beside it."""


@functools.cache
def _helplines() -> dict[str, list[dict[str, Any]]]:
    data: dict[str, list[dict[str, Any]]] = yaml.safe_load(HELPLINES.read_text(encoding="utf-8"))
    return data


@functools.cache
def help_for(country: str, danger: bool = False) -> list[Help]:
    """Places where help is, the country's own first; in danger the emergency number before all."""
    lines = _helplines()
    own = lines.get(country.upper(), [])
    numbers = {line["phone"].replace(" ", "") for line in own}
    rest = [line for line in lines["everywhere"] if line["phone"].replace(" ", "") not in numbers]
    found = [*own, *rest]
    if danger:
        found.sort(key=lambda line: line["phone"] != EMERGENCY)
    return [Help(line["name"], line["phone"]) for line in found]
