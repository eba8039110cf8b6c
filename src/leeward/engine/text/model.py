"""The fast stage: an embedding bag over hashed n-grams and one hidden layer, in numpy.

The file (`.npz`) holds: `table` int8 [BUCKETS, D] with `scale` [D]; `w1` [D, H], `b1`, `w2` [H, K], `b2` for K outputs named in
`outputs`; `calibration` [K, 2] (slope and offset in log-odds, Platt 1999); `version`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from leeward.engine.text.features import extract

Floats = npt.NDArray[np.float32]
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
        self._table: Floats = data["table"].astype(np.float32) * data["scale"]
        self._w1, self._b1 = data["w1"].astype(np.float32), data["b1"].astype(np.float32)
        slope, offset = data["calibration"].T.astype(np.float32)
        self._w2 = data["w2"].astype(np.float32) * slope
        self._b2 = data["b2"].astype(np.float32) * slope + offset

    def hidden(self, texts: Sequence[str]) -> Floats:
        """The hidden layer. Shape: texts x H."""
        buckets, starts = extract(texts)
        counts = np.diff(np.append(starts, len(buckets)))
        summed = np.add.reduceat(self._table.take(buckets, axis=0), starts, axis=0)
        pooled = summed / np.sqrt(counts, dtype=np.float32)[:, None]
        return np.asarray(np.maximum(pooled @ self._w1 + self._b1, 0), dtype=np.float32)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Calibrated probabilities. Shape: texts x outputs."""
        if not texts:
            return np.zeros((0, len(self.outputs)), np.float32)
        return sigmoid(self.hidden(texts) @ self._w2 + self._b2)
