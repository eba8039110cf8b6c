"""What is deleted when. Each room registers its own rules; `python -m leeward.server retain` applies them, `leeward up` does so daily."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model, Q

from leeward.server.core import audit, clock
from leeward.server.core.models import OutboxMessage, RateCount, RememberedAnswer


@dataclass(frozen=True, slots=True)
class Keep:
    """Rows of a model are deleted `days()` days after the time in `timestamp`."""

    model: type[Model]
    timestamp: str
    days: Callable[[], float]
    why: str
    only: Q = field(default_factory=Q)


RULES: list[Keep] = [
    Keep(RememberedAnswer, "created_at", lambda: 1, "A request may be repeated for 24 hours."),
    Keep(RateCount, "at", lambda: 1, "Rate limits look back an hour."),
    Keep(OutboxMessage, "created_at", lambda: 30, "Proof of delivery.", Q(state=OutboxMessage.State.DELIVERED)),
]


_PASSING = frozenset({RememberedAnswer, RateCount})
"""Rows of the machinery, about nobody: their going is not worth an entry in the audit."""


def apply() -> dict[str, int]:
    """Deletes what is due; returns how many rows of each model."""
    deleted: dict[str, int] = {}
    for rule in RULES:
        before: Any = clock.now() - dt.timedelta(days=rule.days())
        count, _ = rule.model._default_manager.filter(rule.only, **{f"{rule.timestamp}__lt": before}).delete()
        deleted[rule.model._meta.label] = deleted.get(rule.model._meta.label, 0) + count
        if count and rule.model not in _PASSING:
            audit.record("retention", "deleted", rule.model._meta.label, rows=count, why=rule.why)
    return deleted
