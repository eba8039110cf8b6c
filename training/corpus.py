"""Reads the written lines (training/written/<language>/<writer>.txt): the form is described in GUIDE.md beside them."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leeward.engine.harms import BY_CODE

WRITTEN = Path(__file__).parent / "written"
SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")
HARMS = frozenset(code for code, harm in BY_CODE.items() if "text" in harm.scored_by)


@dataclass(frozen=True, slots=True)
class Line:
    """One written message. `pair` joins a harmful line and its innocent twin; `situation` and `writer` are held out whole."""

    text: str
    harms: frozenset[str]
    language: str
    writer: str
    kind: str
    situation: str
    pair: str | None = None


class BadLineError(ValueError):
    """A line that does not follow the form, with its file and number."""


def _header(text: str, where: str) -> tuple[frozenset[str], str, str]:
    parts = [part.strip() for part in text.split("|")]
    if len(parts) != 3:
        raise BadLineError(f"{where}: a section is '## harms | kind | situation', this has {len(parts)} parts: {text!r}")
    harms = frozenset() if parts[0] == "-" else frozenset(code.strip() for code in parts[0].split(","))
    unknown = harms - HARMS
    if unknown:
        raise BadLineError(f"{where}: not a harm of the guide: {', '.join(sorted(unknown))}")
    for slug in parts[1:]:
        if not SLUG.fullmatch(slug):
            raise BadLineError(f"{where}: kind and situation use a-z, 0-9 and '-', this is {slug!r}")
    return harms, parts[1], parts[2]


def read_file(path: Path) -> Iterator[Line]:
    """Yields the lines of one writer; raises BadLineError with file and line number."""
    language, writer = path.parent.name, path.stem
    section: tuple[frozenset[str], str, str] | None = None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text, where = raw.strip(), f"{path.name}:{number}"
        if text.startswith("## "):
            section = _header(text[3:], where)
        elif text and not text.startswith("# "):
            if section is None:
                raise BadLineError(f"{where}: a message before the first '## harms | kind | situation'")
            harms, kind, situation = section
            left, bar, right = text.partition(" || ")
            pair = f"{language}/{writer}:{number}" if bar else None
            yield Line(left.strip(), harms, language, writer, kind, situation, pair)
            if bar:
                yield Line(right.strip(), frozenset(), language, writer, kind, situation, pair)


def read(root: Path = WRITTEN) -> list[Line]:
    """All written lines, in the order of the file names."""
    return [line for path in sorted(root.glob("*/*.txt")) for line in read_file(path)]


def report(paths: list[Path]) -> int:
    """Prints lines a class, repeated openings and exact repeats of the given files; returns the number of bad files."""
    bad, harms, seen, openings = 0, Counter[str](), Counter[str](), Counter[str]()
    for path in paths:
        try:
            lines = list(read_file(path))
        except BadLineError as error:
            print(error)
            bad += 1
            continue
        for line in lines:
            harms.update(line.harms or ["-"])
            seen[line.text.casefold()] += 1
            openings[" ".join(line.text.casefold().split()[:3])] += 1
    print(f"{sum(seen.values())} lines in {len(paths)} files;", dict(harms.most_common()))
    print("said twice:", [text for text, count in seen.items() if count > 1][:20])
    print("openings used often:", [(text, count) for text, count in openings.most_common(8) if count > 6])
    return bad


if __name__ == "__main__":
    names = [Path(name) for name in sys.argv[1:]] or sorted(WRITTEN.glob("*/*.txt"))
    sys.exit(report(names))
