"""Puts the written lines and the public data into one table: texts, targets and how much each target counts.

A target that a source says nothing about has weight 0 and is not learned from. Public labels mean less than they say (an "insult" of an
adult debate is not a child's bullying), so they count less than the written lines, which make about half of all the mass.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training import corpus

OUTPUTS: tuple[str, ...] = (*sorted(corpus.HARMS), "toxic")
"""All harms that words can show, and an auxiliary output that carries the public notion of toxicity."""
INDEX = {name: i for i, name in enumerate(OUTPUTS)}
Scores = npt.NDArray[np.float64]
"""Shape: texts x OUTPUTS."""
Scorer = Callable[[Sequence[str]], Scores]
HELD_OUT = frozenset({"en/gus", "en/noor", "en/lola", "de/jonas", "da/mikkel", "fr/karim", "es/vale", "it/luca", "nl/daan",
                      "pl/kuba", "pt/celia", "ro/ioana"})  # fmt: skip
"""Writers whose lines are never trained on: about one a language, four in English."""
PUBLIC_WEIGHT = 0.35
TRUSTED = frozenset({"hatemoji_build"})
"""Sources labelled as carefully as the written lines, which count as they do: rows written in pairs to change their meaning by a little."""
LONGEST, MOST_OF_A_SOURCE = 240, 9_000
"""Longer public texts are unlike chat, and no source may outweigh the others."""
_CONFUSED = ("contact.", "consumer.scam", "wellbeing.", "content.self_harm")
_NOISE = re.compile(r"@[\w_]+|https?://\S+|\bRT\b|<\w+>|&\w+;|#\d+;|\\[nrt\"]|@anonymized_account")
_SPACE = re.compile(r"\s+")


@dataclass
class Table:
    """Texts with targets and weights, both of shape texts x OUTPUTS."""

    texts: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    targets: list[dict[str, float]] = field(default_factory=list)
    weights: list[dict[str, float]] = field(default_factory=list)
    pairs: list[str | None] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    """A public source's name, or language/writer."""

    def add(
        self, text: str, language: str, targets: dict[str, float], weights: dict[str, float], source: str, pair: str | None = None
    ) -> None:
        """Adds a text, if something of it is known."""
        if text and weights:
            self.texts.append(text)
            self.languages.append(language)
            self.targets.append(targets)
            self.weights.append(weights)
            self.pairs.append(pair)
            self.sources.append(source)

    def arrays(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """(targets, weights)."""
        y = np.zeros((len(self.texts), len(OUTPUTS)), np.float32)
        w = np.zeros_like(y)
        for row, (targets, weights) in enumerate(zip(self.targets, self.weights, strict=True)):
            for name, weight in weights.items():
                y[row, INDEX[name]], w[row, INDEX[name]] = targets.get(name, 0.0), weight
        return y, w


def clean(text: str) -> str:
    """A public text without the marks of where it came from."""
    return _SPACE.sub(" ", _NOISE.sub(" ", text)).strip(" \"'")


def public(data: Path, split: str) -> Iterator[dict[str, Any]]:
    """Rows of a public file: source, lang, text, labels."""
    with gzip.open(data / "text" / f"{split}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            row["text"] = clean(row["text"])
            yield row


class Lexicon:
    """Swear words and sexual words, as weak labels for public texts."""

    def __init__(self, data: Path) -> None:
        sexual, other = set(), set()
        with (data / "lexicons/lexicon_surge_profanity/profanity_en.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                strong = float(row["severity_rating"]) >= 1.4
                if strong and row["category_1"].startswith("sexual"):
                    sexual.add(row["text"].lower())
                if strong and not row["category_1"].startswith(("racial", "religious")):
                    other.add(row["text"].lower())
        self._sexual, self._english = self._pattern(sexual), self._pattern(other)
        self._by_language = {
            path.stem: self._pattern(set(path.read_text(encoding="utf-8").lower().splitlines()))
            for path in (data / "lexicons/lexicon_ldnoobw").glob("??.txt")
        }
        self._by_language["en"] = self._english

    @staticmethod
    def _pattern(words: set[str]) -> re.Pattern[str]:
        usable = sorted((word for word in words if len(word) > 2), key=len, reverse=True)
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, usable))})(?!\w)")

    def swears(self, text: str, language: str) -> bool | None:
        """Whether a listed swear word stands in the text; None where no list is known."""
        pattern = self._by_language.get(language)
        return bool(pattern.search(text.lower())) if pattern else None


_DIRECT = (("toxic", "toxic"), ("hate", "conduct.hate"), ("threat", "conduct.threat"), ("profanity", "content.profanity"))
_SPAM_IS_NOT = ("conduct.threat", "conduct.hate", "conduct.bullying", "consumer.scam", "wellbeing.distress")
_FRIENDLY_IS_NOT = ("conduct.bullying", "conduct.threat", "conduct.hate", "conduct.sexual_harassment")


def _known(labels: dict[str, int], source: str, swears: bool | None) -> dict[str, tuple[float, float]]:
    """output -> (target, weight) that a public row tells us."""
    w = 1.0 if source in TRUSTED else PUBLIC_WEIGHT
    if source == "counselchat":
        return {"wellbeing.distress": (1, w)}
    if "spam" in labels:
        innocent = {} if labels["spam"] else dict.fromkeys(_SPAM_IS_NOT, (0.0, w))
        return {"consumer.spam": (labels["spam"], w), **innocent}
    known: dict[str, tuple[float, float]] = {}
    friendly = labels.get("toxic") == 0
    if friendly and source != "paradetox":
        known.update({name: (0.0, w * 0.3) for name in OUTPUTS if name.startswith(_CONFUSED)})
        known.update(dict.fromkeys(_FRIENDLY_IS_NOT, (0.0, w)))
    known.update({output: (labels[name], w) for name, output in _DIRECT if name in labels})
    if source == "mlma" and not friendly:
        known.pop("conduct.hate", None)  # its annotators call slurs against groups offensive as often as hateful
    if labels.get("insult") == 1:
        known["conduct.bullying"] = (1, w * 0.6)
    if swears is not None and (swears or friendly):
        known["content.profanity"] = (float(swears), w * 0.6)
    return known


def _public_targets(row: dict[str, Any], swears: bool | None) -> tuple[dict[str, float], dict[str, float]]:
    known = _known(row["labels"], row["source"], swears)
    return {name: target for name, (target, _) in known.items()}, {name: weight for name, (_, weight) in known.items()}


def add_public(table: Table, data: Path, split: str = "train") -> None:
    """Adds the public rows."""
    lexicon = Lexicon(data)
    seen: Counter[tuple[str, str]] = Counter()
    for row in public(data, split):
        source = (row["source"], row["lang"])
        if (
            row["source"] == "diasafety"
            or (len(row["text"]) > LONGEST and row["source"] != "counselchat")
            or seen[source] >= MOST_OF_A_SOURCE
        ):
            continue
        seen[source] += 1
        text = row["text"] if row["source"] != "counselchat" else " ".join(row["text"].split()[:60])
        table.add(text[:600], row["lang"], *_public_targets(row, lexicon.swears(text, row["lang"])), row["source"])


def add_written(table: Table, lines: Iterable[corpus.Line], weight: float = 1.0) -> None:
    """Adds written lines: every harm is known of each. Bad words in lines about something else are labelled by the words themselves."""
    for line in lines:
        targets = dict.fromkeys(line.harms, 1.0)
        weights = dict.fromkeys(OUTPUTS, weight)
        del weights["toxic"]
        if line.harms & {"conduct.hate", "conduct.bullying", "conduct.threat"} and "content.profanity" not in line.harms:
            weights["content.profanity"] = weight * 0.3
        table.add(line.text, line.language, targets, weights, f"{line.language}/{line.writer}", line.pair)


def split_written() -> tuple[list[corpus.Line], list[corpus.Line]]:
    """(lines to train on, lines of the held-out writers). What a held-out writer says word for word is not trained on."""
    lines = corpus.read()
    held = [line for line in lines if f"{line.language}/{line.writer}" in HELD_OUT]
    theirs = {line.text.casefold() for line in held}
    rest = [line for line in lines if f"{line.language}/{line.writer}" not in HELD_OUT and line.text.casefold() not in theirs]
    return rest, held


def join(one: str, other: str, rng: random.Random) -> str:
    """Two messages in one, in either order."""
    first, second = (one, other) if rng.random() < 0.5 else (other, one)
    return f"{first}{rng.choice((' ', '. ', ', ', '! ', ' ... ', chr(10)))}{second}"


_LOOKS = {"a": "@4", "e": "3", "i": "1!", "o": "0", "s": "$5", "t": "7", "l": "1"}


def disguise(text: str, rng: random.Random) -> str:
    """The same text as somebody writes it who wants to pass a filter, or types badly."""
    way = rng.randrange(7)
    words = text.split()
    at = rng.randrange(len(words)) if words else 0
    word = words[at] if words else ""
    if way == 0:
        word = "".join(rng.choice(_LOOKS[c]) if c in _LOOKS and rng.random() < 0.5 else c for c in word)
    elif way == 1 and 3 <= len(word) <= 9:
        word = rng.choice(" .-_").join(word)
    elif way == 2 and word:
        i = rng.randrange(len(word))
        word = word[:i] + word[i] * rng.randint(2, 5) + word[i + 1 :]
    elif way == 3 and len(word) > 3:
        i = rng.randrange(1, len(word) - 2)
        word = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    elif way == 4 and len(word) > 4:
        i = rng.randrange(1, len(word) - 1)
        word = word[:i] + word[i + 1 :]
    elif way == 5:
        return text.upper() if rng.random() < 0.3 else text.lower().translate(str.maketrans("", "", ".,!?'’"))
    else:
        return rng.choice(("", "hey ", "lol ", "bro ", "so ")) + text + rng.choice(("", " lol", "!!", " 😂", " 💀", "...", " haha"))
    return " ".join([*words[:at], word, *words[at + 1 :]])
