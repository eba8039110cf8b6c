"""Text in, calibrated scores out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from leeward.engine.events import Evidence
from leeward.engine.text import personal
from leeward.engine.text.model import FILE, FastModel

MAX_TOKENS = 60
"""Evidence is looked for in the first so many tokens."""
_TOKEN = re.compile(r"\S+")


class TextScorer:
    """Scores texts for every harm that words can show."""

    def __init__(self, path: Path = FILE) -> None:
        self.fast = FastModel(path)
        self._harms = [(index, name) for index, name in enumerate(self.fast.outputs) if "." in name]

    @property
    def versions(self) -> dict[str, str]:
        """Names of the models, as decisions carry them."""
        return {"text": self.fast.version}

    def score_many(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """harm -> calibrated probability, for each text; nothing for an empty one."""
        filled = [text for text in texts if text.strip()]
        rows = iter(self.fast.scores(filled).tolist())
        return [self._merge(text, next(rows)) if text.strip() else {} for text in texts]

    def _merge(self, text: str, row: list[float]) -> dict[str, float]:
        scores = {name: row[index] for index, name in self._harms}
        shaped = max((item.score for item in personal.find(text)), default=0.0)
        if shaped > scores["conduct.doxxing"]:
            scores["conduct.doxxing"] = shaped
        return scores

    def evidence(self, text: str, harm: str, score: float) -> Evidence:
        """The shortest run of words that keeps most of a harm's score: the first prefix that reaches it, then its last suffix."""
        if harm == "conduct.doxxing":
            shaped = personal.find(text)
            if shaped:
                best = max(shaped, key=lambda item: item.score)
                return Evidence(harm, best.start, best.end)
        tokens = [match.span() for match in _TOKEN.finditer(text)][:MAX_TOKENS]
        column = self.fast.outputs.index(harm)
        enough = 0.8 * score
        prefixes = self.fast.scores([text[:end] for _, end in tokens])[:, column]
        last = next((i for i, value in enumerate(prefixes) if value >= enough), len(tokens) - 1)
        end = tokens[last][1]
        suffixes = self.fast.scores([text[start:end] for start, _ in tokens[: last + 1]])[:, column]
        first = next((i for i in range(last, -1, -1) if suffixes[i] >= enough), 0)
        return Evidence(harm, tokens[first][0], end)
