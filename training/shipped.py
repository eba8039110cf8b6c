"""Reads the weights of the shipped second stage back into torch, so that whoever has the repository can go on training from it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper

from training.e5 import Encoder, Weights, load

_PLACE = re.compile(r"/(layers\.\d+)/(\w+)/")
Arrays = dict[str, npt.NDArray[np.generic]]


def pieces_of(folder: Path, w: Weights) -> list[int]:
    """The ids, in the whole vocabulary, of the pieces that the shipped tokenizer knows; in its order."""
    ids = {piece: i for i, (piece, _) in reversed(list(enumerate(w.pieces)))}
    vocabulary = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return [ids[piece] for piece, _ in vocabulary]


def _wide(stored: Arrays, name: str) -> torch.Tensor:
    """A stored matrix in full precision: from int8 with a scale a column, from half floats, or as it is."""
    if (quantised := stored.get(f"{name}_quantized")) is not None:
        zero = stored[f"{name}_zero_point"].astype(np.float32)
        return torch.from_numpy((quantised.astype(np.float32) - zero) * stored[f"{name}_scale"].astype(np.float32))
    return torch.from_numpy(stored[f"{name}_half" if f"{name}_half" in stored else name].astype(np.float32))


def shipped(folder: Path, layers: list[int], outputs: int) -> tuple[Encoder, Weights, list[int]]:
    """The shipped encoder, the package's weights and the kept pieces, as `training.e5.load` gives them.

    What int8 rounded away stays lost, but for the token table, which is never trained and is taken from the package.
    """
    net, w, kept = load(layers, pieces_of(folder, Weights()), outputs)
    graph = onnx.load(folder / "model.onnx").graph
    stored = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    state = net.state_dict()
    found = {name: torch.from_numpy(value.copy()) for name, value in stored.items() if name in state}
    found["tokens.weight"], found["positions.weight"] = state["tokens.weight"], _wide(stored, "positions.weight")
    found["head.weight"] = _wide(stored, "head.weight_Transposed").T
    for node in graph.node:
        place = _PLACE.match(node.name)
        if place and node.op_type in ("MatMul", "MatMulInteger") and f"{place[1]}.{place[2]}.weight" in state:
            found[f"{place[1]}.{place[2]}.weight"] = _wide(stored, node.input[1].removesuffix("_quantized")).T
    net.load_state_dict(found)
    return net, w, kept
