"""The second stage: a small multilingual transformer in int8 ONNX. It sees only what the fast stage is unsure of.

The folder holds `model.onnx` (inputs ids, mask; output scores), `tokenizer.json` and `meta.npz` (outputs, calibration, version).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence
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
_PICTURE = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff]")
_SKIN = {
    "\U0001f3fb": "light skin",
    "\U0001f3fc": "light skin",
    "\U0001f3fd": "brown skin",
    "\U0001f3fe": "dark skin",
    "\U0001f3ff": "dark skin",
}
_FLAG_A, _FLAG_Z = 0x1F1E6, 0x1F1FF


def _spoken(picture: str) -> str:
    if _FLAG_A <= ord(picture) <= _FLAG_Z:
        return chr(ord(picture) - _FLAG_A + ord("a"))
    return f" {_SKIN.get(picture) or unicodedata.name(picture, '').lower()} "


def readable(text: str, known: Container[str]) -> str:
    """The normalised text as the tokenizer gets it: an emoji that it has no piece for stands by its Unicode name (🐀 as `rat`).

    A third of the emoji that abuse is written in have no piece; without their names they would all be one unknown sign.
    """
    text = normalise(text)
    if not text.isascii():
        text = _PICTURE.sub(lambda match: match[0] if match[0] in known else _spoken(match[0]), text)
    # half of a surrogate pair is no character that the tokenizer could take
    return text.encode("utf-8", "replace").decode()


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
        self._known = frozenset(self._tokenizer.get_vocab())
        meta = np.load(folder / "meta.npz", allow_pickle=False)
        self.version = str(meta["version"])
        self.outputs: tuple[str, ...] = tuple(str(name) for name in meta["outputs"])
        self._slope, self._offset = meta["calibration"].T.astype(np.float32)

    def scores(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Calibrated probabilities. Shape: texts x outputs. Texts of like length go together, so that little is padded."""
        encoded = self._tokenizer.encode_batch([readable(text, self._known) for text in texts])
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
