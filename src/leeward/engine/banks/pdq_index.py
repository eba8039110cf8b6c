"""Exact radius search over 256-bit PDQ hashes by multi-index hashing (Norouzi, Punjani, Fleet 2012), in numpy.

A hash is cut into 16 parts of 16 bits. Two hashes within 31 bits have a pair of neighbouring parts (32 bits) that differ in at most 3
bits, since 31 / 8 < 4, and within that pair a part that differs in at most 1. So: look up each part and its 16 one-bit flips in a table of
its own, keep the postings whose *neighbouring* part is near enough (it is stored beside the posting, so nothing random is read for the
others), and compare the few that remain in full. No match can be missed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

RADIUS = 31
"""Bits of 256 within which two PDQ hashes are the same picture (the radius PDQ's authors recommend)."""
_PARTS = 16
_KEYS = 1 << 16
_FLIPS = np.concatenate([[0], 1 << np.arange(16)]).astype(np.uint16)
_NEIGHBOUR = np.arange(_PARTS) ^ 1
_TABLE = (np.arange(_PARTS) * (_KEYS + 1))[:, None]
_NAMES = ("hashes", "starts", "ids", "neighbours")


class PdqIndex:
    """Rows of 32 bytes, searched within RADIUS."""

    def __init__(
        self, hashes: npt.NDArray[np.uint64], starts: npt.NDArray[np.int64], ids: npt.NDArray[np.uint32], near: npt.NDArray[np.uint16]
    ):
        self.hashes, self._starts, self._ids, self._neighbours = hashes, starts, ids, near

    def __len__(self) -> int:
        return len(self.hashes)

    @classmethod
    def build(cls, rows: npt.NDArray[np.uint8]) -> PdqIndex:
        """Builds the index. Shape of `rows`: n x 32."""
        rows = np.ascontiguousarray(rows, dtype=np.uint8).reshape(-1, 32)
        count = len(rows)
        parts = rows.view(">u2").astype(np.uint16)
        ids = np.empty((_PARTS, count), np.uint32)
        neighbours = np.empty((_PARTS, count), np.uint16)
        starts = np.zeros((_PARTS, _KEYS + 1), np.int64)
        for table in range(_PARTS):
            order = np.argsort(parts[:, table], kind="stable")
            ids[table] = order
            neighbours[table] = parts[order, table ^ 1]
            starts[table, 1:] = np.cumsum(np.bincount(parts[:, table], minlength=_KEYS))
            starts[table] += table * count
        return cls(rows.view(np.uint64), starts.ravel(), ids.ravel(), neighbours.ravel())

    def save(self, folder: Path) -> None:
        """Writes the arrays into a folder."""
        arrays: tuple[npt.NDArray[Any], ...] = (self.hashes, self._starts, self._ids, self._neighbours)
        for name, array in zip(_NAMES, arrays, strict=True):
            np.save(folder / f"pdq-{name}.npy", array)

    @classmethod
    def open(cls, folder: Path) -> PdqIndex:
        """Maps a saved index into memory: nothing is read until it is asked for, and workers share it."""
        arrays = [np.load(folder / f"pdq-{name}.npy", mmap_mode="r") for name in _NAMES]
        return cls(*(array.view(np.ndarray) for array in arrays))

    def search(self, value: bytes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(rows, distances) of every hash within RADIUS of a hash of 32 bytes, nearest first."""
        parts = np.frombuffer(value, ">u2").astype(np.uint16)
        keys = ((parts[:, None] ^ _FLIPS) + _TABLE).ravel()
        begin = self._starts.take(keys)
        sizes = self._starts.take(keys + 1) - begin
        ends = sizes.cumsum()
        at = np.repeat(begin - (ends - sizes), sizes)
        at += np.arange(ends[-1])
        differs = self._neighbours.take(at)
        differs ^= np.repeat(np.repeat(parts[_NEIGHBOUR], len(_FLIPS)), sizes)
        near = np.flatnonzero(np.bitwise_count(differs) <= 3)
        rows = np.unique(self._ids.take(at.take(near))).astype(np.int64)
        distances = np.bitwise_count(self.hashes.take(rows, axis=0) ^ np.frombuffer(value, np.uint64)).sum(axis=1, dtype=np.int64)
        inside = np.flatnonzero(distances <= RADIUS)
        order = inside[np.argsort(distances[inside], kind="stable")]
        return rows[order], distances[order]
