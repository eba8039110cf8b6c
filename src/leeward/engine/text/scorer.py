"""Text in, calibrated scores out: the fast stage sees everything, the encoder only what the fast stage is unsure of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from leeward.engine.events import Evidence
from leeward.engine.text import personal
from leeward.engine.text.encoder import EncoderModel
from leeward.engine.text.model import FILE, FastModel

Floats = npt.NDArray[np.float32]
MAX_TOKENS = 60
"""Evidence is looked for in the first so many tokens."""
UNSURE_FROM = 0.05
"""The encoder is asked where the highest score of the fast stage is at least this. Chosen by `make evaluate`: see docs/model-card.md."""
ENCODER_SHARE = 0.6
"""What the encoder's log-odds count where both stages have spoken."""
SENTENCE_SHARE = 0.5
"""How far a sentence raises the score of the whole."""
_TOKEN = re.compile(r"\S+")
_END = re.compile(r"[.?!;,]+\s+|\n+")
KEEPS = 0.9
"""Share of what a sentence's words add that its evidence keeps."""
MIN_SENTENCE, MAX_SENTENCES = 8, 6


def sentences(text: str) -> list[str]:
    """The sentences of a text of several; [] for a single one. Very short ones and what comes after the first few are left to the whole."""
    found = [part.strip() for part in _END.split(text)]
    found = [part for part in found if len(part) >= MIN_SENTENCE]
    return found[:MAX_SENTENCES] if len(found) > 1 else []


def _log_odds(p: Floats) -> Floats:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(p / (1 - p)), np.float32)


class TextScorer:
    """Scores texts for every harm that words can show. `second_stage=False` leaves the encoder out; `unsure_from` is its gate."""

    def __init__(self, path: Path = FILE, second_stage: bool = True, unsure_from: float = UNSURE_FROM) -> None:
        self.fast = FastModel(path)
        self.second_stage = second_stage
        self.unsure_from = unsure_from
        self._harms = [(index, name) for index, name in enumerate(self.fast.outputs) if "." in name]
        self._columns = np.array([index for index, _ in self._harms])
        self._asked = np.array([index for index, name in self._harms if name.startswith("contact.")])

    @cached_property
    def encoder(self) -> EncoderModel:
        """The second stage, loaded when it is first needed."""
        return EncoderModel()

    @cached_property
    def versions(self) -> dict[str, str]:
        """Names of the models, as decisions carry them."""
        return {"text": f"{self.fast.version}+{self.encoder.version}" if self.second_stage else self.fast.version}

    def unsure(self, fast: Floats) -> npt.NDArray[np.bool_]:
        """Which rows of fast scores the encoder should see. Shape: texts."""
        top = fast[:, self._columns].max(axis=1)
        return np.asarray(top >= self.unsure_from)

    def matrix(self, texts: Sequence[str]) -> Floats:
        """Scores of both stages together. Shape: texts x outputs.

        What a stranger asks for is asked for even between other sentences, so texts are looked at by sentence too: a sentence that scores
        higher for a `contact.*` harm than the whole raises it halfway, in log-odds. (All the way cost more in false alarms than it found.)
        Insults are left alone: a sentence that quotes one often stands beside its answer.
        """
        parts = [sentences(text) for text in texts]
        pieces = [piece for part in parts for piece in part]
        scores = self._both([*texts, *pieces])
        whole, rest = scores[: len(texts)], scores[len(texts) :]
        at = 0
        for row, part in enumerate(parts):
            if part:
                highest = rest[at : at + len(part), self._asked].max(axis=0)
                halfway = (1 - SENTENCE_SHARE) * _log_odds(whole[row, self._asked]) + SENTENCE_SHARE * _log_odds(highest)
                whole[row, self._asked] = np.maximum(whole[row, self._asked], 1 / (1 + np.exp(-halfway)))
                at += len(part)
        return whole

    def _both(self, texts: Sequence[str]) -> Floats:
        scores = self.fast.scores(texts)
        if self.second_stage and len(texts):
            rows = np.flatnonzero(self.unsure(scores)).tolist()
            if rows:
                second = self.encoder.scores([texts[row] for row in rows])
                mixed = (1 - ENCODER_SHARE) * _log_odds(scores[rows]) + ENCODER_SHARE * _log_odds(second)
                scores[rows] = 1 / (1 + np.exp(-mixed))
        return scores

    def score_many(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """harm -> calibrated probability, for each text; nothing for an empty one."""
        filled = [text for text in texts if text.strip()]
        rows = iter(self.matrix(filled).tolist())
        return [self._merge(text, next(rows)) if text.strip() else {} for text in texts]

    def _merge(self, text: str, row: list[float]) -> dict[str, float]:
        scores = {name: row[index] for index, name in self._harms}
        shaped = max((item.score for item in personal.find(text)), default=0.0)
        if shaped > scores["conduct.doxxing"]:
            scores["conduct.doxxing"] = shaped
        return scores

    def evidence(self, text: str, harm: str) -> Evidence:
        """The run of words that adds most to the fast score of the best sentence: its first prefix that does, then that one's last suffix.

        Personal data is shown where it stands.
        """
        shaped = personal.find(text) if harm == "conduct.doxxing" else []
        if shaped:
            best = max(shaped, key=lambda item: item.score)
            return Evidence(harm, best.start, best.end)
        column = self.fast.outputs.index(harm)
        start, end = self._best_sentence(text, column)
        tokens = [(start + a, start + b) for a, b in (match.span() for match in _TOKEN.finditer(text[start:end]))][:MAX_TOKENS]
        prefixes = self.fast.sums([text[start:stop] for _, stop in tokens], column)
        enough = KEEPS * float(prefixes.max())
        if enough <= 0:
            return Evidence(harm, start, end)
        last = next(i for i, value in enumerate(prefixes) if value >= enough)
        end = tokens[last][1]
        suffixes = self.fast.sums([text[begin:end] for begin, _ in tokens[: last + 1]], column)
        first = next((i for i in range(last, -1, -1) if suffixes[i] >= enough), 0)
        return Evidence(harm, tokens[first][0], end)

    def _best_sentence(self, text: str, column: int) -> tuple[int, int]:
        """Where the sentence stands that scores highest; the whole text where it is one."""
        parts = sentences(text)
        if not parts:
            return 0, len(text)
        best = parts[int(self.fast.scores(parts)[:, column].argmax())]
        start = text.index(best)
        return start, start + len(best)
