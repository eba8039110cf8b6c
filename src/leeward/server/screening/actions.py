"""Screening writes: the states that an event changes, the decision's record, and a word to the service when a person has to look."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection, transaction

from leeward.engine.events import Decision, Event, InvalidEventError
from leeward.server.core import clock, crypto, hooks, outbox
from leeward.server.core.turn import turn
from leeward.server.people.access import webhook_of
from leeward.server.screening.book import Book
from leeward.server.screening.engine import engine

LATEST = dt.timedelta(minutes=5)
"""An event may lie this far in the future: clocks differ."""
MAX_ID = 80
NEEDS_A_PERSON = frozenset({"hold", "escalate"})
_COLUMNS = (
    "at, service_id, event, kind, surface, relationship, actor, audience, actor_band, audience_band, action, support, harm, rule, "
    "details, policy, content"
)
_INSERT = f"INSERT INTO screening_decisionrecord ({_COLUMNS}) VALUES ({', '.join(['%s'] * 17)})"  # noqa: S608  (constants only)
_pack = msgspec.msgpack.Encoder().encode
_SEEN = 0.05
"""Scores below this are not recorded."""
_ID = re.compile(r"[\x20-\x7e]*")


def prepare(event: Event, youngest_band: str, now: dt.datetime) -> Event:
    """Gives an event what it left open: the time, and the youngest plausible band for an unknown age. Raises InvalidEventError."""
    if len(event.id) > MAX_ID or not _ID.fullmatch(event.id):
        raise InvalidEventError(f"`id` has at most {MAX_ID} printable ASCII characters.")
    at = event.at or now
    if at > now + LATEST:
        raise InvalidEventError(f"`at` lies in the future ({at.isoformat()}): send the time at which it happened.")
    audience = event.audience
    if audience.age_band == "unknown":
        audience = msgspec.structs.replace(audience, age_band=youngest_band)
    return msgspec.structs.replace(event, at=at, audience=audience)


def _row(service_id: int, event: Event, decision: Decision, now: dt.datetime, harm: str) -> tuple[Any, ...]:
    details = {
        "scores": {code: score for code, score in decision.scores.items() if score >= _SEEN},
        "factors": [factor.code for factor in decision.factors],
        "shadow": [[item.rule, item.action] for item in decision.shadow],
        "models": decision.models,
    }
    service = str(service_id)
    rule = decision.reasons[0].rule if decision.reasons else ""
    return (
        now, service_id, event.id, event.kind, event.surface, event.relationship,
        crypto.keyed_hash("ref", service, event.actor.ref)[:16], crypto.keyed_hash("ref", service, event.audience.ref)[:16],
        event.actor.age_band, event.audience.age_band, decision.action, decision.support, harm, rule,
        _pack(details), decision.policy, crypto.keyed_hash("content", service, event.text)[:16],
    )  # fmt: skip


def screen(service_id: int, events: Sequence[Event], language: str | None) -> list[Decision]:
    """Screens prepared events in order: texts scored first, then states, decisions and records in one short transaction."""
    now = clock.now()
    current = engine()
    scored = current.score(events)
    with turn(), transaction.atomic():
        book = Book(service_id)
        book.load(events)
        decisions, rows, waiting = [], [], []
        for event, scores in zip(events, scored, strict=True):
            decision, harm = current.decide(event, scores, book.states(event), language)
            decision = hooks.restricted(service_id, event, decision)
            decisions.append(decision)
            rows.append(_row(service_id, event, decision, now, harm))
            if decision.action in NEEDS_A_PERSON:
                waiting.append((event, decision, harm))
        book.close(now)
        with connection.cursor() as cursor:
            if len(rows) == 1:
                cursor.execute(_INSERT, rows[0])
            else:
                cursor.executemany(_INSERT, rows)
        _tell(service_id, waiting)
    return decisions


def _tell(service_id: int, waiting: Sequence[tuple[Event, Decision, str]]) -> None:
    """Opens what a person has to look at, and tells the service."""
    for event, decision, harm in waiting:
        for listener in hooks.HELD:
            listener(service_id, event, decision, harm)
    webhook = webhook_of(service_id) if waiting else None
    if webhook is None:
        return
    for _, decision, _ in waiting:
        data = {"event": decision.event, "action": decision.action, "rule": decision.reasons[0].rule, "policy": decision.policy}
        outbox.webhook(webhook.url, webhook.secret, f"decision.{decision.action}", data)
