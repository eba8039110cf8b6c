"""Pure decisions of the register: what is fresh, what was kept, what was found, who is admitted, what is late."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import itertools
import statistics
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Evidence = Literal["kept", "missed", "fresh", "stale", "none"]
"""What the newest value says: within the target, outside of it, there but without a target, too old, or not there."""
EVIDENCE: dict[str, str] = {
    "kept": "Target reached", "missed": "Target not reached", "fresh": "Fresh evidence", "stale": "Evidence is stale",
    "none": "No evidence",
}  # fmt: skip
FOUND = ("fully", "largely", "partly", "not", "no_evidence")
"""The evaluator's scale, best first; "no evidence" is a value of it."""
TRUE = frozenset({"fully", "largely"})
"""What counts as found true."""
GRACE = 1.5
"""A value stays fresh for so many of its own periods after the last day that it covers."""


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@functools.lru_cache(maxsize=4096)
def fresh_until(last_day: dt.date, every_months: int) -> dt.date:
    """The last day on which a value whose period ends on `last_day` counts as fresh."""
    return last_day + dt.timedelta(days=round(every_months * GRACE * 30.44))


def reached(direction: str, value: float, target: float) -> bool:
    """Whether a value is within its target: at least ("up") or at most ("down")."""
    return value >= target if direction == "up" else value <= target


def evidence(
    today: dt.date, last_day: dt.date | None, every_months: int, value: float | None, target: float | None, direction: str
) -> Evidence:
    """What the newest value of an indicator says about a commitment. A value that is suppressed (None) is fresh, not kept."""
    if last_day is None:
        return "none"
    if today > fresh_until(last_day, every_months):
        return "stale"
    if value is None or target is None or direction not in ("up", "down"):
        return "fresh"
    return "kept" if reached(direction, value, target) else "missed"


_FAVOUR: dict[Evidence, int] = {"stale": 0, "missed": 1, "fresh": 2, "kept": 3, "none": 4}


def worst_evidence(found: Iterable[Evidence]) -> Evidence:
    """What several indicators of one commitment say together: the least favourable of those that say something, else none."""
    return min(found, key=_FAVOUR.__getitem__, default="none")


@dataclass(frozen=True, slots=True)
class Standing:
    """How one commitment stands: three columns that never overwrite each other. `found` is '' where nobody has looked."""

    is_verifiable: bool
    evidence: Evidence
    found: str


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands where an action and a member meet."""

    claimed: int
    evidenced: int  # with fresh evidence
    stale: int
    kept: int
    found_true: int
    found_false: int
    evaluated: int


def cell(standings: Collection[Standing]) -> Cell:
    """Counts over commitments."""
    state = Counter(item.evidence for item in standings)
    return Cell(
        claimed=len(standings), evidenced=state["kept"] + state["missed"] + state["fresh"], stale=state["stale"], kept=state["kept"],
        found_true=sum(item.found in TRUE for item in standings), found_false=sum(item.found == "not" for item in standings),
        evaluated=sum(bool(item.found) for item in standings),
    )  # fmt: skip


Tone = Literal["empty", "good", "some", "grey", "warn", "bad"]


def tone(of: Cell) -> Tone:
    """The colour of a cell, by the worst that is known: found not to be true, then found true only in part, then not measured."""
    if not of.claimed:
        return "empty"
    if of.found_false:
        return "bad"
    if of.found_true < of.evaluated:
        return "warn"
    if not of.evidenced:
        return "grey"
    return "good" if of.evidenced == of.claimed == of.evaluated else "some"


def share(part: int, whole: int) -> float | None:
    """Rounded to four places; None of nothing."""
    return round(part / whole, 4) if whole else None


# -- indicators over time


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a series."""

    start: dt.date
    end: dt.date
    value: float | None
    method: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to look at in a series."""

    kind: Literal["gap", "jump", "method", "stale"]
    on: dt.date
    says: str


JUMP_SPREADS = 6.0
JUMP_LEAST = 0.5


def flags(series: Sequence[Point], every_months: int, today: dt.date) -> list[Flag]:
    """Gaps, jumps, changes of method, and a missing newest value, oldest first.

    A jump is a change from one value to the next of more than half of the earlier one that also exceeds six times the median of the series'
    other changes (a robust spread: one odd month does not hide the next).
    """
    found: list[Flag] = []
    steps = [abs(b.value - a.value) for a, b in itertools.pairwise(series) if a.value is not None and b.value is not None]
    usual = statistics.median(steps) if len(steps) >= 3 else 0.0
    for before, after in itertools.pairwise(series):
        if (after.start - before.end).days > 7:
            missing = before.end + dt.timedelta(days=1)
            found.append(Flag("gap", missing, f"No value from {missing} to {after.start - dt.timedelta(days=1)}."))
        if before.method != after.method:
            found.append(
                Flag("method", after.start, f"The method changed from {before.method or 'unstated'} to {after.method or 'unstated'}.")
            )
        if before.value is not None and after.value is not None:
            step = abs(after.value - before.value)
            if step > JUMP_LEAST * abs(before.value) and step > JUMP_SPREADS * usual and step > 0:
                found.append(Flag("jump", after.start, f"From {before.value:g} to {after.value:g}, where {usual:g} is the usual change."))
    if series and today > fresh_until(series[-1].end, every_months):
        found.append(Flag("stale", today, f"The newest value is of {series[-1].end}; one was due every {every_months} months."))
    return found


# -- membership

MOVES: dict[str, frozenset[str]] = {
    "applied": frozenset({"admitted", "refused", "left"}), "admitted": frozenset({"suspended", "terminated", "left"}),
    "suspended": frozenset({"admitted", "terminated", "left"}), "refused": frozenset({"applied"}), "terminated": frozenset({"applied"}),
    "left": frozenset({"applied"}),
}  # fmt: skip
NEEDS_REASON = frozenset({"refused", "suspended", "terminated"})
QUORUM = 0.5
"""Share of the member companies that must vote for a vote to count."""


def can_move(before: str, after: str) -> bool:
    """Whether a membership may go from one state to another."""
    return after in MOVES[before]


def unmet(criteria: Sequence[str], checks: Mapping[str, Sequence[object]]) -> list[str]:
    """The criteria that were not found to be met."""
    return [criterion for criterion in criteria if not (checks.get(criterion) or [False])[0]]


def missing_for_admission(
    criteria: Sequence[str], checks: Mapping[str, Sequence[object]], votes: Sequence[bool] | None, voters: int
) -> list[str]:
    """What still stands against an admission, in words; `votes` is None where the secretariat decides."""
    missing = [f"Not found to be met: {criterion}" for criterion in unmet(criteria, checks)]
    if votes is not None:
        if len(votes) < QUORUM * voters:
            missing.append(f"{len(votes)} of {voters} members voted; at least half have to.")
        elif sum(votes) * 2 <= len(votes):
            missing.append(f"{sum(votes)} of {len(votes)} votes said yes; it takes more than half.")
    return missing


def same_name(name: str) -> str:
    """A name as it is compared: without case, punctuation and the form of the company."""
    words = "".join(letter if letter.isalnum() else " " for letter in name.casefold()).split()
    return " ".join(word for word in words if word not in FORMS) or name.casefold()


FORMS = frozenset(
    [
        "gmbh",
        "ag",
        "se",
        "ltd",
        "limited",
        "inc",
        "llc",
        "plc",
        "bv",
        "nv",
        "sa",
        "srl",
        "spa",
        "ab",
        "as",
        "oy",
        "kg",
        "the",
        "group",
        "company",
        "co",
        "eu",
    ]
)
"""Words of a name that say only what form a company has."""


# -- rounds


def days_late(due: dt.date, submitted: dt.date | None, today: dt.date) -> int:
    """Days after the due day; 0 where it was in time or is not due yet."""
    return max(0, ((submitted or today) - due).days)


REMIND: tuple[tuple[str, int], ...] = (("14", -14), ("3", -3), ("due", 0), ("late-7", 7), ("late-14", 14), ("late-28", 28))
"""(kind, days after the due day) of reminders, first one first."""


def reminder_due(due: dt.date, today: dt.date) -> str | None:
    """The reminder that is due today: the last one whose day has come, so that a pause of the worker sends one, not six."""
    come = [kind for kind, days in REMIND if due + dt.timedelta(days=days) <= today]
    return come[-1] if come else None


# -- evaluation

CHECKLIST: dict[str, str] = {
    "report_found": "Is the report button where the service says that it is?",
    "report_taps": "Can a child report in at most ten taps, without signing in again?",
    "answer_comes": "Does an answer come within the time that was promised?",
    "answer_plain": "Is the answer in words that a child of that age understands?",
    "appeal_found": "Can a child ask for a second look, and is that said in the answer?",
    "settings_private": "Is a new account of a minor private by default?",
    "settings_short": "Are the privacy settings found within three taps from the start page?",
    "terms_language": "Are the terms there in the language of the country, in a version for minors?",
    "parental_found": "Are the parental controls found within three taps, and is the child told of them?",
    "help_shown": "Is a helpline of the country shown beside content about self-harm or distress?",
}
"""What a test of a service tries, by code."""
QUESTIONS: dict[str, str] = {
    "done": "What did you do for each of your commitments, and since when?",
    "evidence": "What shows that it worked? Name the indicator or the document.",
    "not_done": "What did you promise and not do, and why?",
    "children": "How were children and young people heard, and what changed because of it?",
    "parents": "What do you do for parents and families, and how many does it reach?",
    "together": "With whom did you work: helplines, hotlines, Safer Internet Centres, other members?",
    "next": "What will you change next?",
}
"""The self-assessment questionnaire, by code."""
LUNDY: dict[str, str] = {
    "space": "Space: were we asked early, in a place that is safe for us?",
    "voice": "Voice: could we say what we think, in our own way?",
    "audience": "Audience: did somebody listen who can decide?",
    "influence": "Influence: did what we said change something, and were we told what?",
}
"""Lundy's model of participation (Lundy 2007, https://doi.org/10.1080/01411920701657033) as questions to the young people."""


@dataclass(frozen=True, slots=True)
class Measures:
    """The register's own indicators over some commitments."""

    commitments: int
    verifiable: float | None
    fresh: float | None
    found_true: float | None
    median_days_late: float | None


def measures(standings: Collection[Standing], late: Sequence[int]) -> Measures:
    """`late` holds the days late of every report that was due."""
    total = cell(standings)
    return Measures(
        commitments=total.claimed, verifiable=share(sum(item.is_verifiable for item in standings), total.claimed),
        fresh=share(total.evidenced, total.claimed), found_true=share(total.found_true, total.claimed),
        median_days_late=float(statistics.median(late)) if late else None,
    )  # fmt: skip


def badge(total: Cell, state: str) -> tuple[str, Literal["good", "grey"]]:
    """What a member's badge says, and its colour: grey where no commitment has fresh evidence, or where it is no member any more."""
    if state != "admitted":
        return f"{state}", "grey"
    if not total.claimed:
        return "no commitments yet", "grey"
    if not total.evidenced:
        return f"{total.claimed} commitments, no fresh evidence", "grey"
    return f"{total.evidenced} of {total.claimed} with fresh evidence", "good"
