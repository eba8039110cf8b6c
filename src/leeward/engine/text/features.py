"""Hashed words, word pairs and character n-grams, for many texts at once in numpy.

All n-grams of a batch come from one prefix hash: H[i] = sum of c_j * p**j (mod 2**64). The hash of the span [i, j) is
(H[j] - H[i]) * p**-i, the same wherever the span stands, so each n costs three array operations for the whole batch.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from leeward.engine.text.normalise import normalise

BITS = 18
BUCKETS = 1 << BITS
CHAR_ORDERS = (2, 3, 4, 5)
MAX_CHARS = 400
"""Characters of a text that features are taken from: its start and its end, where longer."""
FEW = 4
"""Up to so many texts are faster one after the other than at once."""
_P = 0x9E3779B97F4A7C15
_P_INVERSE = pow(_P, -1, 1 << 64)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_PAIR = np.uint64(0x94D049BB133111EB)
_SHIFT = np.uint64(64 - BITS)
_WORD_SALT = np.uint64(101)
_GAPS = ((1, np.uint64(102)), (2, np.uint64(103)))
"""How far apart the words of a pair stand, and the salt of such pairs."""
_BEYOND = 0x2070
"""From here on, everything counts as part of a word (Chinese, emoji)."""

Array = npt.NDArray[np.uint64]


class _Powers:
    """p**i and p**-i, grown on demand."""

    def __init__(self) -> None:
        self.size = 0
        self.grow(1 << 14)

    def grow(self, size: int) -> None:
        if size > self.size:
            self.size = 1 << size.bit_length()
            self.up = self._cumulated(_P)
            self.down = self._cumulated(_P_INVERSE)

    def _cumulated(self, base: int) -> Array:
        steps = np.full(self.size + 1, base, np.uint64)
        steps[0] = 1
        with np.errstate(over="ignore"):
            return np.cumprod(steps, dtype=np.uint64)


_powers = _Powers()


def _bucket(salted: Array) -> npt.NDArray[np.int64]:
    return ((salted * _MIX) >> _SHIFT).astype(np.int64)


def _cut(text: str) -> str:
    text = normalise(text)
    return text if len(text) <= MAX_CHARS else f"{text[: MAX_CHARS // 2]} {text[-MAX_CHARS // 2 :]}"


def _word_signs() -> npt.NDArray[np.bool_]:
    codes = np.arange(_BEYOND + 1)
    alnum = ((codes >= 97) & (codes <= 122)) | ((codes >= 48) & (codes <= 57)) | (codes == 39) | (codes >= 0xC0)
    general_punctuation = (codes >= 0x2000) & (codes < _BEYOND)
    return np.asarray(alnum & ~general_punctuation)


_WORD_SIGNS = _word_signs()


def _is_word(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    return _WORD_SIGNS.take(np.minimum(codes, _BEYOND))


@functools.lru_cache(maxsize=2 * MAX_CHARS)
def _spans(size: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Array]:
    """Starts, ends and salts of all character n-grams of a text of so many characters."""
    starts = [np.arange(max(0, size - n + 1)) for n in CHAR_ORDERS]
    salts = [np.full(len(part), n, np.uint64) for part, n in zip(starts, CHAR_ORDERS, strict=True)]
    ends = [part + n for part, n in zip(starts, CHAR_ORDERS, strict=True)]
    return np.concatenate(starts), np.concatenate(ends), np.concatenate(salts)


def _extract_one(text: str) -> npt.NDArray[np.int64]:
    """Buckets of one text: as `extract`, with fewer calls, since a chat sends its messages one by one."""
    codes = np.frombuffer(f" {_cut(text)} ".encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    size = len(codes)
    up, down = _powers.up, _powers.down
    with np.errstate(over="ignore"):
        prefix = np.zeros(size + 1, np.uint64)
        np.cumsum(codes * up[:size], out=prefix[1:])
        starts, ends, salts = _spans(size)
        salted = [((prefix[ends] - prefix[starts]) * down[starts]) ^ salts]
        word = np.zeros(size + 2, np.int8)
        word[1:-1] = _is_word(codes)
        edges = np.flatnonzero(word[1:] != word[:-1])
        begin, end = edges[::2], edges[1::2]
        if len(begin):
            words = (prefix[end] - prefix[begin]) * down[begin]
            salted.append(words ^ _WORD_SALT)
            salted += [(words[:-gap] * _PAIR + words[gap:]) ^ salt for gap, salt in _GAPS if len(words) > gap]
        return _bucket(np.concatenate(salted))


def extract(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Buckets of all features, grouped by text, and the offset at which each text's group starts (shape: texts)."""
    if len(texts) == 1:
        return _extract_one(texts[0]), np.zeros(1, np.int64)
    if 0 < len(texts) <= FEW:
        found = [_extract_one(text) for text in texts]
        return np.concatenate(found), np.cumsum([0, *map(len, found[:-1])])
    joined = "\n".join(f" {_cut(text)} " for text in texts)
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    size = len(codes)
    _powers.grow(size + 1)
    up, down = _powers.up, _powers.down
    with np.errstate(over="ignore"):
        prefix = np.zeros(size + 1, np.uint64)
        np.cumsum(codes.astype(np.uint64) * up[:size], out=prefix[1:])
        border = codes == 10
        text_of = np.cumsum(border)
        buckets, owners = [], []
        crossing = np.concatenate([[0], np.cumsum(border)])
        for n in CHAR_ORDERS:
            if size < n:
                continue
            start = np.arange(size - n + 1)
            inside = crossing[start + n] == crossing[start]
            start = start[inside]
            buckets.append(_bucket(((prefix[start + n] - prefix[start]) * down[start]) ^ np.uint64(n)))
            owners.append(text_of[start + n - 1])
        word = _is_word(codes)
        edges = np.diff(np.concatenate([[0], word.view(np.int8), [0]]))
        begin, end = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
        if len(begin):
            words = (prefix[end] - prefix[begin]) * down[begin]
            of = text_of[begin]
            buckets.append(_bucket(words ^ _WORD_SALT))
            owners.append(of)
            for gap, salt in _GAPS:
                if len(words) > gap:
                    same = of[gap:] == of[:-gap]
                    buckets.append(_bucket((words[:-gap] * _PAIR + words[gap:]) ^ salt)[same])
                    owners.append(of[gap:][same])
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=len(texts))
    return np.concatenate(buckets)[order], np.concatenate([[0], np.cumsum(counts)[:-1]])
