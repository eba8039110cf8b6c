"""Who may read what of reports: somebody with a receipt, a service about its own, nobody else here (moderators: desk.access)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from leeward.server.core import clock, crypto
from leeward.server.people.models import Service
from leeward.server.reports import rules, told, words
from leeward.server.reports.models import Appeal, Case, Draft, Outcome, Receipt, Report, Statement, Step

DRAFT_HOURS = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One step as its reader sees it."""

    at: dt.datetime
    says: str
    words: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that somebody with a receipt may know."""

    side: str
    band: str
    says: str
    lines: tuple[Line, ...]
    question: str
    statement: str
    reasons: tuple[tuple[str, str], ...]
    next_by: dt.datetime | None
    can_reply: bool
    can_ask_again: bool
    asked_again: bool
    is_decided: bool
    helped: bool | None
    not_ours: bool
    country: str


def by_receipt(typed: str) -> Receipt | None:
    """The receipt that somebody typed. Unknown, expired and mistyped ones look the same, and cost the same look-up."""
    digits = rules.read_receipt(typed) or "0" * rules.DIGITS
    key = crypto.keyed_hash("receipt", digits)
    return Receipt.objects.filter(hash=key, expires_at__gt=clock.now()).select_related("case", "report").first()


def receipt_by_hash(key: bytes) -> Receipt | None:
    """The receipt of a visit that has begun."""
    return Receipt.objects.filter(hash=key, expires_at__gt=clock.now()).select_related("case", "report").first()


def _concerns(item: Step, receipt: Receipt) -> bool:
    """Steps to one person only concern that person, and nobody learns what was done before they told."""
    if receipt.report is None or not (item.say or item.words):
        return False
    return item.report_id == receipt.report_id or (item.report_id is None and item.at >= receipt.report.at)


def answer_for(receipt: Receipt) -> Answer:
    """What the page shows to whoever holds the receipt."""
    case, report = receipt.case, receipt.report
    band = report.band if report else "adult"
    steps = [item for item in case.steps.all() if _concerns(item, receipt)]
    lines = tuple(
        Line(item.at, words.SAY[item.say].of(band) if item.say else "", told.open_text(item.words), item.actor == "reporter")
        for item in steps
    )
    is_open = case.state in Case.OPEN
    question = rules.open_question(steps, report.pk) if report is not None and is_open else None
    outcome = case.outcomes.filter(state=Outcome.State.FINAL).order_by("-at").first()
    statement = _statement(outcome, receipt) if outcome else ""
    appeals = list(Appeal.objects.filter(case=case, side=receipt.side, report=report))
    waits = any(item.state == Appeal.State.WAITING for item in appeals)
    return Answer(
        side=receipt.side, band=band, says=_says(steps, band, question is not None, waits, bool(statement)), lines=lines,
        question=told.open_text(question.words) if question else "", statement=statement,
        reasons=_reasons(outcome) if outcome and statement and report is None else (),
        next_by=case.next_by if is_open and (waits or not statement) else None, can_reply=report is not None and is_open,
        can_ask_again=bool(statement) and outcome is not None and rules.may_appeal(outcome.final_at, clock.now(), bool(appeals)),
        asked_again=bool(appeals), is_decided=bool(statement) and not waits, helped=report.helped if report else None,
        not_ours=bool(statement and outcome and outcome.kind == Outcome.Kind.NOT_OURS), country=case.country,
    )  # fmt: skip


def _says(steps: list[Step], band: str, is_asked: bool, waits: bool, has_answer: bool) -> str:
    """The status in one sentence: what this reader may know, whatever else happens to the case."""
    if is_asked:
        code = "asked"
    elif waits:
        code = "appealed"
    elif has_answer:
        code = "decided"
    else:
        code = next((item.say for item in reversed(steps) if item.say not in ("", "asked")), "received")
    return words.SAY[code].of(band)


def _statement(outcome: Outcome, receipt: Receipt) -> str:
    to = Statement.To.REPORTER if receipt.report else Statement.To.TARGET
    found = outcome.statements.filter(to=to, report=receipt.report).first()
    return told.open_text(found.body) if found else ""


def _reasons(outcome: Outcome) -> tuple[tuple[str, str], ...]:
    """The elements of DSA Art. 17(3) for the person acted upon, beside the sentence for their age; none where it was undone."""
    if outcome.kind != Outcome.Kind.ACTION_TAKEN:
        return ()
    found = (
        _("Found by a program, then read and decided by a person.")
        if outcome.found_by_machine
        else _("Somebody told us. A person read and decided it.")
    )
    return (
        (_("The rule or law"), outcome.ground_reference),
        (_("What happened"), told.open_text(outcome.facts)),
        (_("How it was found and decided"), found),
        (_("What you can do"), _("Ask again here, go to a certified body that settles disputes, or go to a court.")),
    )


def draft(cookie: str) -> dict[str, Any]:
    """What was answered so far on this device; {} where nothing was, or where it is too old."""
    if not cookie:
        return {}
    since = clock.now() - dt.timedelta(hours=DRAFT_HOURS)
    row = Draft.objects.filter(key=crypto.keyed_hash("draft", cookie), touched_at__gt=since).first()
    found: dict[str, Any] = msgspec.msgpack.decode(crypto.decrypt(told.PURPOSE, bytes(row.body))) if row else {}
    return found


def services() -> QuerySet[Service]:
    """The services that a report can name."""
    return Service.objects.order_by("name")


def report_of_service(service_id: int, report_id: str) -> Report | None:
    """One report that this very service filed."""
    return Report.objects.filter(pk=report_id, case__service_id=service_id, source=Case.Source.SERVICE).select_related("case").first()


def held_event(service_id: int, event: str) -> Case | None:
    """The case of an event of this service that waits for a person, the newest where an id came twice."""
    return Case.objects.filter(service_id=service_id, held_event=event).exclude(held_event="").order_by("-opened_at").first()


def reports_of_person(service_id: int, ref: str) -> list[dict[str, Any]]:
    """What a service's user told, for that user's request of their data."""
    found = Report.objects.filter(reporter=told.person_key(service_id, ref)).exclude(told=b"").select_related("case")
    return [
        {
            "report": report.pk, "at": report.at.isoformat(), "state": public_state(report),
            "told": msgspec.to_builtins(told.open_told(report.told)), "helped": report.helped,
            "wrote": [told.open_text(item.words) for item in report.case.steps.all() if _is_theirs(item, report)],
            "asked_again": [told.open_text(item.why) for item in report.appeals.all()],
            "pictures": [item.sha256 for item in report.evidence.all()],
            "statements": [told.open_text(item.body) for item in Statement.objects.filter(report=report)],
        }
        for report in found
    ]  # fmt: skip


def _is_theirs(item: Step, report: Report) -> bool:
    return item.report_id == report.pk and item.actor == "reporter" and bool(item.words)


def hidden_from_guardian(service_id: int, ref: str) -> bool:
    """Whether a child asked that no guardian learns of a report."""
    return Report.objects.filter(reporter=told.person_key(service_id, ref), no_guardian=True).exists()


def answer_of(report: Report) -> Answer:
    """What the person who told may know, in their language: for the service that shows it in its own app."""
    with translation.override(report.language):
        return answer_for(receipt_of(report))


def receipt_of(report: Report) -> Receipt:
    """What stands for the person who told, where their own service speaks for them."""
    return Receipt(side=Receipt.Side.REPORTER, case=report.case, report=report)


def public_state(report: Report) -> str:
    """The state of its case as whoever told may know it: that others were told is only known to the one who was told so."""
    case = report.case
    if case.state not in Case.ELSEWHERE:
        return case.state
    told_so = any(item.report_id == report.pk and item.say == case.state for item in case.steps.all())
    return case.state if told_so else Case.State.BEING_READ
