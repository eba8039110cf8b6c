"""Who may read what of reports: somebody with a receipt, a service about its own, nobody else here (moderators: desk.access)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.utils import translation

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


def _concerns(item: Step, report: Report | None) -> bool:
    """Steps to one person only concern that person."""
    return bool(item.say or item.words) and (item.report_id is None or (report is not None and item.report_id == report.pk))


def answer_for(receipt: Receipt) -> Answer:
    """What the page shows to whoever holds the receipt."""
    case, report = receipt.case, receipt.report
    band = report.band if report else "adult"
    steps = [item for item in case.steps.all() if _concerns(item, report)] if report else []
    lines = tuple(
        Line(item.at, words.SAY[item.say].of(band) if item.say else "", told.open_text(item.words), item.actor == "reporter")
        for item in steps
    )
    questions = [item for item in steps if item.kind == Step.Kind.ASKED and item.report_id]
    waiting = bool(case.state == Case.State.ASKED and questions)
    outcome = case.outcomes.filter(state=Outcome.State.FINAL).order_by("-at").first()
    decided = outcome is not None and case.state not in Case.OPEN
    statement = _statement(outcome, receipt) if outcome and (decided or report is None) else ""
    asked = Appeal.objects.filter(case=case, side=receipt.side, report=report).exists()
    return Answer(
        side=receipt.side, band=band, says=_says(case, receipt, waiting, asked), lines=lines,
        question=told.open_text(questions[-1].words) if waiting else "", statement=statement, next_by=case.next_by,
        can_reply=report is not None and case.state in Case.OPEN,
        can_ask_again=bool(statement) and outcome is not None and rules.may_appeal(outcome.final_at, clock.now(), asked),
        asked_again=asked, is_decided=decided, helped=report.helped if report else None,
        not_ours=bool(decided and outcome and outcome.kind == Outcome.Kind.NOT_OURS), country=case.country,
    )  # fmt: skip


def _says(case: Case, receipt: Receipt, asked: bool, again: bool) -> str:
    """The status in one sentence."""
    band = receipt.report.band if receipt.report else "adult"
    if asked:
        code = "asked"
    elif case.state in Case.DECIDED:
        code = "decided"
    elif case.state == Case.State.RECEIVED and again:
        code = "appealed"
    else:
        code = "being_read" if case.state == Case.State.ASKED else case.state
    return words.SAY[code].of(band)


def _statement(outcome: Outcome, receipt: Receipt) -> str:
    to = Statement.To.REPORTER if receipt.report else Statement.To.TARGET
    found = outcome.statements.filter(to=to, report=receipt.report).first()
    return told.open_text(found.body) if found else ""


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
    found = Report.objects.filter(reporter=told.person_key(service_id, ref)).select_related("case")
    return [
        {
            "report": report.pk, "at": report.at.isoformat(), "state": report.case.state,
            "told": msgspec.to_builtins(told.open_told(report.told)),
            "statements": [told.open_text(item.body) for item in Statement.objects.filter(report=report)],
        }
        for report in found
    ]  # fmt: skip


def hidden_from_guardian(service_id: int, ref: str) -> bool:
    """Whether a child asked that no guardian learns of a report."""
    return Report.objects.filter(reporter=told.person_key(service_id, ref), no_guardian=True).exists()


def sentence(case: Case, report: Report) -> str:
    """The public sentence of the newest step that concerns a report, in its language."""
    with translation.override(report.language):
        steps = [item for item in case.steps.all() if item.say and item.report_id in (None, report.pk)]
        return words.SAY[steps[-1].say].of(report.band) if steps else ""
