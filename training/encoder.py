"""Makes the second stage: multilingual-e5-small cut to half its layers and our languages' tokens, fine-tuned, exported to int8 ONNX.

`python -m training.encoder --data FOLDER`; then `--teach FILE` writes its scores of all training texts, from which the fast stage learns.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer
from torch import nn

from leeward.engine.text.encoder import FOLDER, LENGTH
from leeward.engine.text.normalise import normalise
from training.datasets import INDEX, OUTPUTS, Table, disguise, join
from training.e5 import SPECIAL, Encoder, Weights, load, tokenizer
from training.train import platt, tables

LAYERS = [0, 2, 4, 6, 8, 10]
PIECES = 28_000
BATCH = 32
TAUGHT_PUBLIC, TAUGHT_LENGTH = 15_000, 140
WORK = Path(__file__).parent / "work"
Pair = tuple[torch.Tensor, torch.Tensor]


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


def encode(tok: Tokenizer, texts: list[str]) -> Pair:
    """(ids, mask), padded to the longest."""
    encoded = tok.encode_batch([normalise(text) for text in texts])
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


def fine_tune(net: Encoder, tok: Tokenizer, table: Table, written_from: int, minutes: float, seed: int, rate: float) -> None:
    """Trains for so many minutes. Three of four batches are written lines, the fourth public ones, scarce languages and labels more often."""
    torch.manual_seed(seed)
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    y, w = table.arrays()
    written = np.arange(written_from, len(table.texts))
    scarce = np.array([1.0 if language == "en" else 2.0 for language in table.languages[:written_from]])
    scarce *= 1 + 3 * (y[:written_from, INDEX["conduct.threat"]] > 0) + (y[:written_from, INDEX["conduct.bullying"]] > 0)
    scarce *= np.array([float(len(text) < 140) for text in table.texts[:written_from]])
    scarce /= scarce.sum()
    groups = [
        {"params": net.head.parameters(), "lr": 2e-3},
        {"params": [p for name, p in net.named_parameters() if not name.startswith(("head", "tokens"))], "lr": 2e-4},
    ]
    net.tokens.requires_grad_(False)  # half of all parameters; they hold what the package's training on a billion texts gave them
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    peaks = [group["lr"] * rate for group in optimiser.param_groups]
    started, step, total = time.time(), 0, 0.0
    net.train()
    queue: list[int] = []
    while (done := (time.time() - started) / 60 / minutes) < 1:
        if len(queue) < BATCH:
            queue = [*queue, *numbers.permutation(written).tolist()]
        if step % 4 == 3:  # public rows are longer: apart, the written ones need less padding
            rows = numbers.choice(written_from, BATCH, p=scarce)
        else:
            rows, queue = np.array(queue[:BATCH]), queue[BATCH:]
        for group, peak in zip(optimiser.param_groups, peaks, strict=True):
            group["lr"] = peak * min(1.0, (step + 1) / 100) * max(0.02, 1 - done)
        texts = [disguise(table.texts[i], rng) if rng.random() < 0.35 else table.texts[i] for i in rows]
        targets, weights = y[rows], w[rows]
        for place, row in enumerate(rows):  # what is said in one breath with something else is still said
            if row >= written_from and rng.random() < 0.3:
                other = rng.choice(written)
                texts[place] = join(texts[place], table.texts[other], rng)
                targets[place] = np.maximum(targets[place], y[other])
        target, weight = torch.from_numpy(targets), torch.from_numpy(weights)
        each = nn.functional.binary_cross_entropy_with_logits(net(*encode(tok, texts)), target, reduction="none")
        loss = (each * weight).sum() / weight.sum().clamp(min=1) * 10
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for p in net.parameters() if p.requires_grad], 1.0)
        optimiser.step()
        step, total = step + 1, total + float(loss.detach())
        if step % 25 == 0:
            print(f"step {step}, {done:.0%}, loss {total / 25:.4f}", flush=True)
            total = 0.0


def export(net: Encoder, tok: Tokenizer, calibration: npt.NDArray[np.float32], version: str) -> None:
    """Writes model.onnx in int8, tokenizer.json and meta.npz."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    FOLDER.mkdir(parents=True, exist_ok=True)
    net.eval()
    example = encode(tok, ["how are you", "fine, thank you all"])
    plain = FOLDER / "plain.onnx"
    torch.onnx.export(
        net, example, str(plain), input_names=["ids", "mask"], output_names=["scores"], opset_version=17, dynamo=False,
        dynamic_axes={"ids": {0: "n", 1: "t"}, "mask": {0: "n", 1: "t"}, "scores": {0: "n"}},
    )  # fmt: skip
    quantize_dynamic(str(plain), str(FOLDER / "model.onnx"), weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"])
    plain.unlink()
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


def main() -> None:
    """Cuts, fine-tunes, exports, teaches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--version", default="encoder-1")
    parser.add_argument("--start", type=Path, help="go on from this state (training/work/encoder.pt) instead of the package's weights")
    parser.add_argument("--teach", type=Path, help="also write soft targets for the fast stage here (.npz)")
    options = parser.parse_args()
    table, start, rest = tables(options.data)
    before = torch.load(options.start, weights_only=True) if options.start else None
    pieces = before["pieces"] if before else choose_pieces(table, start, Weights())
    net, w, kept = load(LAYERS, pieces, len(OUTPUTS))
    if before:
        net.load_state_dict(before["net"])
    tok = tokenizer([w.pieces[i] for i in kept], w.unk, w.bos, w.eos, LENGTH)
    print(
        f"{len(kept)} pieces, {sum(p.numel() for p in net.parameters()) / 1e6:.1f} M parameters, {len(table.texts) - start} written lines",
        flush=True,
    )
    fine_tune(net, tok, table, start, options.minutes, options.seed, 0.6 if before else 1.0)
    WORK.mkdir(parents=True, exist_ok=True)
    torch.save({"net": net.state_dict(), "pieces": kept}, WORK / "encoder.pt")
    calibration = calibration_of(net, tok, rest)
    export(net, tok, calibration, options.version)
    if options.teach:
        teach(net, tok, calibration, table, start, options.teach)


if __name__ == "__main__":
    main()
