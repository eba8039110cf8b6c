"""The shape of a policy file, and errors that name file, line and column with a caret under the place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from leeward.engine.contact.factors import ContactWeights
from leeward.engine.events import Action

Path_ = tuple[str | int, ...]


class PolicyError(ValueError):
    """The policy cannot be used; the message shows where and says what to do."""


class Row(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One row of the table: for these harms at these ages, from this score on, do this.

    `bands` are the ages of whom the row `protects`: who would see it, or who is about to send it. `unless` names scores at which the row
    gives way, so that a cry for help is not mistaken for praise of harm.
    """

    id: str
    harms: list[str]
    bands: str | list[str]
    actions: dict[Action, float]
    text: str
    relationships: str | list[str] = "any"
    protects: Literal["recipient", "sender"] = "recipient"
    unless: dict[str, float] = {}
    shadow: bool = False


class Rule(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A condition in CEL. `if_any` names scores of which one must be reached before the condition is asked."""

    id: str
    when: str
    action: Action
    text: str
    if_any: dict[str, float] = {}
    shadow: bool = False


class Document(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A policy file as it is written."""

    name: str
    version: str
    unknown_as: str
    table: list[Row]
    contact: ContactWeights
    groups: dict[str, list[str]] = {}
    rules: list[Rule] = []
    support: dict[str, float] = {}


class Source:
    """A YAML text that knows where each value stands."""

    def __init__(self, text: str, name: str) -> None:
        self.name, self.lines = name, text.splitlines()
        try:
            self.node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            raise self._at(mark.line, mark.column, f"not YAML: {error.problem}") if mark else PolicyError(f"{name}: {error}") from error
        self.data: Any = yaml.safe_load(text)

    def error(self, path: Path_, message: str) -> PolicyError:
        """A PolicyError that points at the value under `path`, or at the deepest part of it that exists."""
        node = self.node
        for step in path:
            found = self._step(node, step)
            if found is None:
                break
            node = found
        mark = node.start_mark if node is not None else None
        return self._at(mark.line if mark else 0, mark.column if mark else 0, message)

    @staticmethod
    def _step(node: Any, step: str | int) -> Any:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            return node.value[step]
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(step):
                    return value
        return None

    def _at(self, line: int, column: int, message: str) -> PolicyError:
        shown = self.lines[line] if line < len(self.lines) else ""
        offset = max(0, column - 80)
        excerpt = shown[offset : offset + 120]
        return PolicyError(f"{self.name}:{line + 1}:{column + 1}: {message}\n    {excerpt}\n    {' ' * (column - offset)}^")


_AT = re.compile(r" - at `\$?(.*)`$")


def _parse_path(text: str) -> Path_:
    steps: list[str | int] = []
    for name, index in re.findall(r"\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]", text):
        if name:
            steps.append(name)
        elif index.isdigit():
            steps.append(int(index))
    return tuple(steps)


def read(text: str, name: str) -> tuple[Document, Source]:
    """Reads a policy's YAML; raises PolicyError for a wrong shape."""
    source = Source(text, name)
    try:
        return msgspec.convert(source.data, Document), source
    except msgspec.ValidationError as error:
        found = _AT.search(str(error))
        raise source.error(_parse_path(found.group(1)) if found else (), _AT.sub("", str(error))) from error


def read_file(path: Path) -> tuple[Document, Source]:
    """The same from a file."""
    try:
        return read(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise PolicyError(f"{path}: cannot be read ({error.strerror}).") from error
