"""`leeward policy explain` and `leeward policy backtest`."""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Column, Table

from leeward.cli.screening import decide_all, read_events
from leeward.engine import events
from leeward.engine.contact import States
from leeward.engine.events import Event, InvalidEventError
from leeward.engine.screen import Engine


def explain(raw: str, engine: Engine) -> None:
    """Prints every row and rule that was asked about an event, and what each said."""
    event = events.parse(raw)
    event = event if event.at else msgspec.structs.replace(event, at=dt.datetime.now(dt.UTC))
    scores = engine.score([event])[0]
    decision, _ = engine.decide(event, scores, States(), None)
    policy, out = engine.policy, Console(highlight=False)
    out.print(f"[bold]{decision.action}[/]{' + support' if decision.support else ''} by {policy.reference}")
    table = Table(Column("row or rule", no_wrap=True), "harm", "score", "asks from", "says")
    for check in policy.checks_for(event.audience.age_band, event.actor.age_band, event.relationship):
        score = decision.scores.get(check.harm, 0.0)
        says = check.action(score) + (" (shadow)" if check.shadow else "")
        table.add_row(check.row, check.harm, f"{score:.3f}", f"{check.lowest:.2f}", f"[bold]{says}[/]" if says != "allow" else "-")
    said = {reason.rule for reason in decision.reasons} | {item.rule for item in decision.shadow}
    for compiled in policy.rules:
        asked = not compiled.rule.if_any or any(decision.scores.get(code, 0.0) >= least for code, least in compiled.rule.if_any.items())
        says = "not asked" if not asked else (compiled.rule.action if compiled.rule.id in said else "no")
        table.add_row(compiled.rule.id, "CEL", "", "", says + (" (shadow)" if compiled.rule.shadow else ""))
    out.print(table)
    for factor in decision.factors:
        out.print(f"  {factor.weight:+.1f}  {factor.code}: {factor.say}", markup=False)


def _actions(engine: Engine, path: Path) -> dict[int, tuple[Event, str, bool, str] | InvalidEventError]:
    found: dict[int, tuple[Event, str, bool, str] | InvalidEventError] = {}
    for number, event, answer in decide_all(read_events(path), engine, None):
        if isinstance(answer, InvalidEventError):
            found[number] = answer
        else:
            found[number] = (event, answer.action, answer.support, answer.reasons[0].rule if answer.reasons else "")
    return found


def backtest(new: Engine, old: Engine, path: Path, samples: int) -> int:
    """Prints what would change from the old policy to the new one; returns how many lines could not be screened."""
    out, errors = Console(highlight=False), Console(stderr=True, highlight=False)
    try:
        before, after = _actions(old, path), _actions(new, path)
    except (OSError, InvalidEventError) as error:
        errors.print(f"{error}", style="red", markup=False)
        sys.exit(2)
    changes: Counter[tuple[str, str, str, str]] = Counter()
    shown: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    skipped = 0
    for number, was in before.items():
        now = after[number]
        if isinstance(was, InvalidEventError) or isinstance(now, InvalidEventError):
            skipped += 1
            errors.print(f"{path.name}:{number}: skipped: {was}", style="yellow", markup=False)
        elif was[1:3] != now[1:3]:
            event = was[0]
            names = [action + (" + support" if support else "") for action, support in (was[1:3], now[1:3])]
            key: tuple[str, str, str, str] = (event.audience.age_band, names[0], names[1], now[3] or was[3])
            changes[key] += 1
            if len(shown[key]) < samples:
                shown[key].append(event.text)
    out.print(f"{old.policy.reference} → {new.policy.reference}: {sum(changes.values())} of {len(before) - skipped} events change.")
    table = Table("band", "was", "becomes", "by", "events", "for example")
    for key, count in changes.most_common():
        table.add_row(*key, str(count), "\n".join(shown[key]))
    if changes:
        out.print(table)
    return skipped
