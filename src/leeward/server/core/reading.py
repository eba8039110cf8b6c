"""Reading budgets: how many words a sentence may have, and how hard a text may be, for each age band.

School grades: Flesch-Kincaid for English (Kincaid et al. 1975), the fourth Wiener Sachtextformel for German (Bamberger and Vanecek 1984);
other languages have no grade formula that fits short texts, so that their budget is words a sentence alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS = {"0-5": 8, "6-9": 8, "10-12": 12, "13-15": 15, "16-17": 18, "adult": 18, "unknown": 12}
GRADE = {"0-5": 3, "6-9": 3, "10-12": 5, "13-15": 7, "16-17": 8, "adult": 8, "unknown": 5}
"""An unknown age is taken for 10-12."""
SHORT = 25
"""A grade says little of fewer words: one long word would decide."""
_SENTENCE = re.compile(r"[.!?…]+(?:\s+|$)|\n+")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_VOWELS = {"en": re.compile(r"[aeiouy]+"), "de": re.compile(r"(?:ei|ie|au|eu|äu|ai|aa|oo|ee|[aeiouyäöü])")}


@dataclass(frozen=True, slots=True)
class Reading:
    """Longest sentence in words, and the school grade (None where no formula fits)."""

    longest: int
    grade: float | None


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence."""
    found = [_WORD.findall(part) for part in _SENTENCE.split(text)]
    return [words for words in found if words]


def _syllables(word: str, language: str) -> int:
    word = word.lower()
    count = len(_VOWELS[language].findall(word))
    if language == "en" and word.endswith("e") and not word.endswith("le") and count > 1:
        count -= 1
    return max(1, count)


def measure(text: str, language: str = "en") -> Reading:
    """How hard a text is."""
    parts = sentences(text)
    words = [word for part in parts for word in part]
    longest = max((len(part) for part in parts), default=0)
    if len(words) < SHORT or language not in _VOWELS:
        return Reading(longest, None)
    syllables = [_syllables(word, language) for word in words]
    pace = len(words) / len(parts)
    if language == "en":
        return Reading(longest, 0.39 * pace + 11.8 * sum(syllables) / len(words) - 15.59)
    long_words = 100 * sum(count >= 3 for count in syllables) / len(words)
    return Reading(longest, 0.2656 * pace + 0.2744 * long_words - 1.693)


def complaints(text: str, band: str, language: str = "en") -> list[str]:
    """What makes a text too hard for a band, each with what to do; nothing where it keeps its budget."""
    found = []
    for words in sentences(text):
        if len(words) > WORDS[band]:
            start = " ".join(words[:5])
            found.append(f"A sentence has {len(words)} words, at most {WORDS[band]} for {band}: split “{start} …”.")
    grade = measure(text, language).grade
    if grade is not None and grade > GRADE[band]:
        found.append(f"The text reads like school grade {grade:.0f}, at most {GRADE[band]} for {band}: use shorter words.")
    return found
