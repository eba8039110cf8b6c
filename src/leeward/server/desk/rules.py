"""Pure decisions of the desk: who may hold a case, when a moderator should pause, what counts as agreement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from leeward.server.reports.rules import level_of

LEASE = dt.timedelta(minutes=20)
"""A case that was taken and left comes back to the queue after this."""
HEAVY_WINDOW = dt.timedelta(minutes=60)
HEAVY_MOST = 5
LONG = dt.timedelta(hours=2)


def is_heavy(harm: str, band: str, danger: bool) -> bool:
    """Whether reading a case weighs on a person."""
    return level_of(harm, band, danger) in ("critical", "high") or harm in ("content.violence", "content.sexual", "conduct.hate")


def may_take(holder_id: int | None, held_until: dt.datetime | None, staff_id: int, now: dt.datetime) -> bool:
    """Whether a case is free, its lease has run out, or it is one's own."""
    return holder_id is None or holder_id == staff_id or held_until is None or held_until <= now


@dataclass(frozen=True, slots=True)
class Care:
    """What a moderator has seen today, and a reminder ('' for none)."""

    seen: int
    heavy: int
    reminder: str


def care(opened: Sequence[tuple[dt.datetime, bool]], now: dt.datetime) -> Care:
    """From what was opened today (time, whether heavy; oldest first): when to pause."""
    heavy = [at for at, is_hard in opened if is_hard]
    lately = [at for at in heavy if now - at <= HEAVY_WINDOW]
    if len(lately) >= HEAVY_MOST:
        reminder = f"You read {len(lately)} heavy cases in an hour. Ten minutes away from the screen are part of the work."
    elif _without_pause(opened, now) >= LONG:
        reminder = "You have worked for two hours without a pause. The queue will be here after it."
    else:
        reminder = ""
    return Care(len(opened), len(heavy), reminder)


def _without_pause(opened: Sequence[tuple[dt.datetime, bool]], now: dt.datetime) -> dt.timedelta:
    """How long cases were opened without fifteen quiet minutes between them."""
    last = now
    for at, _ in reversed(opened):
        if last - at > dt.timedelta(minutes=15):
            break
        last = at
    return now - last


def agreement(answers: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's kappa (1960) of (given, agreed) outcomes: 1 is perfect, 0 is what chance gives; None without answers."""
    if not answers:
        return None
    total = len(answers)
    same = sum(given == agreed for given, agreed in answers) / total
    kinds = {kind for pair in answers for kind in pair}
    chance = sum(
        (sum(given == kind for given, _ in answers) / total) * (sum(agreed == kind for _, agreed in answers) / total) for kind in kinds
    )
    return 1.0 if chance == 1 else (same - chance) / (1 - chance)
