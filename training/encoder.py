"""Makes the second stage: multilingual-e5-small cut to half its layers and our languages' tokens, fine-tuned, exported to int8 ONNX.

`python -m training.encoder --data FOLDER`; then `--teach FILE` writes its scores of all training texts, from which the fast stage learns.
"""

from __future__ import annotations

import argparse
import functools
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn

from leeward.engine.text.encoder import FOLDER, LENGTH, readable
from leeward.engine.text.normalise import normalise
from training.datasets import INDEX, OUTPUTS, TRUSTED, Table, disguise, join
from training.e5 import SPECIAL, Encoder, Weights, load, tokenizer
from training.shipped import shipped
from training.train import platt, tables

LAYERS = [0, 2, 4, 6, 8, 10]
PIECES = 28_000
SAMPLE, OFTEN = 60, 3
"""Lines of a writer by which `read_badly` judges; how often the lines of those writers come for once of the others."""
POOL, UNITS = 768, 28
"""Texts that are drawn and sorted by length at once; texts (or pairs of twins) of one step."""
LONGEST_DRAWN = 180
"""Letters of a public text; longer ones are unlike chat and cost most of the time."""
TWINS = 0.5
TRUST_DRAWN = 8.0
"""How much more often a row of a trusted source is drawn."""
TAUGHT_PUBLIC, TAUGHT_LENGTH = 15_000, 140
WORK = Path(__file__).parent / "work"
LARGE = 100_000
"""Numbers of a tensor from which on it is worth to store it in half."""
RATE_ON = 0.8
"""Learning rate of a run that goes on from another, as a share of the first one's."""
MOVES = 0.7
"""How far a run that goes on from another moves the weights: see blend."""
State = dict[str, torch.Tensor]
Pair = tuple[torch.Tensor, torch.Tensor]


class Batch(NamedTuple):
    """Texts (ids, mask), targets and weights of shape texts x OUTPUTS, and the places of twins, pairs x 2."""

    texts: Pair
    target: torch.Tensor
    weight: torch.Tensor
    twins: torch.Tensor


def choose_pieces(table: Table, written_from: int, w: Weights) -> list[int]:
    """The pieces that our texts use most (written lines count tenfold), and every single letter, digit and sign."""
    full = tokenizer(w.pieces, w.unk, w.bos, w.eos, LENGTH)
    counts: Counter[int] = Counter()
    for row, text in enumerate(table.texts):
        for piece in full.encode(normalise(text), add_special_tokens=False).ids:
            counts[piece] += 10 if row >= written_from else 1
    single = {i for i, (piece, _) in enumerate(w.pieces) if len(piece.lstrip("▁")) == 1 and ord(piece[-1]) < 0x530}
    special = list(range(len(SPECIAL)))
    best = [piece for piece, _ in counts.most_common() if piece not in single and piece >= len(SPECIAL)]
    return special + sorted({*best[: PIECES - len(single) - len(special)], *single} - set(special))


@functools.lru_cache(maxsize=1)
def _known(tok: Tokenizer) -> frozenset[str]:
    return frozenset(tok.get_vocab())


def encode(tok: Tokenizer, texts: list[str]) -> Pair:
    """(ids, mask), padded to the longest."""
    encoded = tok.encode_batch([readable(text, _known(tok)) for text in texts])
    width = max(len(item.ids) for item in encoded)
    ids = torch.full((len(texts), width), 1)
    mask = torch.zeros((len(texts), width), dtype=torch.long)
    for row, item in enumerate(encoded):
        ids[row, : len(item.ids)] = torch.tensor(item.ids)
        mask[row, : len(item.ids)] = 1
    return ids, mask


def predict(net: Encoder, tok: Tokenizer, texts: list[str]) -> npt.NDArray[np.float32]:
    """Raw outputs, in the order of the texts."""
    net.eval()
    order = np.argsort([len(text) for text in texts])
    out = np.zeros((len(texts), len(OUTPUTS)), np.float32)
    with torch.no_grad():
        for at in range(0, len(order), 128):
            rows = order[at : at + 128]
            out[rows] = net(*encode(tok, [texts[i] for i in rows])).numpy()
    return out


def read_badly(net: Encoder, tok: Tokenizer, table: Table, written_from: int) -> frozenset[str]:
    """Writers whose lines cost the encoder twice what most writers' do (by a sample of each): those that it has not read yet, mostly."""
    y, w = table.arrays()
    rng = np.random.default_rng(3)
    rows_of: dict[str, list[int]] = {}
    for row in range(written_from, len(table.texts)):
        rows_of.setdefault(table.sources[row], []).append(row)
    samples = {writer: rng.choice(rows, min(SAMPLE, len(rows)), replace=False) for writer, rows in rows_of.items()}
    rows = np.concatenate(list(samples.values()))
    raw = torch.from_numpy(predict(net, tok, [table.texts[row] for row in rows]))
    each = nn.functional.binary_cross_entropy_with_logits(raw, torch.from_numpy(y[rows]), torch.from_numpy(w[rows]), reduction="none")
    of_row = dict(zip(rows.tolist(), each.sum(1).tolist(), strict=True))
    losses = {writer: float(np.mean([of_row[row] for row in sample.tolist()])) for writer, sample in samples.items()}
    limit = 2 * float(np.median(list(losses.values())))
    return frozenset(writer for writer, loss in losses.items() if loss > limit)


class Draw:
    """Draws what to learn from: three of four texts are written ones, scarce public languages and labels come more often, twins come together."""

    def __init__(self, table: Table, written_from: int, seed: int, often: frozenset[str]) -> None:
        self._table, self._from = table, written_from
        self._rng, self._numbers = random.Random(seed), np.random.default_rng(seed)
        self.y, self.w = table.arrays()
        written = np.arange(written_from, len(table.texts))
        again = [row for row in written if table.sources[row] in often]
        self._written = np.array([*written, *again * (OFTEN - 1)])
        self._queue: list[int] = []
        scarce = np.array([1.0 if language == "en" else 2.0 for language in table.languages[:written_from]])
        scarce *= 1 + 3 * (self.y[:written_from, INDEX["conduct.threat"]] > 0) + (self.y[:written_from, INDEX["conduct.bullying"]] > 0)
        scarce *= 1 + (self.y[:written_from, INDEX["conduct.hate"]] > 0)
        scarce *= np.array([TRUST_DRAWN if source in TRUSTED else 1.0 for source in table.sources[:written_from]])
        scarce *= np.array([float(len(text) < LONGEST_DRAWN) for text in table.texts[:written_from]])
        self._scarce = scarce / scarce.sum()
        self._twin: dict[int, int] = {}
        first: dict[str, int] = {}
        for row, pair in enumerate(table.pairs):
            if pair is not None and (other := first.setdefault(pair, row)) != row:
                self._twin[other], self._twin[row] = row, other

    def _units(self) -> list[list[int]]:
        """Rows that are learned from together: a harmful line with its innocent twin, or one text."""
        if len(self._queue) < POOL:
            self._queue = [*self._queue, *self._numbers.permutation(self._written).tolist()]
        own, self._queue = self._queue[: POOL * 3 // 4], self._queue[POOL * 3 // 4 :]
        pairs = {tuple(sorted((row, self._twin[row]))) for row in own if row in self._twin}
        alone = [[row] for row in own if row not in self._twin]
        return [*map(list, pairs), *alone, *([row] for row in self._numbers.choice(self._from, POOL // 4, p=self._scarce).tolist())]

    def _text(self, row: int) -> str:
        text = self._table.texts[row]
        return disguise(text, self._rng) if self._rng.random() < 0.35 else text

    def batches(self, tok: Tokenizer) -> Iterator[Batch]:
        """One pool of texts, in batches of like length (half of the time went into padding before), in any order."""
        units = []
        for rows in self._units():
            texts, targets = [self._text(row) for row in rows], [self.y[row] for row in rows]
            if len(rows) == 1 and rows[0] >= self._from and self._rng.random() < 0.3:
                other = self._rng.choice(self._written)  # what is said in one breath with something else is still said
                texts, targets = [join(texts[0], self._table.texts[other], self._rng)], [np.maximum(targets[0], self.y[other])]
            units.append((max(map(len, texts)), rows, texts, targets))
        units.sort(key=lambda unit: unit[0])
        groups = [units[at : at + UNITS] for at in range(0, len(units), UNITS)]
        self._rng.shuffle(groups)
        for group in groups:
            rows = [row for _, own, _, _ in group for row in own]
            places = np.cumsum([0, *(len(own) for _, own, _, _ in group)])
            twins = [(at, at + 1) for at, (_, own, _, _) in zip(places, group, strict=False) if len(own) == 2]
            yield Batch(
                encode(tok, [text for _, _, texts, _ in group for text in texts]),
                torch.from_numpy(np.stack([target for _, _, _, targets in group for target in targets])),
                torch.from_numpy(self.w[rows]),
                torch.tensor(twins, dtype=torch.long).view(-1, 2),
            )


def loss_of(raw: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Cross-entropy of what is known of each text, and for twins that the harmful one is scored above the innocent one."""
    each = nn.functional.binary_cross_entropy_with_logits(raw, batch.target, reduction="none")
    loss = (each * batch.weight).sum() / batch.weight.sum().clamp(min=1) * 10
    one, other = batch.twins.T
    differs = batch.target[one] - batch.target[other]
    apart = nn.functional.softplus(1 - (raw[one] - raw[other]) * differs) * differs.abs()
    return loss + TWINS * apart.sum() / differs.abs().sum().clamp(min=1)


def fine_tune(
    net: Encoder, tok: Tokenizer, table: Table, written_from: int, minutes: float, seed: int, rate: float, often: frozenset[str]
) -> None:
    """Trains for so many minutes, on the lines of some writers more often; the rate rises for a hundred steps and then falls to nothing."""
    torch.manual_seed(seed)
    draw = Draw(table, written_from, seed, often)
    groups = [
        {"params": net.head.parameters(), "lr": 2e-3},
        {"params": [p for name, p in net.named_parameters() if not name.startswith(("head", "tokens"))], "lr": 2e-4},
    ]
    net.tokens.requires_grad_(False)  # half of all parameters; they hold what the package's training on a billion texts gave them
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    peaks = [group["lr"] * rate for group in optimiser.param_groups]
    started, step, seen, total = time.time(), 0, 0, 0.0
    net.train()
    while (done := (time.time() - started) / 60 / minutes) < 1:
        for batch in draw.batches(tok):
            done = min(1.0, (time.time() - started) / 60 / minutes)
            for group, peak in zip(optimiser.param_groups, peaks, strict=True):
                group["lr"] = peak * min(1.0, (step + 1) / 100) * max(0.01, 1 - done)
            loss = loss_of(net(*batch.texts), batch)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_([p for p in net.parameters() if p.requires_grad], 1.0)
            optimiser.step()
            step, seen, total = step + 1, seen + len(batch.target), total + float(loss.detach())
            if step % 100 == 0:
                print(f"step {step}, {done:.0%}, {seen / (time.time() - started):.0f} texts a second, loss {total / 100:.4f}", flush=True)
                total = 0.0


def blend(before: State, after: State, share: float) -> State:
    """Weights between those before and after a run, `share` of the way: better on writers never read than either (Wortsman et al. 2022)."""
    return {name: before[name] + share * (after[name] - before[name]) for name in before}


def halve(path: Path) -> None:
    """Stores the weights that stayed in full precision as half floats, which are widened again when the model is loaded."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load(path)
    large = [item for item in model.graph.initializer if item.data_type == TensorProto.FLOAT and int(np.prod(item.dims)) > LARGE]
    for item in large:
        half = numpy_helper.from_array(numpy_helper.to_array(item).astype(np.float16), f"{item.name}_half")
        model.graph.initializer.remove(item)
        model.graph.initializer.append(half)
        model.graph.node.insert(0, helper.make_node("Cast", [half.name], [item.name], name=f"{item.name}_widen", to=TensorProto.FLOAT))
    onnx.save(model, path)


def export(net: Encoder, tok: Tokenizer, calibration: npt.NDArray[np.float32], version: str) -> None:
    """Writes model.onnx, tokenizer.json and meta.npz.

    In int8, but for the second half of each feed-forward: what goes into it spreads too far for one scale, and cost most of what int8 lost.
    Seven bits of weights, since eight overflow on processors without VNNI.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    FOLDER.mkdir(parents=True, exist_ok=True)
    net.eval()
    example = encode(tok, ["how are you", "fine, thank you all"])
    plain = FOLDER / "plain.onnx"
    torch.onnx.export(
        net, example, str(plain), input_names=["ids", "mask"], output_names=["scores"], opset_version=17, dynamo=False,
        dynamic_axes={"ids": {0: "n", 1: "t"}, "mask": {0: "n", 1: "t"}, "scores": {0: "n"}},
    )  # fmt: skip
    wide = [node.name for node in onnx.load(plain).graph.node if "/ff2/" in node.name]
    quantize_dynamic(
        plain, FOLDER / "model.onnx", weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"], nodes_to_exclude=wide,
        per_channel=True, reduce_range=True,
    )  # fmt: skip
    plain.unlink()
    halve(FOLDER / "model.onnx")
    tok.save(str(FOLDER / "tokenizer.json"), pretty=False)
    np.savez(FOLDER / "meta.npz", outputs=np.array(OUTPUTS), calibration=calibration, version=np.array(version))
    for path in sorted(FOLDER.iterdir()):
        print(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")


def calibration_of(net: Encoder, tok: Tokenizer, rest: Table) -> npt.NDArray[np.float32]:
    """Platt scaling on the held-out writers."""
    y, w = rest.arrays()
    raw = predict(net, tok, rest.texts)
    return np.array([platt(raw[w[:, c] > 0, c], y[w[:, c] > 0, c], w[w[:, c] > 0, c]) for c in range(len(OUTPUTS))], np.float32)


def teach(net: Encoder, tok: Tokenizer, calibration: npt.NDArray[np.float32], table: Table, start: int, path: Path) -> None:
    """Writes calibrated scores of all written lines and of many short public rows, for the fast stage to learn from."""
    rng = np.random.default_rng(5)
    short = [row for row in range(start) if len(table.texts[row]) < TAUGHT_LENGTH]
    rows = [*rng.choice(short, min(TAUGHT_PUBLIC, len(short)), replace=False).tolist(), *range(start, len(table.texts))]
    texts = [table.texts[row] for row in rows]
    raw = predict(net, tok, texts) * calibration[:, 0] + calibration[:, 1]
    np.savez(path, texts=np.array(texts), scores=1 / (1 + np.exp(-raw)))
    print(f"wrote {path}: {len(texts)} texts")


def begin(start: Path | None, table: Table, written_from: int) -> tuple[Encoder, Weights, list[int]]:
    """The encoder to train, the package's weights and the kept pieces: from the package, from a state, or from a shipped folder."""
    if start is None:
        return load(LAYERS, choose_pieces(table, written_from, Weights()), len(OUTPUTS))
    if start.is_dir():
        return shipped(start, LAYERS, len(OUTPUTS))
    stored = torch.load(start, weights_only=True)
    net, w, kept = load(LAYERS, stored["pieces"], len(OUTPUTS))
    net.load_state_dict(stored["net"])
    return net, w, kept


def main() -> None:
    """Cuts, fine-tunes, exports, teaches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--version", default="encoder-1")
    parser.add_argument(
        "--start", type=Path, help=f"go on from a state (training/work/encoder.pt) or from what is shipped ({FOLDER.name}/)"
    )
    parser.add_argument("--teach", type=Path, help="also write soft targets for the fast stage here (.npz)")
    options = parser.parse_args()
    table, start, rest = tables(options.data)
    net, w, kept = begin(options.start, table, start)
    before = {name: value.clone() for name, value in net.state_dict().items()} if options.start else None
    tok = tokenizer([w.pieces[i] for i in kept], w.unk, w.bos, w.eos, LENGTH)
    print(
        f"{len(kept)} pieces, {sum(p.numel() for p in net.parameters()) / 1e6:.1f} M parameters, {len(table.texts) - start} written lines",
        flush=True,
    )
    often = read_badly(net, tok, table, start) if before else frozenset()
    print("read more often:", ", ".join(sorted(often)), flush=True)
    fine_tune(net, tok, table, start, options.minutes, options.seed, RATE_ON if before else 1.0, often)
    if before:
        net.load_state_dict(blend(before, net.state_dict(), MOVES))
    WORK.mkdir(parents=True, exist_ok=True)
    torch.save({"net": net.state_dict(), "pieces": kept}, WORK / "encoder.pt")
    calibration = calibration_of(net, tok, rest)
    export(net, tok, calibration, options.version)
    if options.teach:
        teach(net, tok, calibration, table, start, options.teach)


if __name__ == "__main__":
    main()
