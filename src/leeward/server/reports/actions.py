"""Every write about reports and the life of a case. Each runs in one transaction: it checks, writes a step, audits, and tells who waits."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from leeward.engine.events import Decision, Event
from leeward.engine.images import ImageModel
from leeward.engine.images.fingerprint import open_image
from leeward.server.core import audit, clock, crypto, ids
from leeward.server.core.webpush import is_endpoint
from leeward.server.people.models import Service
from leeward.server.reports import notices, rules, told
from leeward.server.reports.models import Appeal, Case, Draft, Evidence, Outcome, Receipt, Report, Statement, Step
from leeward.server.reports.pictures import plain_copy
from leeward.server.reports.told import Told
from leeward.server.reports.words import NO_PICTURES

RECEIPT_DAYS = 365
EVIDENCE_DAYS = 190
MAX_REPLY = 2_000
MAX_PICTURES = 3
SEXUAL_FROM = 0.3
"""A picture that scores higher may be sexual: it is not taken. Low on purpose, for a refused picture costs little."""
SAID_BY_ITSELF = frozenset({"", "received", "being_read"})
"""What is said without a person having said anything: no answer yet, so the clock goes on."""
_pictures = ImageModel()


class NotPossible(ValueError):
    """What was asked cannot be done; the message says why, in plain words."""


class MaybeSexual(NotPossible):
    """The picture might be sexual, so it was dropped."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be kept: the hash of what was sent, and its pixels as JPEG."""

    sha256: str
    plain: bytes


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as it was filed: `is_new` is False where the same one came before."""

    report: Report
    receipt: str
    is_new: bool


def step(
    case: Case, kind: Step.Kind, actor: str, *, state: str | None = None, say: str = "", words: str = "", note: str = "",
    report: Report | None = None, reason: str = "",
) -> Step:  # fmt: skip
    """Adds a step to a case and tells who waits for it. Must run in the transaction of what it belongs to.

    The reason code is that of the kind where there is no closer one.
    """
    after = state if state is not None else case.state
    if not rules.may_follow(kind, case.state, after):
        raise NotPossible(f"A case that is “{case.get_state_display()}” cannot go on with “{kind.label}”.")
    now = clock.now()
    next_by = now + rules.CLOCK[rules.level_of(case.harm, case.band, case.danger)] if after in Case.OPEN else None
    made = Step.objects.create(
        case=case, report=report, at=now, kind=kind, state=after, actor=actor, say=say, reason=reason or kind, next_by=next_by,
        words=told.seal(words) if words else b"", note=told.seal(note) if note else b"",
    )  # fmt: skip
    case.state, case.next_by = after, next_by
    if say not in SAID_BY_ITSELF and case.first_answer_at is None:
        case.first_answer_at = now
    case.save(update_fields=["state", "next_by", "first_answer_at"])
    audit.record(actor, f"case.{kind}", f"case:{case.pk}", state=after, reason=reason)
    if say:
        notices.tell_about(case, say, only=report)
    return made


def _case_for(report: Told, at: dt.datetime) -> tuple[Case, bool]:
    """The open case about the same account or content, or a new one. Who tells of their own account never joins what others told of it."""
    target = told.target_key(report.service_id, report.place)
    if target is not None and not (report.reporter_ref and report.reporter_ref == report.place.ref):
        same = Case.objects.select_for_update().filter(target=target, state__in=Case.OPEN).order_by("opened_at").first()
        if same is not None:
            return same, False
    return Case(
        id=ids.new("case"), service_id=report.service_id, source=report.source, opened_at=at, state="", harm=report.harm,
        band=told.child_band(report), danger=report.danger, country=report.country, language=report.language, target=target,
    ), True  # fmt: skip


def _join(case: Case, report: Told) -> None:
    """A case is as severe as the most severe of its reports, and its child as young as the youngest."""
    before = rules.level_of(case.harm, case.band, case.danger)
    case.band, case.danger = rules.youngest([case.band, told.child_band(report)]), case.danger or report.danger
    levels = list(rules.CLOCK)
    if not case.harm or levels.index(rules.level_of(report.harm, case.band, case.danger)) < levels.index(before):
        case.harm = report.harm or case.harm
    case.save(update_fields=["band", "danger", "harm"])


def receipt_of(submission: str) -> str:
    """The receipt of a form or request, made from its secret: it is shown again without being kept."""
    return rules.new_receipt(crypto.keyed_hash("receipt seed", submission))


def file_report(report: Told, submission: str, pictures: Sequence[Picture] = (), by: str = "reporter") -> Filed:
    """Files what a person told, once: the same submission again gives the same report and receipt. `by`: who, for the audit."""
    key, receipt = crypto.keyed_hash("submission", submission), receipt_of(submission)
    known = Report.objects.filter(submission=key).select_related("case").first()
    if known is None:
        try:
            with transaction.atomic():
                return Filed(_file(report, key, receipt, pictures, by), receipt, True)
        except IntegrityError:
            known = Report.objects.select_related("case").get(submission=key)
    return Filed(known, receipt, False)


def _file(report: Told, key: bytes, receipt: str, pictures: Sequence[Picture], by: str) -> Report:
    now = clock.now()
    case, is_new = _case_for(report, now)
    if is_new:
        case.save(force_insert=True)
    contact = report.mail or report.push
    row = Report.objects.create(
        id=ids.new("rep"), case=case, source=report.source, at=now, about=report.about, band=report.band, harm=report.harm,
        danger=report.danger, language=report.language, told=told.seal(report), events=report.events,
        reporter=told.person_key(report.service_id, report.reporter_ref) if report.service_id and report.reporter_ref else None,
        channel=report.channel, contact=told.seal(contact) if contact else b"", no_guardian=report.no_guardian, submission=key,
    )  # fmt: skip
    _receipt(receipt, Receipt.Side.REPORTER, case, row)
    if report.harm not in NO_PICTURES:  # what happened may have been changed after the pictures were added
        for picture in pictures[:MAX_PICTURES]:
            _keep_picture(row, picture)
    if is_new:
        step(case, Step.Kind.OPENED, by, state=Case.State.RECEIVED, say="received", report=row)
    else:
        _join(case, report)
        step(case, Step.Kind.JOINED, by, say="received", report=row)
    if report.source in (Case.Source.ADULT, Case.Source.FLAGGER) and report.mail:
        notices.confirm(row, report.mail)
    return row


def _receipt(receipt: str, side: Receipt.Side, case: Case, report: Report | None) -> None:
    expires = clock.now() + dt.timedelta(days=RECEIPT_DAYS)
    Receipt.objects.create(hash=crypto.keyed_hash("receipt", receipt), side=side, case=case, report=report, expires_at=expires)


def target_receipt(case: Case) -> str:
    """A receipt for the person acted upon: it opens the reasons and lets them ask again."""
    receipt = rules.new_receipt(secrets.token_bytes(16))
    _receipt(receipt, Receipt.Side.TARGET, case, None)
    return receipt


def check_picture(data: bytes, harm: str) -> Picture:
    """A picture as it may be kept: decoded, made small, stripped of everything but its pixels. Nothing is stored here.

    Raises MaybeSexual where it might be sexual or where the report is about such things; ImageError where it is no picture.
    """
    if harm in NO_PICTURES or _pictures.score(data) >= SEXUAL_FROM:
        raise MaybeSexual("This picture might be one that nobody should keep. It was not saved.")
    return Picture(hashlib.sha256(data).hexdigest(), plain_copy(open_image(data)))


def _keep_picture(report: Report, picture: Picture) -> None:
    now = clock.now()
    evidence = Evidence.objects.create(
        id=ids.new("ev"), case=report.case, report=report, kind=Evidence.Kind.PICTURE, at=now, sha256=picture.sha256,
        body=told.seal(picture.plain), delete_at=now + dt.timedelta(days=EVIDENCE_DAYS),
    )  # fmt: skip
    audit.record("reporter", "evidence.add", f"case:{report.case_id}", evidence=evidence.pk, sha256=evidence.sha256)


def hold(service_id: int, event: Event, decision: Decision, harm: str) -> None:
    """An event that screening holds or escalates becomes a case, its text the evidence. Runs in the transaction of the decision."""
    now = clock.now()
    band = event.audience.age_band if event.audience.age_band != "adult" else event.actor.age_band
    place = told.Place(ref=event.actor.ref)
    case = Case.objects.create(
        id=ids.new("case"), service_id=service_id, source=Case.Source.SCREENING, opened_at=now, state="", harm=harm, band=band,
        country=event.audience.country, language=event.language or "en", held_event=event.id, target=told.target_key(service_id, place),
    )  # fmt: skip
    if event.text:
        body = {"text": event.text, "actor": event.actor.ref, "audience": event.audience.ref, "factors": [f.say for f in decision.factors]}
        Evidence.objects.create(
            id=ids.new("ev"), case=case, kind=Evidence.Kind.TEXT, at=now, sha256=hashlib.sha256(event.text.encode()).hexdigest(),
            body=told.seal(body), delete_at=now + dt.timedelta(days=EVIDENCE_DAYS),
        )  # fmt: skip
    step(case, Step.Kind.OPENED, "screening", state=Case.State.RECEIVED, reason=decision.action)


def _answerable(receipt: Receipt) -> tuple[Case, Report]:
    report = receipt.report
    if report is None:
        raise NotPossible(_("Only the person who told can do this."))
    return Case.objects.select_for_update().get(pk=receipt.case_id), report


@transaction.atomic
def came_back(receipt: Receipt) -> None:
    """Notes that somebody came back with their receipt, the first time."""
    now = clock.now()
    if receipt.report is not None and receipt.report.returned_at is None:
        receipt.report.returned_at = now
        receipt.report.save(update_fields=["returned_at"])
        audit.record("reporter", "report.returned", f"report:{receipt.report_id}")


@transaction.atomic
def reply(receipt: Receipt, text: str) -> None:
    """The child answers the moderators' question. A reply to no question is kept as a note beside the case."""
    case, report = _answerable(receipt)
    text = text.strip()
    if not text or len(text) > MAX_REPLY:
        raise NotPossible(_("Write 1 to %(most)s characters.") % {"most": MAX_REPLY})
    steps = list(case.steps.all())
    if case.state == Case.State.ASKED and rules.open_question(steps, report.pk) is not None:
        others = {item.report_id for item in steps if item.report_id} - {report.pk}
        still = any(rules.open_question(steps, other) for other in others)
        state = Case.State.ASKED if still else Case.State.BEING_READ
        step(case, Step.Kind.REPLIED, "reporter", state=state, say="replied", words=text, report=report)
    elif case.state in Case.OPEN:
        step(case, Step.Kind.NOTE, "reporter", words=text, report=report)
    else:
        raise NotPossible(_("This is decided. You can ask again."))


@transaction.atomic
def ask_again(receipt: Receipt, why: str) -> None:
    """An appeal: once, within six months, for another person to look at."""
    case = Case.objects.select_for_update().get(pk=receipt.case_id)
    outcome = case.outcomes.filter(state=Outcome.State.FINAL).order_by("-at").first()
    before = Appeal.objects.filter(case=case, side=receipt.side, report=receipt.report).exists()
    if outcome is None or not rules.may_appeal(outcome.final_at, clock.now(), before):
        raise NotPossible(_("You can ask again once, and only after there is an answer."))
    if len(why) > MAX_REPLY:
        raise NotPossible(_("Write at most %(most)s characters.") % {"most": MAX_REPLY})
    Appeal.objects.create(
        id=ids.new("app"), case=case, outcome=outcome, side=receipt.side, report=receipt.report, at=clock.now(), why=told.seal(why.strip()),
    )  # fmt: skip
    if case.state in Case.DECIDED or case.state == Case.State.CLOSED:
        case.decided_at = case.closed_at = None
        case.save(update_fields=["decided_at", "closed_at"])
        step(case, Step.Kind.APPEALED, receipt.side, state=Case.State.RECEIVED, say="appealed", report=receipt.report)
    else:
        step(case, Step.Kind.NOTE, receipt.side, say="appealed", note="Asked again as well.", report=receipt.report)


@transaction.atomic
def helped(receipt: Receipt, yes: bool) -> None:
    """Whether the answer helped."""
    _, report = _answerable(receipt)
    report.helped = yes
    report.save(update_fields=["helped"])
    audit.record("reporter", "report.helped", f"report:{report.pk}", helped=yes)


@transaction.atomic
def be_told(receipt: Receipt, subscription: dict[str, Any]) -> None:
    """From now on the browser is told by web push."""
    _, report = _answerable(receipt)
    keys = subscription.get("keys") or {}
    if not is_endpoint(str(subscription.get("endpoint", ""))) or not {"p256dh", "auth"} <= set(keys):
        raise NotPossible("This is not a push subscription that can be used.")
    kept = {"endpoint": str(subscription["endpoint"]), "keys": {"p256dh": str(keys["p256dh"]), "auth": str(keys["auth"])}}
    report.channel, report.contact = Report.Channel.PUSH, told.seal(kept)
    report.save(update_fields=["channel", "contact"])
    audit.record("reporter", "report.channel", f"report:{report.pk}", channel="push")


# --- drafts: what was answered so far on this device; nothing that says who it is is audited --------------------------------------


def save_draft(cookie: str, answers: dict[str, Any]) -> None:
    """Keeps what was answered so far."""
    values = {"body": told.seal(answers), "touched_at": clock.now()}
    Draft.objects.update_or_create(key=crypto.keyed_hash("draft", cookie), defaults=values)


def drop_draft(cookie: str) -> None:
    """Forgets it."""
    Draft.objects.filter(key=crypto.keyed_hash("draft", cookie)).delete()


# --- a person's data ----------------------------------------------------------------------------------------------------------------


def note_export(service: Service, reports: int, actor: str) -> None:
    """Notes that somebody was given everything that a person told."""
    audit.record(actor, "person.export", f"service:{service.pk}", reports=reports)


@transaction.atomic
def erase_person(service: Service, ref: str, actor: str) -> tuple[int, int]:
    """Erases what a service's user told, replied and asked again, and the contact to them.

    Cases under legal hold, or still open, keep what they need. Returns how many reports were erased, and how many were kept for now.
    """
    all_of_them = Report.objects.filter(reporter=told.person_key(service.pk, ref)).exclude(told=b"")
    may_go = all_of_them.filter(case__legal_hold=False).exclude(case__state__in=Case.OPEN)
    erased, kept = 0, all_of_them.count()
    for report in may_go:
        _erase(report)
        erased, kept = erased + 1, kept - 1
    audit.record(actor, "person.erase", f"service:{service.pk}", reports=erased, kept=kept)
    return erased, kept


def _erase(report: Report) -> None:
    """What may stay holds nothing that they wrote. Whose it was is forgotten too, but for the wish that no guardian learns of it."""
    report.told, report.contact, report.events, report.channel = b"", b"", [], Report.Channel.NONE
    report.reporter = report.reporter if report.no_guardian else None
    report.save(update_fields=["told", "contact", "events", "reporter", "channel"])
    Step.objects.erase_words_of(report)
    report.appeals.update(why=b"")
    Statement.objects.filter(report=report).delete()
    report.evidence.all().delete()
    report.receipts.all().delete()
