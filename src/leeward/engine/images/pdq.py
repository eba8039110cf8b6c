"""PDQ, the perceptual hash of pictures (Meta 2019, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm"), in numpy.

Luma, two passes of a box filter in both directions, 64 x 64 samples, the lower 16 x 16 of a cosine transform, and one bit each: above the
median or not. It gives the bits of the reference implementation, so that hashes match those of other systems.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
_SIDE, _KEPT, _PASSES = 64, 16, 2
_DCT = np.asarray(
    np.sqrt(2 / _SIDE) * np.cos(np.pi / 2 / _SIDE * np.outer(np.arange(1, _KEPT + 1), 2 * np.arange(_SIDE) + 1)), dtype=np.float32
)


def _box(rows: Floats, window: int) -> Floats:
    """Mean over a window along the second axis; at the edges over what there is of it."""
    length, half = rows.shape[1], (window + 2) // 2
    places = np.arange(length)
    low, high = np.maximum(places + half - window, 0), np.minimum(places + half, length)
    sums = np.concatenate([np.zeros((len(rows), 1)), np.cumsum(rows, axis=1, dtype=np.float64)], axis=1)
    return np.asarray((sums[:, high] - sums[:, low]) / (high - low), dtype=np.float32)


def _window(length: int) -> int:
    return (length + 2 * _SIDE - 1) // (2 * _SIDE)


def _samples(luma: Floats) -> Floats:
    along_rows, along_columns = _window(luma.shape[1]), _window(luma.shape[0])
    for _ in range(_PASSES):
        luma = _box(np.ascontiguousarray(_box(luma, along_rows).T), along_columns).T
    rows, columns = (((np.arange(_SIDE) + 0.5) * length / _SIDE).astype(int) for length in luma.shape)
    return np.asarray(luma[np.ix_(rows, columns)])


def _quality(samples: Floats) -> int:
    """0 to 100: how much there is in the picture to tell it by."""
    steps = (np.abs(np.trunc(np.diff(samples, axis=axis) * 100 / 255)).sum() for axis in (0, 1))
    return min(100, int(sum(steps) / 90))


def compute(picture: npt.NDArray[np.uint8]) -> tuple[bytes, int]:
    """(hash of 32 bytes, quality from 0 to 100) of an RGB picture. Shape: height x width x 3."""
    luma = picture.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    samples = _samples(luma)
    transformed = _DCT @ samples @ _DCT.T
    ordered = np.sort(transformed, axis=None)
    bits = (transformed > ordered[len(ordered) // 2 - 1]).ravel()
    return np.packbits(bits[::-1]).tobytes(), _quality(samples)
