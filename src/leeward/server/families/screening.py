"""What holds for a child is part of what screening decides: strangers who may not write to it, and content that its plan closes."""

from __future__ import annotations

import time

import msgspec
from django.utils import translation

from leeward.engine.events import Decision, Event, Reason
from leeward.engine.harms import SEVERITY
from leeward.server.core import clock
from leeward.server.families import access, rules, words
from leeward.server.families.models import Person

CLOSED_FROM = 0.5
"""From this score on content counts as what a plan closes."""
STRANGERS = frozenset({"stranger", "unknown"})
_REMEMBER_SECONDS = 10.0
_used_by: dict[int, tuple[float, bool]] = {}


def forget() -> None:
    """Empties the memory of which services use this room."""
    _used_by.clear()


def _uses(service_id: int) -> bool:
    """Whether a service ever named a child here: most do not, and their messages should cost nothing more."""
    until, known = _used_by.get(service_id, (0.0, False))
    if until < time.monotonic():
        known = Person.objects.filter(service_id=service_id).exists()
        _used_by[service_id] = (time.monotonic() + _REMEMBER_SECONDS, known)
    return known


def subjects(event: Event, decision: Decision) -> list[str]:
    """What an event asks of a plan."""
    found = [code.replace(".", ":") for code in ("content.violence", "content.sexual") if decision.scores.get(code, 0.0) >= CLOSED_FROM]
    if event.relationship in STRANGERS and event.surface == "dm" and event.kind in ("message", "media", "contact_request"):
        found.append("contact:stranger")
    return found


def restrict(service_id: int, event: Event, decision: Decision) -> Decision:
    """Blocks what the plan of the reader closes, and says why in the child's words. It never makes a decision milder, and leaves what a
    person has to look at to that person."""
    if not event.audience.ref or SEVERITY[decision.action] >= SEVERITY["hold"] or not _uses(service_id):
        return decision
    asked = subjects(event, decision)
    person = access.person(service_id, event.audience.ref) if asked else None
    if person is None:
        return decision
    return _applied(access.plan_of(person.child), asked, event, decision, event.language or person.child.language)


def preview(subject: str, event: Event, decision: Decision) -> Decision:
    """What a single rule of a guardian does to a decision, for a reader who is not stored anywhere."""
    if SEVERITY[decision.action] >= SEVERITY["hold"] or event.audience.age_band not in words.BANDS:
        return decision
    plan = rules.Plan(event.audience.age_band, rules=(rules.Rule("play", subject, "deny", by="guardian:play"),))
    return _applied(plan, subjects(event, decision), event, decision, event.language or "en")


def _applied(plan: rules.Plan, asked: list[str], event: Event, decision: Decision, language: str) -> Decision:
    at = event.at or clock.now()
    for subject in asked:
        verdict = rules.decide(plan, at, subject, {})
        if verdict.effect == "deny":
            return _blocked(decision, verdict, subject, plan.band, language)
    return decision


def _blocked(decision: Decision, verdict: rules.Verdict, subject: str, band: str, language: str) -> Decision:
    with translation.override(language[:2]):
        child = verdict.reason or words.why(subject).of(band)
        adult = f"{words.subject(subject).of('adult')}: {words.SAYS['deny'].of('adult')}"
    reason = Reason(rule=f"family:{verdict.rule}", child=child, adult=adult)
    return msgspec.structs.replace(decision, action="block", reasons=[reason, *decision.reasons])
