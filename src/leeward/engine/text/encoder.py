"""The second stage: a small multilingual transformer in int8 ONNX. It sees only what the fast stage is unsure of.

The folder holds `model.onnx` (inputs ids, mask; output scores), `tokenizer.json` and `meta.npz` (outputs, calibration, version).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from leeward.engine.text.model import sigmoid
from leeward.engine.text.normalise import normalise

FOLDER = Path(__file__).parents[2] / "models" / "text-encoder"
LENGTH = 96
"""Tokens of a text that are looked at."""
PAD = 1
GROUP = 32


class EncoderModel:
    """Scores texts for all harms; slow (a millisecond or so a text), so that its gate decides what it sees."""

    def __init__(self, folder: Path = FOLDER) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        meta = np.load(folder / "meta.npz", allow_pickle=False)
        self.version = str(meta["version"])
        self.outputs: tuple[str, ...] = tuple(str(name) for name in meta["outputs"])
        self._slope, self._offset = meta["calibration"].T.astype(np.float32)

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Calibrated probabilities. Shape: texts x outputs. Texts of like length go together, so that little is padded."""
        # half of a surrogate pair is no character that the tokenizer could take
        encoded = self._tokenizer.encode_batch([normalise(text).encode("utf-8", "replace").decode() for text in texts])
        out = np.zeros((len(texts), len(self.outputs)), np.float32)
        order = sorted(range(len(texts)), key=lambda row: len(encoded[row].ids))
        for at in range(0, len(order), GROUP):
            rows = order[at : at + GROUP]
            width = max(len(encoded[row].ids) for row in rows)
            ids = np.full((len(rows), width), PAD, np.int64)
            mask = np.zeros((len(rows), width), np.int64)
            for place, row in enumerate(rows):
                ids[place, : len(encoded[row].ids)] = encoded[row].ids
                mask[place, : len(encoded[row].ids)] = 1
            raw = self._session.run(None, {"ids": ids, "mask": mask})[0]
            out[rows] = sigmoid(raw * self._slope + self._offset)
        return out
