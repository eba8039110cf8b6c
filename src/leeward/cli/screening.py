"""`leeward screen`: one text or picture, or a file of events in order."""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from leeward.engine import events, harms
from leeward.engine.contact import ActorState, PairState, States
from leeward.engine.events import Decision, Event, InvalidEventError
from leeward.engine.images import ImageError, ImageModel, fingerprint
from leeward.engine.screen import Engine

CHUNK = 256
MAX_BYTES_SHOWN = 20
Numbered = tuple[int, Event | InvalidEventError]


class Book:
    """States of a file's relationships, in memory. Bounded by the file."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], PairState] = {}
        self._actors: dict[str, ActorState] = {}

    def states(self, event: Event) -> States:
        """The states of an event; fresh ones where it names no refs."""
        actor, audience = event.actor.ref, event.audience.ref
        if not (actor and audience):
            return States()
        pair = self._pairs.setdefault((min(actor, audience), max(actor, audience)), PairState())
        return States(pair, self._actors.setdefault(actor, ActorState()), self._actors.setdefault(audience, ActorState()))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Pictures:
    """Looks at pictures that events name by `path`: hashes for the banks, and a score."""

    def __init__(self) -> None:
        self._model = ImageModel()

    def look(self, event: Event) -> tuple[Event, dict[str, float]]:
        """The event with hashes instead of paths, and the scores of its pictures."""
        scores: dict[str, float] = {}
        media = []
        for item in event.media:
            if item.path:
                try:
                    data = Path(item.path).read_bytes()
                    item = fingerprint(data)
                    for code, score in self._model.scores(data).items():
                        scores[code] = max(scores.get(code, 0.0), score)
                except (OSError, ImageError) as error:
                    raise InvalidEventError(f"media: {error}") from error
            media.append(item)
        return (msgspec.structs.replace(event, media=media) if media else event), scores


def screen_one(fields: dict[str, Any], image: Path | None, engine: Engine, as_json: bool) -> None:
    """Screens one text or picture and prints what to do and why."""
    if image is not None:
        fields["media"] = [{"path": str(image)}]
    try:
        event, scores = Pictures().look(msgspec.structs.replace(events.from_dict(fields), at=_now()))
    except InvalidEventError as error:
        Console(stderr=True).print(str(error), style="red", markup=False)
        sys.exit(2)
    decision = engine.screen(event, known=scores)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(decision), indent=2).decode())
    else:
        _print(decision, event)


def _print(decision: Decision, event: Event) -> None:
    out = Console(highlight=False)
    style = "green" if decision.action == "allow" else "yellow" if harms.SEVERITY[decision.action] < harms.SEVERITY["hold"] else "red"
    out.print(f"[bold {style}]{decision.action}[/]" + (" [bold green]+ support[/]" if decision.support else ""))
    for reason in decision.reasons:
        out.print(f"  {reason.child}", markup=False)
        out.print(f"  [dim]{reason.rule}: {reason.adult}[/]")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    for code, score in sorted(decision.scores.items(), key=lambda item: -item[1])[:5]:
        if score >= 0.05:
            spans = [event.text[item.start : item.end] for item in decision.evidence if item.harm == code]
            table.add_row(code, f"{score:.2f}", f"“{spans[0]}”" if spans else "")
    out.print(table)
    for factor in decision.factors:
        out.print(f"  {factor.weight:+.1f}  {factor.say}", markup=False)
    for line in decision.help:
        out.print(f"  [green]{line.name}: {line.phone}[/]")


def read_events(path: Path) -> Iterator[Numbered]:
    """(line or row number, event or why it is none) of a file."""
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson", ".json"):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, _parsed(lambda line=line: events.parse(line))
    elif suffix == ".csv":
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            for number, row in enumerate(csv.DictReader(text), 2):
                yield number, _parsed(lambda row=row: events.from_dict(_nested(row)))
    elif suffix == ".parquet":
        import pyarrow.parquet as pq

        number = 0
        for batch in pq.ParquetFile(path).iter_batches(batch_size=1024):
            for row in batch.to_pylist():
                number += 1
                yield number, _parsed(lambda row=row: events.from_dict(_nested(row)))
    else:
        raise InvalidEventError(f"{path.name}: events come as .jsonl, .csv or .parquet.")


def _parsed(read: Any) -> Event | InvalidEventError:
    try:
        event: Event = read()
        return event
    except InvalidEventError as error:
        return error


_NUMBERS = ("account_age_days",)


def _nested(row: dict[str, Any]) -> dict[str, Any]:
    """`actor.age_band` columns become {"actor": {"age_band": …}}; empty cells are left out."""
    made: dict[str, Any] = {}
    for name, value in row.items():
        if value is None or value == "" or name is None:
            continue
        outer, dot, inner = name.partition(".")
        if dot:
            made.setdefault(outer, {})[inner] = int(value) if inner in _NUMBERS and str(value).lstrip("-").isdigit() else value
        else:
            made[outer] = value.split() if outer == "links" and isinstance(value, str) else value
    return made


def _chunks(numbered: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    chunk: list[Numbered] = []
    for item in numbered:
        chunk.append(item)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def decide_all(
    numbered: Iterator[Numbered], engine: Engine, language: str | None
) -> Iterator[tuple[int, Event, Decision | InvalidEventError]]:
    """Decides about events in order, texts scored in chunks; what is no event passes through as its error."""
    book, pictures = Book(), Pictures()
    for chunk in _chunks(numbered):
        ready: list[tuple[int, Event, dict[str, float]]] = []
        for number, item in chunk:
            try:
                if isinstance(item, InvalidEventError):
                    raise item
                event, known = pictures.look(item)
                ready.append((number, event, known))
            except InvalidEventError as error:
                yield number, Event(), error
        scored = engine.score([event for _, event, _ in ready])
        for (number, event, known), scores in zip(ready, scored, strict=True):
            event = event if event.at else msgspec.structs.replace(event, at=_now())
            decision, _ = engine.decide(event, {**scores, **known}, book.states(event), language)
            yield number, event, decision


def screen_file(path: Path, out: Path | None, engine: Engine, language: str | None) -> int:
    """Screens a file of events; returns how many lines were skipped. Decisions go to `out` or stdout, everything else to stderr."""
    errors = Console(stderr=True, highlight=False)
    skipped = done = 0
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with contextlib.ExitStack() as stack:
        try:
            sink: IO[bytes] = stack.enter_context(out.open("wb")) if out else sys.stdout.buffer
            progress = stack.enter_context(Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal))
            task = progress.add_task("screening")
            for number, _event, answer in decide_all(read_events(path), engine, language):
                if isinstance(answer, InvalidEventError):
                    skipped += 1
                    errors.print(f"{path.name}:{number}: skipped: {answer}", style="yellow", markup=False)
                else:
                    sink.write(msgspec.json.encode(answer) + b"\n")
                    done += 1
                progress.update(task, description=f"{done} screened, {skipped} skipped")
            sink.flush()
        except (OSError, InvalidEventError) as error:
            errors.print(f"{error}", style="red", markup=False)
            sys.exit(2)
    errors.print(f"{done} screened, {skipped} skipped")
    return skipped
