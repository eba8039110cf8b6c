"""The fast stage: one linear layer over hashed, idf-weighted n-grams, in numpy. Its weights were learned from labels and from the encoder.

The file (`.npz`) holds: `table` int8 [BUCKETS, K], weight times idf in units of `scale` [K]; `idf` [BUCKETS]; `bias` [K]; `outputs`
(K names); `calibration` [K, 2] (slope and offset in log-odds, Platt 1999); `version`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from leeward.engine.text.features import extract

Floats = npt.NDArray[np.float32]
CHUNK = 64
"""Texts that are scored at once: what more of them need no longer fits into the processor's cache, and takes three times as long a text."""
FILE = Path(__file__).parents[2] / "models" / "text-fast.npz"


def sigmoid(x: Floats) -> Floats:
    """Logistic function, safe for large values."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))), dtype=np.float32)


class FastModel:
    """Scores texts for all harms at once."""

    def __init__(self, path: Path = FILE) -> None:
        data = np.load(path, allow_pickle=False)
        self.version = str(data["version"])
        self.outputs: tuple[str, ...] = tuple(str(name) for name in data["outputs"])
        # the last column carries idf squared, so that the sum and its norm come from one look-up
        self._table = np.column_stack([data["table"].astype(np.float32), np.square(data["idf"], dtype=np.float32)])
        slope, offset = data["calibration"].T.astype(np.float32)
        self._scale = data["scale"].astype(np.float32) * slope
        self._bias = data["bias"].astype(np.float32) * slope + offset

    def sums(self, texts: Sequence[str], column: int) -> Floats:
        """What the words of each text add to one output, whatever its length: parts of one text can be compared. Shape: texts."""
        buckets, starts = extract(texts)
        found: Floats = np.add.reduceat(self._table[buckets, column], starts) * self._scale[column]
        return found

    def scores(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities. Shape: texts x outputs."""
        if len(texts) <= CHUNK:
            return self._chunk(texts)
        return np.concatenate([self._chunk(texts[at : at + CHUNK]) for at in range(0, len(texts), CHUNK)])

    def _chunk(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, len(self.outputs)), np.float32)
        buckets, starts = extract(texts)
        summed = np.add.reduceat(self._table.take(buckets, axis=0), starts, axis=0)
        norm = np.sqrt(np.maximum(summed[:, -1:], 1e-6))
        return sigmoid(summed[:, :-1] / norm * self._scale + self._bias)
