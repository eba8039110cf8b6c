"""Makes the model file of the fast stage: `python -m training.train --data FOLDER`. Needs torch; nothing of it runs in the product."""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from leeward.engine.text.features import BUCKETS, extract
from leeward.engine.text.model import FILE
from training.datasets import INDEX, OUTPUTS, Table, add_public, add_written, disguise, split_written

DIMENSION, HIDDEN = 64, 96
BATCH = 512
ROW_SCALE_FLOOR = 1e-6


class Net(nn.Module):
    """What leeward.engine.text.model.FastModel computes, in torch."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, DIMENSION, mode="sum", sparse=True)
        nn.init.normal_(self.table.weight, std=0.05)
        self.w1 = nn.Linear(DIMENSION, HIDDEN)
        self.w2 = nn.Linear(HIDDEN, len(OUTPUTS))
        self.drop = nn.Dropout(0.2)

    def forward(self, buckets: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
        counts = torch.diff(starts, append=torch.tensor([len(buckets)])).float()
        pooled = self.table(buckets, starts) / counts.sqrt()[:, None]
        hidden: torch.Tensor = self.w1(self.drop(pooled))
        return torch.as_tensor(self.w2(self.drop(hidden.relu())))


def _batches(table: Table, order: npt.NDArray[np.int64], rng: random.Random, noise: float) -> list[tuple[npt.NDArray[np.int64], list[str]]]:
    out = []
    for at in range(0, len(order), BATCH):
        rows = order[at : at + BATCH]
        out.append((rows, [disguise(table.texts[i], rng) if rng.random() < noise else table.texts[i] for i in rows]))
    return out


def train(table: Table, written_from: int, epochs: int, seed: int, teacher: npt.NDArray[np.float32] | None = None) -> Net:
    """Trains on a table whose written lines start at `written_from`; these are seen three times an epoch, public rows once.

    `teacher` holds soft targets of a larger model (shape texts x OUTPUTS, NaN where it has none); they are learned beside the labels.
    """
    torch.manual_seed(seed)
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    y, w = table.arrays()
    net = Net()
    sparse = torch.optim.SparseAdam(list(net.table.parameters()), lr=4e-3)
    dense = torch.optim.AdamW([*net.w1.parameters(), *net.w2.parameters()], lr=3e-3, weight_decay=1e-2)
    written = np.arange(written_from, len(table.texts))
    repeats = max(1, round(0.8 * written_from / max(1, len(written)) / 2))
    started = time.time()
    for epoch in range(epochs):
        order = np.concatenate([np.arange(written_from), *[written] * repeats])
        numbers.shuffle(order)
        net.train()
        total = 0.0
        for group in dense, sparse:
            for part in group.param_groups:
                part["lr"] *= 1.0 if epoch < epochs // 2 else 0.6
        for rows, texts in _batches(table, order, rng, noise=0.5):
            buckets, starts = (torch.from_numpy(array) for array in extract(texts))
            logits = net(buckets, starts)
            target, weight = torch.from_numpy(y[rows]), torch.from_numpy(w[rows])
            loss = (nn.functional.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).sum() / len(rows)
            if teacher is not None:
                soft = torch.from_numpy(teacher[rows])
                known = ~torch.isnan(soft)
                each = nn.functional.binary_cross_entropy_with_logits(logits, soft.nan_to_num(), reduction="none")
                loss = 0.5 * loss + 0.7 * (each * known).sum() / len(rows)
            for optimiser in (sparse, dense):
                optimiser.zero_grad()
            loss.backward()
            for optimiser in (sparse, dense):
                optimiser.step()
            total += float(loss.detach()) * len(rows)
        print(f"epoch {epoch + 1}/{epochs} loss {total / len(order):.4f} ({time.time() - started:.0f} s, written x{repeats})", flush=True)
    net.eval()
    return net


def logits(net: Net, texts: list[str]) -> npt.NDArray[np.float32]:
    """Raw outputs for texts. Shape: texts x OUTPUTS."""
    rows = []
    with torch.no_grad():
        for at in range(0, len(texts), BATCH):
            buckets, starts = (torch.from_numpy(array) for array in extract(texts[at : at + BATCH]))
            rows.append(net(buckets, starts).numpy())
    return np.concatenate(rows)


def platt(score: npt.NDArray[np.float32], y: npt.NDArray[np.float32], w: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Slope and offset that make sigmoid(slope * score + offset) a probability (Platt 1999)."""
    if y.sum() < 5:
        return 1.0, 0.0
    model = LogisticRegression(C=10.0).fit(score[:, None], y, sample_weight=w)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def calibrate(net: Net, table: Table) -> npt.NDArray[np.float32]:
    """Platt scaling for each output on texts that the net has not seen. Shape: OUTPUTS x 2."""
    y, w = table.arrays()
    raw = logits(net, table.texts)
    rows = []
    for name, column in INDEX.items():
        known = w[:, column] > 0
        pair = platt(raw[known, column], y[known, column], w[known, column])
        print(f"calibration {name}: slope {pair[0]:.2f} offset {pair[1]:+.2f} ({int(y[known, column].sum())} positives)")
        rows.append(pair)
    return np.array(rows, np.float32)


def save(net: Net, calibration: npt.NDArray[np.float32], path: Path, version: str) -> None:
    """Writes the file that FastModel reads: the table in int8, one scale a dimension."""
    table = net.table.weight.detach().numpy()
    scale = np.maximum(np.quantile(np.abs(table), 0.9995, axis=0) / 127, ROW_SCALE_FLOOR).astype(np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path, table=np.clip(np.rint(table / scale), -127, 127).astype(np.int8), scale=scale,
        w1=net.w1.weight.detach().numpy().T.copy(), b1=net.w1.bias.detach().numpy(),
        w2=net.w2.weight.detach().numpy().T.copy(), b2=net.w2.bias.detach().numpy(),
        outputs=np.array(OUTPUTS), calibration=calibration, version=np.array(version),
    )  # fmt: skip
    print(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")


def tables(data: Path) -> tuple[Table, int, Table]:
    """(what to train on, where its written lines start, what to calibrate on: held-out writers and the public validation rows)."""
    fit, seen = split_written()
    table, rest = Table(), Table()
    add_public(table, data)
    start = len(table.texts)
    add_written(table, fit)
    add_written(rest, seen)
    return table, start, rest


def main() -> None:
    """Trains, calibrates, saves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/ and lexicons/")
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--teacher", type=Path, help="soft targets from training.encoder, .npz")
    parser.add_argument("--version", default="fast-0")
    options = parser.parse_args()
    table, start, rest = tables(options.data)
    print(f"{start} public rows, {len(table.texts) - start} written lines, {len(rest.texts)} held out")
    teacher = None
    if options.teacher:
        soft = dict(zip(*(np.load(options.teacher, allow_pickle=False)[name] for name in ("texts", "scores")), strict=True))
        empty = np.full(len(OUTPUTS), np.nan, np.float32)
        teacher = np.stack([soft.get(text, empty) for text in table.texts])
    net = train(table, start, options.epochs, options.seed, teacher)
    save(net, calibrate(net, rest), options.out, options.version)


if __name__ == "__main__":
    main()
