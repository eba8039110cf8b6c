"""Pictures of receipts, and plain copies of pictures that were sent in."""

from __future__ import annotations

import io

import segno
from PIL import Image, ImageDraw, ImageFont

from leeward.server.reports.rules import spaced

QUALITY = 80


def plain_copy(image: Image.Image) -> bytes:
    """The pixels as JPEG, without any metadata."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def covered(jpeg: bytes) -> bytes:
    """Small, grey and blurred: what a moderator sees before choosing to see more."""
    image = Image.open(io.BytesIO(jpeg)).convert("L")
    image.thumbnail((24, 24))
    out = io.BytesIO()
    image.resize((240, max(1, 240 * image.height // image.width)), Image.Resampling.BICUBIC).save(out, "JPEG", quality=50)
    return out.getvalue()


def qr_svg(address: str) -> str:
    """A QR code as SVG without colours of its own."""
    out = io.BytesIO()
    segno.make(address, error="m").save(out, kind="svg", scale=5, border=2, xmldecl=False, svgclass="qr", lineclass=None, light="#fff")
    return out.getvalue().decode()


def receipt_png(receipt: str, address: str) -> bytes:
    """The receipt to keep: its digits, its QR code, and where to look. No word says what it is for."""
    image = Image.new("RGB", (600, 760), "white")
    code = io.BytesIO()
    segno.make(f"{address}#{receipt}", error="m").save(code, kind="png", scale=10, border=2)
    square = Image.open(code).convert("RGB").resize((480, 480), Image.Resampling.NEAREST)
    image.paste(square, (60, 40))
    draw = ImageDraw.Draw(image)
    for text, size, y in ((spaced(receipt), 46, 580), (address.partition("://")[2], 26, 670)):
        draw.text((300, y), text, "black", font=ImageFont.load_default(size), anchor="ma")
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
