"""Pure decisions about reports and cases: receipts, which step may follow which, how urgent a case is, who may look again."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from leeward.engine.events import MINOR_BANDS
from leeward.server.reports.models import Case, Outcome, Step

# --- receipts ---------------------------------------------------------------------------------------------------------------------
DIGITS = 16
_DAMM = (
    "0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
    "3674209581", "5869720134", "8945362017", "9438617205", "2581436790",
)  # fmt: skip
"""The quasigroup of Damm (2004): it finds every wrong digit and every pair of digits that changed places."""


def check_digit(digits: str) -> str:
    """The check digit of Damm's scheme."""
    interim = "0"
    for digit in digits:
        interim = _DAMM[int(interim)][int(digit)]
    return interim


def new_receipt(seed: bytes | None = None) -> str:
    """Fifteen random digits and their check digit; the same ones for the same seed."""
    number = int.from_bytes(seed, "big") if seed else secrets.randbits(128)
    body = f"{number % 10 ** (DIGITS - 1):0{DIGITS - 1}d}"
    return body + check_digit(body)


def read_receipt(typed: str) -> str | None:
    """The sixteen digits of what somebody typed, however they set spaces and dashes; None where it cannot be a receipt."""
    digits = "".join(character for character in typed if character.isdecimal() and character.isascii())
    others = set(typed) - set("0123456789 -.\u00a0\t\r\n")
    return digits if len(digits) == DIGITS and not others and check_digit(digits) == "0" else None


def spaced(receipt: str) -> str:
    """The digits in groups of four."""
    return " ".join(receipt[at : at + 4] for at in range(0, DIGITS, 4))


# --- steps ------------------------------------------------------------------------------------------------------------------------
_S, _K = Case.State, Step.Kind
_AT_WORK = frozenset({_S.RECEIVED, _S.BEING_READ, _S.ASKED, *Case.ELSEWHERE})
FOLLOWS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    _K.OPENED: (frozenset({""}), frozenset({_S.RECEIVED})),
    _K.TAKEN: (frozenset({_S.RECEIVED}), frozenset({_S.BEING_READ})),
    _K.ASKED: (frozenset({_S.BEING_READ, _S.ASKED, *Case.ELSEWHERE}), frozenset({_S.ASKED})),
    _K.REPLIED: (frozenset({_S.ASKED}), frozenset({_S.BEING_READ, _S.ASKED})),  # others may still be asked
    _K.PASSED_ON: (frozenset({_S.BEING_READ, _S.ASKED, *Case.ELSEWHERE}), Case.ELSEWHERE),
    _K.DECIDED: (frozenset({_S.BEING_READ, _S.ASKED, *Case.ELSEWHERE}), Case.DECIDED),
    _K.APPEALED: (frozenset({*Case.DECIDED, _S.CLOSED}), frozenset({_S.RECEIVED})),
    _K.UPHELD: (frozenset({_S.BEING_READ, _S.ASKED, *Case.ELSEWHERE}), Case.DECIDED),
    _K.REVERSED: (frozenset({_S.BEING_READ, _S.ASKED, *Case.ELSEWHERE}), Case.DECIDED),
    _K.CLOSED: (Case.DECIDED, frozenset({_S.CLOSED})),
}
"""Kind of step -> (states it may come from, states it may lead to). Kinds that are not listed leave the state as it is."""


def may_follow(kind: str, before: str, after: str) -> bool:
    """Whether a step of this kind may lead from one state to another."""
    if kind not in FOLLOWS:
        return before == after
    comes_from, leads_to = FOLLOWS[kind]
    return before in comes_from and after in leads_to


def derived_state(steps: Collection[Step]) -> str:
    """The state that steps lead to."""
    return max(steps, key=lambda step: step.id).state


_ENDS = frozenset({_K.DECIDED, _K.UPHELD, _K.REVERSED})


def open_question(steps: Collection[Step], report: str) -> Step | None:
    """The question to one who told that they have not answered yet, the newest; none from before a decision."""
    found = None
    for item in sorted(steps, key=lambda step: step.id):
        if item.kind == _K.ASKED and item.report_id == report:
            found = item
        elif item.kind in _ENDS or (item.report_id == report and item.actor == "reporter" and item.words):
            found = None
    return found


def may_learn_where(reports: int, is_held: bool) -> bool:
    """Whether the one who told learns with whom a case is now.

    One of several may be the person whom it is about: a receipt must never tell somebody that the police were told about them.
    """
    return reports == 1 and not is_held


# --- urgency ----------------------------------------------------------------------------------------------------------------------
Level = Literal["critical", "high", "medium", "low"]
CLOCK: dict[Level, dt.timedelta] = {
    "critical": dt.timedelta(hours=1), "high": dt.timedelta(hours=4), "medium": dt.timedelta(hours=24), "low": dt.timedelta(hours=72),
}  # fmt: skip
"""By when a case is to be answered."""
_CRITICAL = frozenset({"contact.extortion", "contact.meet_request"})
_HIGH = frozenset({"wellbeing.distress", "content.self_harm", "conduct.threat", "content.dangerous_challenge"})
_LOW = frozenset({"consumer.spam", "content.profanity", "content.gambling", "consumer.gambling_like"})
_YOUNG = frozenset({"0-5", "6-9", "unknown"})
_BASE: dict[Level, int] = {"critical": 3_000, "high": 2_000, "medium": 1_000, "low": 0}
_YOUTH = {"0-5": 250, "6-9": 250, "unknown": 200, "10-12": 180, "13-15": 100, "16-17": 50, "adult": 0}


MOST_BY_WAITING = 5_000
"""Above every level and every clock, below danger: who may be in danger now is before whoever waits, however long."""


@dataclass(frozen=True, slots=True)
class Urgency:
    """Where a case stands in the queue (`score`, higher first), its level, by when it is due, and why, in sentences."""

    level: Level
    score: int
    due: dt.datetime
    why: tuple[str, ...]


def level_of(harm: str, band: str, danger: bool) -> Level:
    """How severe a case is. A child under ten, or of unknown age, is one level up where an adult wants something of it."""
    if danger or harm in _CRITICAL:
        return "critical"
    if harm.startswith("contact."):
        return "critical" if band in _YOUNG and harm == "contact.grooming" else "high"
    if harm in _HIGH:
        return "high"
    return "low" if harm in _LOW else "medium"


def urgency(harm: str, band: str, danger: bool, reports: int, opened_at: dt.datetime, now: dt.datetime, trusted: bool) -> Urgency:
    """The place of a case: imminence, then severity, age, repetition and time waited. Nobody waits for ever: past its due time a case
    rises by a level for every clock that has run out."""
    level = level_of(harm, band, danger)
    due = opened_at + CLOCK[level]
    waited = max(0.0, (now - opened_at) / CLOCK[level])
    why = [f"Level {level}: {'somebody may be in danger now' if danger else harm or 'not sure what it is'}."]
    score = _BASE[level] + _YOUTH.get(band, 200)
    if danger:
        score += 10_000
    if band in MINOR_BANDS or band == "unknown":
        why.append(f"The youngest person concerned is {band if band != 'unknown' else 'of unknown age'}.")
    if reports > 1:
        score += 60 * min(reports - 1, 5)
        why.append(f"{reports} people told about this.")
    if trusted:
        score += 300
        why.append("A trusted flagger told it.")
    score += round(400 * min(waited, 1.0) + min(MOST_BY_WAITING, 1_000 * max(0.0, waited - 1)))
    if waited > 1:
        why.append("It is late.")
    return Urgency(level, score, due, tuple(why))


# --- deciding ---------------------------------------------------------------------------------------------------------------------
SAMPLE = 20
"""One of so many outcomes is read by a second moderator, whatever it is."""
APPEAL_DAYS = 183
"""Six months (DSA Art. 20)."""


def needs_second(kind: str, on_account: str, harms: Collection[str], band: str, case_id: str) -> str:
    """Why a second moderator has to confirm an outcome; '' where none has to. `harms`: what was told, and what the moderator calls it."""
    if on_account == Outcome.OnAccount.TERMINATED:
        return "An account would be closed for good."
    about_contact = any(harm.startswith("contact.") for harm in harms)
    if kind != Outcome.Kind.ACTION_TAKEN and about_contact and band in MINOR_BANDS | {"unknown"}:
        return "Nothing would be done although a child told about a contact."
    if sum(case_id.encode()) % SAMPLE == 0:
        return "One of twenty is read twice."
    return ""


def may_appeal(final_at: dt.datetime | None, now: dt.datetime, asked_before: bool) -> bool:
    """Whether one may still ask again."""
    return final_at is not None and not asked_before and now < final_at + dt.timedelta(days=APPEAL_DAYS)


def may_decide_appeal(staff_id: int, decided_by: int, confirmed_by: int | None) -> bool:
    """An appeal is never decided by who decided or confirmed before."""
    return staff_id not in (decided_by, confirmed_by)


def youngest(bands: Collection[str]) -> str:
    """The youngest of bands; unknown counts as younger than ten to twelve, for a child who does not say is taken for a young one."""
    order = ("0-5", "6-9", "unknown", "10-12", "13-15", "16-17", "adult")
    return min(bands, key=order.index)
