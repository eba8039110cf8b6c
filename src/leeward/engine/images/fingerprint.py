"""SHA-256 and PDQ of a picture. One resize rule, since PDQ of the same picture at two sizes differs by more than its radius."""

from __future__ import annotations

import hashlib
import io
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from leeward.engine.events import Media
from leeward.engine.images import pdq

MAX_BYTES = 10_000_000
MAX_PIXELS = 50_000_000
SIDE = 512
"""A picture is brought within SIDE x SIDE pixels before its PDQ is taken."""
MIN_QUALITY = 50
"""Of 100; PDQ's authors advise to leave out what is below."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


class ImageError(ValueError):
    """The picture cannot be looked at; the message says why and what to do."""


def open_image(data: bytes) -> Image.Image:
    """Decodes a picture within limits, upright, in RGB; of an animation the first frame."""
    if len(data) > MAX_BYTES:
        raise ImageError(f"The picture has {len(data)} bytes, the limit is {MAX_BYTES}: send a smaller copy.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise ImageError(f"The picture has {image.width} x {image.height} pixels, the limit is {MAX_PIXELS} in all.")
            image.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
            return ImageOps.exif_transpose(image).convert("RGB")
    except UnidentifiedImageError as error:
        raise ImageError(f"Not a picture that can be read: use one of {', '.join(FORMATS)}.") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        if isinstance(error, ImageError):
            raise
        raise ImageError(f"The picture is damaged or unsafe to decode: {error}.") from error


def fingerprint(data: bytes) -> Media:
    """The hashes of a picture, as an event's `media` carries them. A picture with too little in it has no PDQ: it would match by chance."""
    value, quality = pdq.compute(np.asarray(open_image(data)))
    return Media(sha256=hashlib.sha256(data).hexdigest(), pdq=value.hex() if quality >= MIN_QUALITY else "")
