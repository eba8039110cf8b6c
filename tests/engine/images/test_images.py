import io

import numpy as np
import pytest
from PIL import Image

from leeward.engine.images import ImageError, ImageModel, fingerprint


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
    assert 0 <= ImageModel().score(picture()) < 0.5
