"""Compiles a policy document: one list of checks for each (age band, relationship), so that deciding is a few comparisons."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from leeward.engine import harms
from leeward.engine.contact.factors import FACTORS
from leeward.engine.events import AgeBand, Relationship
from leeward.engine.policy.document import Document, PolicyError, Row, Rule, Source, read, read_file
from leeward.engine.policy.texts import Texts

DIRECTORY = Path(__file__).parents[2] / "policies"
BANDS: tuple[str, ...] = tuple(band for band in get_args(AgeBand) if band != "unknown")
RELATIONSHIPS: tuple[str, ...] = get_args(Relationship)

__all__ = ["Check", "CompiledRule", "Policy", "PolicyError", "default_policy", "load_policy"]


@dataclass(frozen=True, slots=True)
class Check:
    """One harm of one row: `steps` are (threshold, action), strictest first."""

    row: str
    harm: str
    text: str
    lowest: float
    steps: tuple[tuple[float, str], ...]
    unless: tuple[tuple[str, float], ...]
    shadow: bool

    def action(self, score: float) -> str:
        """The strictest action whose threshold the score reaches; 'allow' if none."""
        for threshold, action in self.steps:
            if score >= threshold:
                return action
        return "allow"


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A CEL rule, ready to be asked."""

    rule: Rule
    program: Any


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy in use. `reference` names it in decisions: name, version and the start of the file's hash."""

    document: Document
    reference: str
    checks: dict[tuple[str, str, str], tuple[Check, ...]]
    rules: tuple[CompiledRule, ...]
    texts: Texts

    def checks_for(self, audience: str, actor: str, relationship: str) -> tuple[Check, ...]:
        """The checks of two age bands and a relationship; an unknown age is treated as the policy says."""
        unknown_as = self.document.unknown_as
        return self.checks[unknown_as if audience == "unknown" else audience, unknown_as if actor == "unknown" else actor, relationship]


class _Compiler:
    def __init__(self, document: Document, source: Source, texts: Texts) -> None:
        self.document, self.source, self.texts = document, source, texts

    def names(self, value: str | list[str], allowed: tuple[str, ...], path: tuple[str | int, ...]) -> tuple[str, ...]:
        """Expands groups and 'any'; refuses what is neither."""
        found: list[str] = []
        for name in [value] if isinstance(value, str) else value:
            if name == "any":
                found += allowed
            elif name in self.document.groups:
                found += self.document.groups[name]
            elif name in allowed:
                found.append(name)
            else:
                known = ", ".join([*allowed, *self.document.groups, "any"])
                raise self.source.error(path, f"unknown name {name!r}. Use one of: {known}.")
        wrong = [name for name in found if name not in allowed]
        if wrong:
            raise self.source.error(path, f"{wrong[0]!r} does not fit here. Use one of: {', '.join(allowed)}.")
        return tuple(dict.fromkeys(found))

    def harm(self, code: str, path: tuple[str | int, ...]) -> str:
        if code not in harms.BY_CODE:
            raise self.source.error(path, f"unknown harm {code!r}. The harms are listed in docs/glossary.md.")
        return code

    def text(self, name: str, path: tuple[str | int, ...]) -> None:
        if not self.texts.has(name):
            raise self.source.error(path, f"no text {name!r}. Texts: {', '.join(self.texts.names())}.")

    def score(self, value: float, path: tuple[str | int, ...]) -> None:
        if not 0 < value <= 1:
            raise self.source.error(path, f"a threshold lies above 0 and at most at 1, this is {value}.")

    def steps(self, row: Row, at: tuple[str | int, ...]) -> tuple[tuple[float, str], ...]:
        ordered = sorted(row.actions.items(), key=lambda item: -harms.SEVERITY[item[0]])
        for action, threshold in ordered:
            self.score(threshold, (*at, "actions", action))
            if set(row.harms) & harms.NEVER_SANCTIONED and harms.SEVERITY[action] > harms.SEVERITY["allow"]:
                raise self.source.error((*at, "actions", action), "distress only ever routes to support: put it under `support`.")
        for (stricter, high), (milder, low) in itertools.pairwise(ordered):
            if high <= low:
                raise self.source.error(
                    (*at, "actions", stricter), f"{stricter} ({high}) is stricter than {milder} ({low}), so it needs a higher threshold."
                )
        return tuple((threshold, str(action)) for action, threshold in ordered)

    def row(self, index: int, row: Row) -> Iterable[tuple[tuple[str, str, str], Check]]:
        at: tuple[str | int, ...] = ("table", index)
        self.text(row.text, (*at, "text"))
        if not row.actions:
            raise self.source.error((*at, "actions"), "no action: give one threshold, such as {warn: 0.6}.")
        steps = self.steps(row, at)
        for code, value in row.unless.items():
            self.harm(code, (*at, "unless", code))
            self.score(value, (*at, "unless", code))
        bands = self.names(row.bands, BANDS, (*at, "bands"))
        relationships = self.names(row.relationships, RELATIONSHIPS, (*at, "relationships"))
        for number, code in enumerate(row.harms):
            harm = self.harm(code, (*at, "harms", number))
            check = Check(row.id, harm, row.text, steps[-1][0], steps, tuple(row.unless.items()), row.shadow)
            for band, other, relationship in itertools.product(bands, BANDS, relationships):
                yield ((band, other, relationship) if row.protects == "recipient" else (other, band, relationship)), check

    def rule(self, index: int, rule: Rule) -> CompiledRule:
        at: tuple[str | int, ...] = ("rules", index)
        self.text(rule.text, (*at, "text"))
        for code, value in rule.if_any.items():
            self.harm(code, (*at, "if_any", code))
            self.score(value, (*at, "if_any", code))
        import cel  # late, since it brings a command line of its own along

        try:
            program, context = cel.compile(rule.when), rule_context({}, set(), {})
            unknown = sorted(set(program.variables()) - set(context))
            if unknown:
                raise ValueError(f"there is no {unknown[0]!r}; rules see {', '.join(context)}.")
            answer = program.execute(context)
        except (ValueError, RuntimeError, TypeError) as error:
            raise self.source.error((*at, "when"), f"not a CEL condition: {error}") from error
        if not isinstance(answer, bool):
            raise self.source.error((*at, "when"), f"a condition answers true or false, this answers {type(answer).__name__}.")
        return CompiledRule(rule, program)

    def check_rest(self) -> None:
        ids = [("table", i, row.id) for i, row in enumerate(self.document.table)] + [
            ("rules", i, rule.id) for i, rule in enumerate(self.document.rules)
        ]
        seen: set[str] = set()
        for section, index, name in ids:
            if name in seen:
                raise self.source.error((section, index, "id"), f"the id {name!r} is used twice: reasons would be ambiguous.")
            seen.add(name)
        if self.document.unknown_as not in BANDS:
            raise self.source.error(("unknown_as",), f"unknown_as is one of {', '.join(BANDS)}.")
        for code, value in self.document.support.items():
            self.harm(code, ("support", code))
            self.score(value, ("support", code))
        unknown = set(self.document.contact.weights) - set(FACTORS)
        if unknown:
            name = sorted(unknown)[0]
            raise self.source.error(("contact", "weights", name), f"no factor {name!r}. Factors: {', '.join(FACTORS)}.")
        if self.document.contact.half_life_days <= 0:
            raise self.source.error(("contact", "half_life_days"), "half_life_days is above 0: nothing is kept for ever.")


def rule_context(event: dict[str, Any], factors: set[str], scores: dict[str, float]) -> dict[str, Any]:
    """What a CEL rule can see. Every name always exists, so that a rule fails when it is loaded, never when it is asked."""
    base: dict[str, Any] = {
        "kind": "message", "surface": "dm", "relationship": "unknown", "language": "", "text_length": 0,
        "actor": {"age_band": "unknown", "adult": False, "minor": False, "assurance": "self", "account_age_days": -1, "country": ""},
        "audience": {"age_band": "unknown", "adult": False, "minor": False, "country": ""},
    }  # fmt: skip
    return {**base, **event, "factors": sorted(factors), "scores": {**dict.fromkeys(harms.CODES, 0.0), **scores}}


def _compile(document: Document, source: Source, texts: Texts, digest: str) -> Policy:
    compiler = _Compiler(document, source, texts)
    table: dict[tuple[str, str, str], list[Check]] = {key: [] for key in itertools.product(BANDS, BANDS, RELATIONSHIPS)}
    for index, row in enumerate(document.table):
        for key, check in compiler.row(index, row):
            table[key].append(check)
    rules = tuple(compiler.rule(index, rule) for index, rule in enumerate(document.rules))
    compiler.check_rest()
    checks = {key: tuple(value) for key, value in table.items()}
    return Policy(document, f"{document.name}@{document.version}#{digest}", checks, rules, texts)


def load_policy(path: Path | str, text: str | None = None) -> Policy:
    """Loads and compiles a policy file (or `text`, shown in errors under the name `path`); raises PolicyError with the place."""
    path = Path(path)
    document, source = read(text, path.name) if text is not None else read_file(path)
    raw = text if text is not None else path.read_text(encoding="utf-8")
    folder = path.parent / "texts"
    texts = Texts(folder if folder.is_dir() else DIRECTORY / "texts")
    return _compile(document, source, texts, hashlib.sha256(raw.encode()).hexdigest()[:8])


@functools.cache
def default_policy() -> Policy:
    """The policy that ships with Leeward."""
    return load_policy(DIRECTORY / "default.yaml")
