"""Where rooms meet without importing each other: one announces, another listens; one asks, another answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from leeward.engine.events import Decision, Event


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of what is known of an account: when, what in one sentence, and the harm ('' for none)."""

    at: dt.datetime
    says: str
    harm: str


Listener = Callable[[int, Event, Decision, str], None]
"""(service id, event, decision, harm that decided), called in the transaction of the decision."""
HELD: list[Listener] = []
"""Called for every decision that waits for a person (hold, escalate)."""
RESTRICT: list[Callable[[int, Event, Decision], Decision]] = []
"""(service id, event, decision) -> the decision with what holds for its reader: never milder than before."""
PREVIEW: list[Callable[[str, Event, Decision], Decision]] = []
"""(subject that a guardian closed, event, decision) -> the decision for a reader about whom nothing is stored: for the playground."""
KNOWN: list[Callable[[int, str], list[Remark]]] = []
"""(service id, ref) -> what a room knows of an account, newest first."""


@dataclass(frozen=True, slots=True)
class Alert:
    """That something was sent to a child which was not simply let through: when, which of content, conduct and contact, and how severe."""

    at: dt.datetime
    kind: str
    is_severe: bool


ALERTS: list[Callable[[int, str, dt.datetime], list[Alert]]] = []
"""(service id, ref, since) -> alerts about what a child was sent. Never a word, a name, or anything about its state of mind."""
SILENT: list[Callable[[int, str], bool]] = []
"""(service id, ref) -> whether somebody told something that their guardians must not be able to guess."""
EVERY_HOUR: list[Callable[[], object]] = []
"""Called by the worker when it starts and every hour after; each decides by itself what is due."""


def restricted(service_id: int, event: Event, decision: Decision) -> Decision:
    """A decision with what all rooms know of what holds for its reader."""
    for restrict in RESTRICT:
        decision = restrict(service_id, event, decision)
    return decision


def known_of(service_id: int, ref: str) -> list[Remark]:
    """What all rooms know of an account, newest first."""
    found = [remark for ask in KNOWN for remark in ask(service_id, ref)] if ref else []
    return sorted(found, key=lambda remark: remark.at, reverse=True)
