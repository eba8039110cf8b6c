"""Commitments and their versions: written by the member, published by the secretariat, never changed afterwards."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

from django.db import transaction
from django.db.models import F

from leeward.server.core import audit, clock, outbox
from leeward.server.register import assistant
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
from leeward.server.register.models import Commitment, CommitmentVersion, Member, Seat

State = CommitmentVersion.State


@dataclass(frozen=True, slots=True)
class Text:
    """What a version says."""

    title: str
    text: str
    actions: tuple[int, ...] = ()
    bands: tuple[str, ...] = ()
    baseline: float | None = None
    baseline_on: dt.date | None = None
    target: float | None = None
    unit: str = ""
    direction: str = ""
    milestones: tuple[tuple[str, str], ...] = ()
    due: dt.date | None = None
    change: str = ""


def gaps(text: Text, indicators: int) -> list[assistant.Gap]:
    """What the assistant says to a text."""
    draft = assistant.Draft(text.text, len(text.actions), text.bands, text.target, text.unit, text.baseline, text.due, indicators)
    return assistant.gaps(draft, today())


def text_of(version: CommitmentVersion) -> Text:
    """The text of a version."""
    return Text(
        version.title, version.text, tuple(version.actions), tuple(version.bands), version.baseline, version.baseline_on, version.target,
        version.unit, version.direction, tuple((day, what) for day, what in version.milestones), version.due, version.change,
    )  # fmt: skip


def _fields(text: Text) -> dict[str, object]:
    fields = asdict(text)
    return {**fields, "actions": list(text.actions), "bands": list(text.bands), "milestones": [list(item) for item in text.milestones]}


def _valid(member: Member, text: Text) -> None:
    purpose = member.alliance.purposes.last()
    known = set(purpose.actions.values_list("number", flat=True)) if purpose else set()
    if set(text.actions) - known:
        raise NotPossible("One of the actions does not stand in the statement of purpose.")
    if text.target is not None and not text.direction:
        raise NotPossible("Say whether the target is a least or a most: without it nobody knows when it is kept.")


@transaction.atomic
def draft(seat: Seat, text: Text) -> CommitmentVersion:
    """A new commitment of one's member, as a draft."""
    needs(seat, Seat.Role.EDITOR)
    member = seat.member
    if member is None:
        raise NotPossible("Your seat belongs to no member.")
    living(seat.alliance)
    inside(member)
    _valid(member, text)
    lock(member)
    stem = f"{seat.alliance.slug}-{member.slug}"[:90]
    taken = set(Commitment.objects.filter(code__startswith=stem).values_list("code", flat=True))
    first = member.commitments.count() + 1
    code = next(name for number in range(first, first + len(taken) + 1) if (name := f"{stem}-{number}") not in taken)
    commitment = Commitment.objects.create(member=member, code=code)
    version = CommitmentVersion.objects.create(commitment=commitment, number=1, edited_at=clock.now(), **_fields(text))
    audit.record(actor(seat), "register.draft", f"commitment:{commitment.code}")
    return version


@transaction.atomic
def new_version(seat: Seat, commitment: Commitment) -> CommitmentVersion:
    """The next version of a published commitment, as a draft with the same text."""
    needs(seat, Seat.Role.EDITOR)
    own(seat, commitment.member)
    living(seat.alliance)
    lock(commitment)
    last = commitment.versions.last()
    if last is None or last.state in CommitmentVersion.OPEN:
        raise NotPossible("There is a draft already: change that one.")
    version = CommitmentVersion.objects.create(
        commitment=commitment, number=last.number + 1, edited_at=clock.now(), **{**_fields(text_of(last)), "change": ""}
    )
    audit.record(actor(seat), "register.version", f"commitment:{commitment.code}", version=version.number)
    return version


@transaction.atomic
def save(seat: Seat, version: CommitmentVersion, edit: int, text: Text) -> CommitmentVersion:
    """Changes a draft. `edit` is the state that the writer saw; raises Changed where somebody else saved since then."""
    needs(seat, Seat.Role.EDITOR)
    own(seat, version.commitment.member)
    if version.state != State.DRAFT:
        raise NotPossible(f"It is {version.get_state_display().lower()}: what was handed in is not changed. Make a new version.")
    _valid(version.commitment.member, text)
    taken = CommitmentVersion.objects.filter(pk=version.pk, edit=edit, state=State.DRAFT).update(
        **_fields(text), edit=F("edit") + 1, edited_at=clock.now()
    )
    version.refresh_from_db()
    if not taken:
        raise Changed({"title": version.title, "text": version.text})
    audit.record(actor(seat), "register.save", f"commitment:{version.commitment.code}", version=version.number)
    return version


@transaction.atomic
def submit(seat: Seat, version: CommitmentVersion) -> CommitmentVersion:
    """Hands a draft in. Whether it is verifiable, and why not, is written down with it."""
    lock(version)
    needs(seat, Seat.Role.EDITOR)
    commitment = version.commitment
    own(seat, commitment.member)
    inside(commitment.member)
    if version.state != State.DRAFT:
        raise NotPossible("Only a draft can be handed in.")
    if not version.text.strip() or not version.actions:
        raise NotPossible("A commitment needs a text, and at least one action that it serves.")
    if version.number > 1 and not version.change.strip():
        raise NotPossible("Say what changes with this version: it is shown beside it.")
    found = gaps(text_of(version), commitment.indicators.count())
    version.state, version.submitted_at, version.returned_why = State.SUBMITTED, clock.now(), ""
    version.is_verifiable, version.why_not = assistant.is_verifiable(found), [gap.says for gap in found if gap.blocks]
    version.save()
    audit.record(actor(seat), "register.submit", f"commitment:{commitment.code}", version=version.number, verifiable=version.is_verifiable)
    for mail in mails(seat.alliance, [Seat.Role.SECRETARIAT]):
        outbox.mail(mail, f"{commitment.member.name} hands in a commitment", version.title)
    return version


@transaction.atomic
def give_back(seat: Seat, version: CommitmentVersion, why: str) -> None:
    """The secretariat gives it back, with a reason; it is a draft again."""
    lock(version)
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, version.commitment.member.alliance_id)
    if version.state != State.SUBMITTED:
        raise NotPossible("Only what was handed in can be given back.")
    version.state, version.returned_why = State.DRAFT, why
    version.save(update_fields=["state", "returned_why"])
    audit.record(actor(seat), "register.give_back", f"commitment:{version.commitment.code}")
    for mail in mails(seat.alliance, [Seat.Role.EDITOR], version.commitment.member):
        outbox.mail(mail, f"Given back: {version.title}", why)


@transaction.atomic
def publish(seat: Seat, version: CommitmentVersion) -> CommitmentVersion:
    """Publishes what was handed in; the version before it is superseded from the same moment on."""
    lock(version)
    needs(seat, Seat.Role.SECRETARIAT)
    commitment = version.commitment
    same_alliance(seat, commitment.member.alliance_id)
    living(seat.alliance)
    if version.state != State.SUBMITTED:
        raise NotPossible("Only what was handed in can be published.")
    now = clock.now()
    commitment.versions.filter(state=State.PUBLISHED).update(state=State.SUPERSEDED, ended_at=now, ended_why=version.change)
    version.state, version.published_at = State.PUBLISHED, now
    version.save(update_fields=["state", "published_at"])
    audit.record(actor(seat), "register.publish", f"commitment:{commitment.code}", version=version.number)
    for mail in mails(seat.alliance, [Seat.Role.EDITOR], commitment.member):
        outbox.mail(mail, f"Published: {version.title}", f"It is public since {now:%Y-%m-%d}.")
    return version


@transaction.atomic
def withdraw(seat: Seat, commitment: Commitment, why: str) -> CommitmentVersion:
    """Takes a commitment back. It stays to be read, with the reason."""
    lock(commitment)
    needs(seat, Seat.Role.EDITOR)
    own(seat, commitment.member)
    version = commitment.versions.filter(state=State.PUBLISHED).last()
    if version is None:
        raise NotPossible("Only a published commitment can be withdrawn.")
    if not why.strip():
        raise NotPossible("Say why: the reason is shown beside the commitment.")
    version.state, version.ended_at, version.ended_why = State.WITHDRAWN, clock.now(), why
    version.save(update_fields=["state", "ended_at", "ended_why"])
    audit.record(actor(seat), "register.withdraw", f"commitment:{commitment.code}")
    return version
