"""Rounds of reporting: reports, reminders, comments with their replies, and the documents that go with them."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify

from leeward.server import environment
from leeward.server.core import audit, clock, outbox
from leeward.server.register import rules
from leeward.server.register.actions.common import (
    Changed,
    NotPossible,
    actor,
    inside,
    living,
    lock,
    mails,
    needs,
    own,
    same_alliance,
    today,
)
from leeward.server.register.models import Comment, Commitment, Document, Evaluation, Meeting, Member, Reminder, Round, RoundReport, Seat

MAX_FILE = 5_000_000
MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
)  # fmt: skip


@transaction.atomic
def open_round(seat: Seat, name: str, period_start: dt.date, period_end: dt.date, due: dt.date, closes: dt.date) -> Round:
    """A new round, told to every editor."""
    needs(seat, Seat.Role.SECRETARIAT)
    living(seat.alliance)
    if not period_start <= period_end < due <= closes:
        raise NotPossible(
            "The days have to follow each other: the period, then the day when reports are due, then the day when the round closes."
        )
    slug = slugify(name)[:60]
    if seat.alliance.rounds.filter(slug=slug).exists():
        raise NotPossible(f"There is a round {name} already.")
    made = Round.objects.create(
        alliance=seat.alliance, name=name, slug=slug, period_start=period_start, period_end=period_end, due=due, closes=closes
    )
    audit.record(actor(seat), "register.round", f"round:{made.pk}")
    for mail in mails(seat.alliance, [Seat.Role.EDITOR]):
        outbox.mail(mail, f"{seat.alliance.name}: {name} is open", f"Please report on {period_start} to {period_end} until {due}.")
    return made


def report_of(round_: Round, member: Member) -> RoundReport | None:
    """The newest report of a member in a round, written or handed in."""
    return round_.reports.filter(member=member).order_by("-number").first()


@transaction.atomic
def save_report(seat: Seat, round_: Round, edit: int, done: str, planned: str, numbers: str) -> RoundReport:
    """Keeps what an editor wrote, not yet handed in. After the first handing-in, a change is another version beside it."""
    needs(seat, Seat.Role.EDITOR)
    same_alliance(seat, round_.alliance_id)
    if seat.member is None:
        raise NotPossible("Your seat belongs to no member.")
    if today() > round_.closes:
        raise NotPossible(
            f"The round closed on {round_.closes}. What you wrote still stands below: copy it into the next round, or ask the "
            "secretariat to open a round for it. What was handed in stays as it is."
        )
    last = report_of(round_, seat.member)
    fields = {"done": done, "planned": planned, "numbers": numbers}
    if last is None or last.submitted_at is not None:
        number = 1 if last is None else last.number + 1
        try:
            with transaction.atomic():
                report = RoundReport.objects.create(round=round_, member=seat.member, number=number, **fields)
        except IntegrityError as error:
            raise NotPossible("A colleague began the same report this moment: load the page again to see theirs beside yours.") from error
    else:
        taken = RoundReport.objects.filter(pk=last.pk, edit=edit, submitted_at=None).update(**fields, edit=F("edit") + 1)
        last.refresh_from_db()
        if not taken:
            raise Changed({"done": last.done, "planned": last.planned, "numbers": last.numbers})
        report = last
    audit.record(actor(seat), "register.report_saved", f"round:{round_.pk}", member=seat.member_id, version=report.number)
    return report


@transaction.atomic
def submit_report(seat: Seat, round_: Round) -> RoundReport:
    """Hands the report in. Late is possible until the round closes, and shown."""
    needs(seat, Seat.Role.EDITOR)
    same_alliance(seat, round_.alliance_id)
    if seat.member is None:
        raise NotPossible("Your seat belongs to no member.")
    inside(seat.member)
    report = report_of(round_, seat.member)
    if report is None or report.submitted_at is not None:
        raise NotPossible("There is nothing new to hand in.")
    if today() > round_.closes:
        raise NotPossible(f"The round closed on {round_.closes}.")
    if not report.done.strip() or not report.planned.strip():
        raise NotPossible("Say what was done and what is planned: “nothing” is an answer too.")
    report.submitted_at = clock.now()
    report.save(update_fields=["submitted_at"])
    audit.record(actor(seat), "register.report", f"round:{round_.pk}", member=seat.member_id, version=report.number)
    return report


def remind(day: dt.date) -> int:
    """Reminds who has not reported, once for each reminder of rules.REMIND; returns how many mails."""
    sent = 0
    for round_ in Round.objects.filter(closes__gte=day, alliance__state="active").select_related("alliance"):
        kind = rules.reminder_due(round_.due, day)
        if kind is None:
            continue
        reported = round_.reports.exclude(submitted_at=None).values("member")
        waiting = round_.alliance.members.filter(state=Member.State.ADMITTED, category=Member.Category.COMPANY).exclude(pk__in=reported)
        for member in waiting:
            sent += _remind_one(round_, member, kind, day)
    return sent


@transaction.atomic
def _remind_one(round_: Round, member: Member, kind: str, day: dt.date) -> int:
    _, is_new = Reminder.objects.get_or_create(round=round_, member=member, kind=kind, defaults={"at": clock.now()})
    if not is_new:
        return 0
    late = rules.days_late(round_.due, None, day)
    says = f"It is {late} days late, and shown so." if late else f"It is due on {round_.due}."
    addresses = mails(round_.alliance, [Seat.Role.EDITOR], member)
    url = environment.get("LEEWARD_URL", "http://127.0.0.1:8000")
    for mail in addresses:
        outbox.mail(mail, f"{round_.name}: the report of {member.name}", f"{says}\n{url}/register/office/")
    audit.record("leeward", "register.remind", f"round:{round_.pk}", member=member.pk, kind=kind)
    return len(addresses)


@transaction.atomic
def comment(seat: Seat, text: str, report: RoundReport | None = None, commitment: Commitment | None = None) -> Comment:
    """An associated member or the youth panel comments on a report or a commitment. It is public at once, and so will the reply be."""
    needs(seat, Seat.Role.ASSOCIATED, Seat.Role.YOUTH)
    member = report.member if report else commitment.member if commitment else None
    if member is None:
        raise NotPossible("Say what the comment is about.")
    same_alliance(seat, member.alliance_id)
    if report is not None and report.submitted_at is None:
        raise NotPossible("That report is not handed in yet.")
    made = Comment.objects.create(report=report, commitment=commitment, seat=seat, text=text, at=clock.now())
    audit.record(actor(seat), "register.comment", f"comment:{made.pk}")
    for mail in mails(seat.alliance, [Seat.Role.EDITOR], member):
        outbox.mail(mail, f"A comment by {seat}", text)
    return made


@transaction.atomic
def reply(seat: Seat, about: Comment, text: str) -> Comment:
    """The member's reply, once."""
    lock(about)
    needs(seat, Seat.Role.EDITOR)
    member = about.report.member if about.report else about.commitment.member if about.commitment else None
    if member is None:
        raise NotPossible("The comment is about nothing.")
    own(seat, member)
    if about.reply:
        raise NotPossible("It has been replied to. What was published is not changed.")
    about.reply, about.replied_at = text, clock.now()
    about.save(update_fields=["reply", "replied_at"])
    audit.record(actor(seat), "register.reply", f"comment:{about.pk}")
    return about


def media_type(data: bytes) -> str:
    """The type of a file by its first bytes; only PDF, PNG, JPEG and plain text are taken."""
    for magic, kind in MAGIC:
        if data.startswith(magic):
            return kind
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotPossible("Only PDF, PNG, JPEG and text files (CSV, TXT) are taken: save it as a PDF, then upload it again.") from error
    return "text/plain"


@transaction.atomic
def add_document(
    seat: Seat, kind: str, title: str, url: str = "", data: bytes | None = None, meeting: Meeting | None = None,
    report: RoundReport | None = None, commitment: Commitment | None = None, evaluation: Evaluation | None = None,
) -> Document:  # fmt: skip
    """A document of the alliance or of one's member: a file, or an address."""
    needs(seat, Seat.Role.SECRETARIAT, Seat.Role.EDITOR, Seat.Role.EVALUATOR)
    living(seat.alliance)
    if seat.role == Seat.Role.EDITOR:
        for thing in (report, commitment):
            if thing is not None and thing.member_id != seat.member_id:
                raise NotPossible("That belongs to another member.")
    if not url and not data:
        raise NotPossible("Choose a file, or give an address.")
    if data is not None and len(data) > MAX_FILE:
        raise NotPossible(f"A file may have {MAX_FILE // 1_000_000} MB at most. Make it smaller, or give its address.")
    made = Document.objects.create(
        alliance=seat.alliance, kind=kind, title=title, url=url, body=data, media_type=media_type(data) if data else "",
        sha256=hashlib.sha256(data).hexdigest() if data else "", member=seat.member, meeting=meeting, report=report, commitment=commitment,
        evaluation=evaluation, published_at=clock.now(),
    )  # fmt: skip
    audit.record(actor(seat), "register.document", f"document:{made.pk}", sha256=made.sha256)
    return made


@transaction.atomic
def withdraw_document(seat: Seat, document: Document, why: str) -> None:
    """Takes a document back: its title, its hash and the reason stay, the file is no longer given out."""
    lock(document)
    needs(seat, Seat.Role.SECRETARIAT, Seat.Role.EDITOR)
    same_alliance(seat, document.alliance_id)
    if seat.role == Seat.Role.EDITOR and document.member_id != seat.member_id:
        raise NotPossible("That belongs to another member.")
    if document.withdrawn_at is not None:
        raise NotPossible("It is withdrawn already.")
    if not why.strip():
        raise NotPossible("Say why: the reason is shown where the document was.")
    document.withdrawn_at, document.withdrawn_why = clock.now(), why
    document.save(update_fields=["withdrawn_at", "withdrawn_why"])
    audit.record(actor(seat), "register.document_withdrawn", f"document:{document.pk}")
