"""A bank in a folder: signals with provenance, built into a new folder and swapped in by one rename.

banks/
  current            the name of the folder in use
  20261125-3f9a…/    manifest.json and .npy files
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import msgspec
import numpy as np

from leeward.engine import harms
from leeward.engine.banks import links, phrases
from leeward.engine.banks.exact_index import ExactIndex, digest
from leeward.engine.banks.pdq_index import PdqIndex
from leeward.engine.banks.phrases import PhraseIndex

SignalKind = Literal["pdq", "sha256", "url", "phrase"]
POINTER = "current"


class BankError(ValueError):
    """A bank or a line of its source cannot be used; the message says where and what to do."""


class Signal(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One known harmful thing: a PDQ or SHA-256 in hexadecimal, a link, or a phrase. `source` says who vouches for it."""

    kind: SignalKind
    value: str
    source: str
    harm: str = "content.known"


@dataclass(frozen=True, slots=True)
class Match:
    """A signal that was met. `distance` is in bits for PDQ, 0 for the exact kinds."""

    kind: str
    harm: str
    source: str
    distance: int


def _check(signal: Signal, where: str) -> Signal:
    value = signal.value.strip()
    if signal.kind in ("pdq", "sha256"):
        try:
            size = len(bytes.fromhex(value))
        except ValueError:
            size = -1
        if size != 32:
            raise BankError(f"{where}: {signal.kind} is 64 hexadecimal digits, this is {value[:70]!r}.")
    elif signal.kind == "phrase":
        if len(phrases.words(value).replace(" ", "")) < phrases.LEAST:
            raise BankError(f"{where}: a phrase has at least {phrases.LEAST} letters, this is {value[:70]!r}.")
        if signal.harm == "content.known":
            raise BankError(f"{where}: a phrase needs its `harm`, for example conduct.threat; content.known is for files and links.")
    elif not links.normalise(value):
        raise BankError(f"{where}: not a link: {value[:70]!r}.")
    if signal.harm not in harms.BY_CODE:
        raise BankError(f"{where}: unknown harm {signal.harm!r}. The harms are listed in docs/glossary.md.")
    if not signal.source.strip():
        raise BankError(f"{where}: `source` is empty: say who vouches for this signal.")
    return msgspec.structs.replace(signal, value=value.lower() if signal.kind in ("pdq", "sha256") else value)


def read_signals(path: Path) -> Iterator[Signal]:
    """Reads `kind,value,source[,harm]` from CSV (with a header) or JSON lines; raises BankError with the line's number."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            if path.suffix in (".jsonl", ".ndjson"):
                rows: Iterable[object] = (json.loads(line) for line in file if line.strip())
            else:
                rows = ({key: value for key, value in row.items() if value} for row in csv.DictReader(file))
            for number, row in enumerate(rows, 1):
                where = f"{path.name}, signal {number}"
                try:
                    yield _check(msgspec.convert(row, Signal), where)
                except msgspec.ValidationError as error:
                    raise BankError(
                        f"{where}: {error}. A signal has kind (pdq, sha256, url, phrase), value, source and perhaps harm."
                    ) from error
    except (OSError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BankError(f"{path}: cannot be read as signals ({error}).") from error


def build(signals: Iterable[Signal], root: Path) -> Path:
    """Builds a bank under `root` and makes it the current one; the old one stays until it is removed. Returns its folder."""
    rows = list(dict.fromkeys(signals))
    labels = list(dict.fromkeys((signal.harm, signal.source) for signal in rows))
    label_of = {label: index for index, label in enumerate(labels)}
    fingerprint = hashlib.sha256(msgspec.json.encode(rows)).hexdigest()[:16]
    root.mkdir(parents=True, exist_ok=True)
    folder = root / fingerprint
    with tempfile.TemporaryDirectory(dir=root, prefix=".building-") as work:
        at = Path(work)
        for kind in get_args(SignalKind):
            part = [signal for signal in rows if signal.kind == kind]
            np.save(at / f"{kind}-labels.npy", np.array([label_of[signal.harm, signal.source] for signal in part], np.uint16))
            if kind == "pdq":
                values = b"".join(bytes.fromhex(signal.value) for signal in part)
                PdqIndex.build(np.frombuffer(values, np.uint8).reshape(-1, 32)).save(at)
            elif kind == "phrase":
                (at / "phrases.json").write_text(json.dumps([phrases.words(signal.value) for signal in part]), encoding="utf-8")
            else:
                keys = [bytes.fromhex(s.value)[:16] if kind == "sha256" else digest(links.signal_key(s.value)) for s in part]
                ExactIndex.build(keys, list(range(len(part)))).save(at, kind)
        counts = {kind: sum(signal.kind == kind for signal in rows) for kind in get_args(SignalKind)}
        (at / "manifest.json").write_text(json.dumps({"version": fingerprint, "signals": counts, "labels": labels}, indent=1))
        if not folder.exists():
            target = at.rename(folder)
            target.chmod(0o755)
            at.mkdir()
    pointer = root / f".{POINTER}-{os.getpid()}"
    pointer.write_text(fingerprint)
    pointer.replace(root / POINTER)
    return folder


class Bank:
    """An opened bank."""

    def __init__(self, folder: Path) -> None:
        try:
            manifest = json.loads((folder / "manifest.json").read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise BankError(f"{folder}: not a bank ({error}). Build one with `leeward bank build`.") from error
        self.version: str = manifest["version"]
        self.counts: dict[str, int] = manifest["signals"]
        self._labels: list[tuple[str, str]] = [(harm, source) for harm, source in manifest["labels"]]
        kinds = [kind for kind in get_args(SignalKind) if kind in self.counts]  # one built before a kind existed has none of it
        self._label_of = {kind: np.load(folder / f"{kind}-labels.npy", mmap_mode="r") for kind in kinds}
        self._pdq = PdqIndex.open(folder) if self.counts["pdq"] else None
        self._phrases = (
            PhraseIndex(json.loads((folder / "phrases.json").read_text(encoding="utf-8"))) if self.counts.get("phrase") else None
        )
        self._exact = {kind: ExactIndex.open(folder, kind) for kind in ("sha256", "url") if self.counts[kind]}

    def _match(self, kind: str, row: int, distance: int = 0) -> Match:
        harm, source = self._labels[int(self._label_of[kind][row])]
        return Match(kind, harm, source, distance)

    def pdq(self, value: str) -> list[Match]:
        """Every signal within 31 bits of a PDQ hash (64 hexadecimal digits), nearest first."""
        if self._pdq is None:
            return []
        rows, distances = self._pdq.search(bytes.fromhex(value))
        return [self._match("pdq", int(row), int(distance)) for row, distance in zip(rows, distances, strict=True)]

    def sha256(self, value: str) -> list[Match]:
        """The signal of this SHA-256 (64 hexadecimal digits)."""
        index = self._exact.get("sha256")
        row = index.find(bytes.fromhex(value)[:16]) if index else None
        return [] if row is None else [self._match("sha256", row)]

    def link(self, link: str) -> list[Match]:
        """The most exact signal that covers a link: itself, a path above it, its host or a domain above that."""
        index = self._exact.get("url")
        if index is None:
            return []
        for key in links.keys(links.normalise(link)):
            row = index.find(digest(key))
            if row is not None:
                return [self._match("url", row)]
        return []

    def phrases(self, text: str) -> list[Match]:
        """Every known phrase that stands in a text."""
        return [self._match("phrase", row) for row in self._phrases.find(text)] if self._phrases and text else []


def current(root: Path) -> Bank | None:
    """Opens the bank in use under `root`; None where none was built."""
    pointer = root / POINTER
    return Bank(root / pointer.read_text().strip()) if pointer.exists() else None
