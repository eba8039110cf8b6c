"""Makes the fast stage: `python -m training.train --data FOLDER [--teacher FILE]`. Convex, so that it comes out the same."""

from __future__ import annotations

import argparse
import multiprocessing
import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from leeward.engine.text.features import BUCKETS, extract
from leeward.engine.text.model import FILE
from training.datasets import INDEX, OUTPUTS, Table, add_public, add_written, disguise, join, split_written

Array = npt.NDArray[np.float32]
WRITTEN_WEIGHT = 12.0
STRENGTH = 2.0
"""Inverse of the L2 penalty, as `C` in scikit-learn."""
MIN_DOCUMENTS = 3
TEACHER_SHARE, TEACHER_WEIGHT = 0.5, 0.3
MOST_POSITIVE_WEIGHT = 12.0
SURE = 0.03
"""A soft target this near to 0 or 1 counts as one answer only."""


def features(texts: list[str]) -> sp.csr_matrix:
    """Counts of hashed features. Shape: texts x BUCKETS."""
    parts = []
    for at in range(0, len(texts), 4096):
        buckets, starts = extract(texts[at : at + 4096])
        ones = np.ones(len(buckets), np.float32)
        parts.append(sp.csr_matrix((ones, buckets, np.append(starts, len(buckets))), shape=(len(starts), BUCKETS)))
    return sp.vstack(parts, format="csr")


def document_weights(counts: sp.csr_matrix) -> Array:
    """Inverse document frequency; 0 for what too few texts hold. Shape: BUCKETS."""
    counts = counts.copy()
    counts.sum_duplicates()
    found = np.bincount(counts.indices, minlength=BUCKETS)
    idf = np.log((1 + counts.shape[0]) / (1 + found)) + 1
    return np.where(found >= MIN_DOCUMENTS, idf, 0).astype(np.float32)


def weigh(counts: sp.csr_matrix, idf: Array) -> sp.csr_matrix:
    """Rows weighted by idf and brought to the norm that FastModel uses: the root of the sum of idf squared over all features."""
    weighted = counts.copy()
    weighted.data = idf[counts.indices]
    squares = np.add.reduceat(np.square(weighted.data), counts.indptr[:-1])
    norm = np.sqrt(np.maximum(squares, 1e-6))
    return sp.diags((1 / norm).astype(np.float32)) @ weighted


def fit(matrix: sp.csr_matrix, y: Array, w: Array) -> tuple[Array, float]:
    """Logistic regression (liblinear). A soft target counts as both answers, each by its share. Returns weights and bias."""
    known = np.flatnonzero(w > 0)
    yes, no = known[y[known] > SURE], known[y[known] < 1 - SURE]
    if not len(yes):
        return np.zeros(BUCKETS, np.float32), 0.0
    weights = np.concatenate([w[yes] * y[yes], w[no] * (1 - y[no])])
    balance = min(MOST_POSITIVE_WEIGHT, float(np.sqrt(weights[len(yes) :].sum() / max(1e-9, weights[: len(yes)].sum()))))
    weights[: len(yes)] *= balance
    labels = np.concatenate([np.ones(len(yes)), np.zeros(len(no))])
    model = LogisticRegression(C=STRENGTH, solver="liblinear", tol=1e-3, max_iter=100, intercept_scaling=5.0)
    model.fit(matrix[np.concatenate([yes, no])], labels, sample_weight=weights)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


def platt(score: Array, y: Array, w: Array) -> tuple[float, float]:
    """Slope and offset that make sigmoid(slope * score + offset) a probability (Platt 1999)."""
    if y.sum() < 5:
        return 1.0, 0.0
    model = LogisticRegression(C=10.0).fit(score[:, None], y, sample_weight=w)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def tables(data: Path) -> tuple[Table, int, Table]:
    """(what to train on, where its written lines start, what to calibrate on: the held-out writers)."""
    seen, held = split_written()
    table, rest = Table(), Table()
    add_public(table, data)
    start = len(table.texts)
    add_written(table, seen)
    add_written(rest, held)
    return table, start, rest


def _targets(table: Table, start: int, teacher: Path | None) -> tuple[Array, Array]:
    """Targets and weights, softened by the teacher where it has an opinion."""
    y, w = table.arrays()
    w[start:] *= WRITTEN_WEIGHT
    if teacher is None:
        return y, w
    stored = np.load(teacher, allow_pickle=False)
    place = {text: row for row, text in enumerate(stored["texts"].tolist())}
    soft = stored["scores"].astype(np.float32)
    for row, text in enumerate(table.texts):
        found = place.get(text)
        if found is not None:
            labelled = w[row] > 0
            y[row] = np.where(labelled, (1 - TEACHER_SHARE) * y[row] + TEACHER_SHARE * soft[found], soft[found])
            w[row] = np.where(labelled, w[row], TEACHER_WEIGHT)
    return y, w


_FORKED: dict[str, Callable[[str], tuple[Array, float]]] = {}


def _fit_one(name: str) -> tuple[Array, float]:
    return _FORKED["fit"](name)


def train(table: Table, start: int, teacher: Path | None, seed: int) -> tuple[Array, Array, Array]:
    """(weights BUCKETS x OUTPUTS, bias OUTPUTS, idf BUCKETS)."""
    rng = random.Random(seed)
    y, w = _targets(table, start, teacher)
    copies = [*range(start, len(table.texts)), *(row for row in range(start) if rng.random() < 0.15)]
    texts = [*table.texts, *(disguise(table.texts[row], rng) for row in copies)]
    y, w = np.concatenate([y, y[copies]]), np.concatenate([w, w[copies] * 0.7])
    pairs = [
        (rng.randrange(start, len(table.texts)), rng.randrange(start, len(table.texts))) for _ in range((len(table.texts) - start) * 2 // 3)
    ]
    texts += [join(table.texts[one], table.texts[other], rng) for one, other in pairs]
    first, second = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    y = np.concatenate([y, np.maximum(y[first], y[second])])
    w = np.concatenate([w, np.minimum(w[first], w[second]) * 0.7])
    counts = features(texts)
    idf = document_weights(counts)
    matrix = weigh(counts, idf)
    weights, bias = np.zeros((BUCKETS, len(OUTPUTS)), np.float32), np.zeros(len(OUTPUTS), np.float32)
    started = time.time()

    def one(name: str) -> tuple[Array, float]:
        return fit(matrix, y[:, INDEX[name]], w[:, INDEX[name]])

    _FORKED["fit"] = one  # the workers are forks: they share the matrix without a copy
    with multiprocessing.get_context("fork").Pool() as pool:
        for name, (column, offset) in zip(OUTPUTS, pool.imap(_fit_one, OUTPUTS), strict=True):
            weights[:, INDEX[name]], bias[INDEX[name]] = column, offset
            print(f"{name}: {int((w[:, INDEX[name]] > 0).sum())} rows ({time.time() - started:.0f} s)", flush=True)
    return weights, bias, idf


def save(weights: Array, bias: Array, idf: Array, rest: Table, path: Path, version: str) -> None:
    """Calibrates on texts that were not trained on, and writes the file that FastModel reads."""
    folded = weights * idf[:, None]
    scale = np.maximum(np.abs(folded).max(axis=0) / 127, 1e-9)
    table = np.rint(folded / scale).astype(np.int8)
    raw = (
        weigh(features(rest.texts), idf) @ (np.divide(table * scale, idf[:, None], out=np.zeros_like(folded), where=idf[:, None] > 0))
        + bias
    )
    y, w = rest.arrays()
    pairs = np.array([platt(raw[w[:, c] > 0, c], y[w[:, c] > 0, c], w[w[:, c] > 0, c]) for c in range(len(OUTPUTS))], np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path, table=table, scale=scale.astype(np.float32), bias=bias, idf=idf.astype(np.float16), outputs=np.array(OUTPUTS),
        calibration=pairs, version=np.array(version),
    )  # fmt: skip
    print(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")


def main() -> None:
    """Trains, calibrates, saves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/ and lexicons/")
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--teacher", type=Path, help="soft targets from training.encoder, .npz")
    parser.add_argument("--version", default="fast-1")
    options = parser.parse_args()
    table, start, rest = tables(options.data)
    print(f"{start} public rows, {len(table.texts) - start} written lines, {len(rest.texts)} held out")
    save(*train(table, start, options.teacher, options.seed), rest, options.out, options.version)


if __name__ == "__main__":
    main()
