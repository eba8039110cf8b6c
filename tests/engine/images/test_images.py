import io

import numpy as np
import pytest
from PIL import Image

from leeward.engine.images import ImageError, ImageModel, fingerprint, pdq


def picture(size: int = 600, form: str = "PNG", seed: int = 3) -> bytes:
    """An invented picture: coarse blots under finer ones, as in a photograph."""
    rng = np.random.default_rng(seed)
    layers = [
        Image.fromarray(rng.integers(0, 256, (n, n, 3), dtype=np.uint8)).resize((size, size), Image.Resampling.BICUBIC) for n in (5, 12, 30)
    ]
    data = io.BytesIO()
    Image.blend(Image.blend(layers[0], layers[1], 0.4), layers[2], 0.25).save(data, form, quality=80)
    return data.getvalue()


def distance(a: str, b: str) -> int:
    return (int(a, 16) ^ int(b, 16)).bit_count()


def test_the_same_picture_at_another_size_and_format_is_recognised() -> None:
    one, other = fingerprint(picture(900)), fingerprint(picture(512, "JPEG"))
    assert len(one.pdq) == len(one.sha256) == 64
    assert distance(one.pdq, other.pdq) <= 31
    assert one.sha256 != other.sha256


def test_a_picture_with_nothing_in_it_has_no_pdq() -> None:
    plain = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(plain, "PNG")
    assert fingerprint(plain.getvalue()).pdq == ""


def test_another_picture_is_another() -> None:
    assert distance(fingerprint(picture(seed=3)).pdq, fingerprint(picture(seed=9)).pdq) > 31


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", picture()[:200], b"\xff\xd8\xff" + b"x" * 50])
def test_what_is_no_picture_says_so(data: bytes) -> None:
    with pytest.raises(ImageError):
        fingerprint(data)


def test_a_harmless_picture_scores_low() -> None:
    model = ImageModel()
    for seed in range(6):
        scores = model.scores(picture(seed=seed))
        assert set(scores) == {"content.sexual", "content.violence"} and all(0 <= score < 0.5 for score in scores.values()), scores
    assert model.score(picture()) == pytest.approx(model.scores(picture())["content.sexual"])


def waves(height: int, width: int, kind: int) -> np.ndarray:
    """A picture made of whole numbers only, so that it is the same everywhere."""
    y, x = np.mgrid[:height, :width]
    red, green = x * x * kind + y * 3 + (x * y) // (kind + 3), x * y // 7 + y * y // (kind + 1)
    return (np.stack([red, green, x * 5 + y * y // 11 + kind * 40], axis=-1) % 256).astype(np.uint8)


@pytest.mark.parametrize(
    ("height", "width", "kind", "expected"),
    [
        (512, 512, 1, "9c8685d054985a38fb60a282a7d07018f97cdaeaaef0be18fe38db785b66fc18"),
        (300, 480, 2, "b95819985fd05d90fbf08960ef42ccd8cd00dcd0afd0f640fed0f6e0bee076d0"),
        (64, 64, 3, "45f2a205aefa5c06557ca28936839f2635dcf3f4b4893927c93f6e30ff72e000"),
        (97, 33, 4, "9bde672c7709836178bf5a542cf24dc8b1759ee7862b5af5685003f53f80dc00"),
    ],
)
def test_pdq_has_the_bits_of_the_reference(height: int, width: int, kind: int, expected: str) -> None:
    """The expected hashes were made with pdqhash 0.2.8, which wraps Meta's C++."""
    value, quality = pdq.compute(waves(height, width, kind))
    assert (value.hex(), quality) == (expected, 100)
