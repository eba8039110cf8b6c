"""Known phrases in a text: whole words in this order, after the same undoing of disguises as the models see (text/normalise.py)."""

from __future__ import annotations

import re

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from leeward.engine.text.normalise import normalise

LEAST = 4
"""Letters that a phrase has at least: shorter ones would be met everywhere."""
_WORD = re.compile(r"[\w']+")


def words(text: str) -> str:
    """A text as phrases are compared: its words, undisguised, with one space between."""
    return " ".join(_WORD.findall(normalise(text)))


class PhraseIndex:
    """All phrases at once (Aho-Corasick): the time depends on the text alone, not on how many phrases there are."""

    def __init__(self, phrases: list[str]) -> None:
        self._matcher = AhoCorasick(
            [f" {phrase} " for phrase in phrases], matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
        )

    def find(self, text: str) -> list[int]:
        """The places, in the list that it was made from, of the phrases that stand in a text; each once, in the order of the text."""
        met = self._matcher.find_matches_as_indexes(f" {words(text)} ", overlapping=True)
        return list(dict.fromkeys(index for index, _start, _end in met))
