"""Look-up of 128-bit keys in a sorted, memory-mapped array (SHA-256 of pictures, digests of links)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt


def digest(text: str) -> bytes:
    """A 128-bit key for a text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class ExactIndex:
    """Keys of 16 bytes, each with the row it belongs to."""

    def __init__(self, keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.uint32]) -> None:
        self._keys, self._rows = keys, rows
        self._first = keys[:, 0]

    @classmethod
    def build(cls, keys: list[bytes], rows: list[int]) -> ExactIndex:
        """Sorts the keys."""
        table = np.frombuffer(b"".join(keys), ">u8").astype(np.uint64).reshape(-1, 2)
        order = np.argsort(table[:, 0], kind="stable")
        return cls(table[order], np.asarray(rows, np.uint32)[order])

    def save(self, folder: Path, name: str) -> None:
        """Writes the arrays into a folder."""
        np.save(folder / f"{name}-keys.npy", self._keys)
        np.save(folder / f"{name}-rows.npy", self._rows)

    @classmethod
    def open(cls, folder: Path, name: str) -> ExactIndex:
        """Maps a saved index into memory."""
        keys, rows = (np.load(folder / f"{name}-{part}.npy", mmap_mode="r").view(np.ndarray) for part in ("keys", "rows"))
        return cls(keys, rows)

    def find(self, key: bytes) -> int | None:
        """The row of a key, None if it is not there."""
        high, low = (int.from_bytes(key[i : i + 8], "big") for i in (0, 8))
        at = int(np.searchsorted(self._first, np.uint64(high)))
        while at < len(self._first) and int(self._first[at]) == high:
            if int(self._keys[at, 1]) == low:
                return int(self._rows[at])
            at += 1
        return None
