"""Meetings: planned and invited to, held and minuted; consultations that collect views."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max

from leeward.server import environment
from leeward.server.core import audit, clock, outbox
from leeward.server.register.actions.common import NotPossible, actor, living, lock, mails, needs, same_alliance, today
from leeward.server.register.models import AgendaItem, Attendance, Consultation, Meeting, Member, Resolution, Seat, View

EVERYBODY = (Seat.Role.EDITOR, Seat.Role.ASSOCIATED, Seat.Role.YOUTH, Seat.Role.EVALUATOR)


@dataclass(frozen=True, slots=True)
class Point:
    """A point of an agenda as it is written."""

    title: str
    starts: dt.time | None = None
    minutes: int | None = None
    who: str = ""


def read_agenda(text: str) -> list[Point]:
    """Lines such as `10:00 20 Welcome | Secretariat`; the time, the minutes and who are optional."""
    points = []
    for number, line in enumerate((line.strip() for line in text.splitlines() if line.strip()), 1):
        rest, _, who = line.partition("|")
        words = rest.split()
        starts, minutes = None, None
        if words and ":" in words[0]:
            try:
                starts = dt.time.fromisoformat(words[0].zfill(5))
            except ValueError as error:
                raise NotPossible(f"Line {number}: {words[0]!r} is not a time; write it as 09:30.") from error
            words = words[1:]
        if words and words[0].isdigit():
            minutes, words = int(words[0]), words[1:]
        if not words:
            raise NotPossible(f"Line {number} has no title: write for example “10:00 20 Welcome | Secretariat”.")
        points.append(Point(" ".join(words)[:200], starts, minutes, who.strip()[:120]))
    return points


@transaction.atomic
def plan(seat: Seat, title: str, about: str, starts_at: dt.datetime, ends_at: dt.datetime, place: str, agenda: Sequence[Point]) -> Meeting:
    """Plans a meeting and invites everybody who has a seat."""
    lock(seat.alliance)
    needs(seat, Seat.Role.SECRETARIAT)
    living(seat.alliance)
    if ends_at <= starts_at:
        raise NotPossible("The meeting ends before it begins.")
    number = (seat.alliance.meetings.aggregate(last=Max("number"))["last"] or 0) + 1
    meeting = Meeting.objects.create(
        alliance=seat.alliance,
        number=number,
        title=title,
        about=about,
        on=starts_at.date(),
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
    )
    _set_agenda(meeting, agenda)
    audit.record(actor(seat), "register.meeting", f"meeting:{meeting.pk}")
    _invite(meeting, "Invitation")
    return meeting


def _set_agenda(meeting: Meeting, agenda: Sequence[Point]) -> None:
    meeting.agenda.all().delete()
    AgendaItem.objects.bulk_create(
        AgendaItem(meeting=meeting, number=number, title=point.title, starts=point.starts, minutes=point.minutes, who=point.who)
        for number, point in enumerate(agenda, 1)
    )


def _invite(meeting: Meeting, word: str) -> None:
    url = environment.get("LEEWARD_URL", "http://127.0.0.1:8000")
    where = f"{url}/register/{meeting.alliance.slug}/meetings/{meeting.number}/"
    for mail in mails(meeting.alliance, EVERYBODY):
        outbox.mail(mail, f"{word}: {meeting.title}, {meeting.on}", f"{meeting.about}\n\n{where}\nFor your calendar: {where}meeting.ics")


@transaction.atomic
def change(seat: Seat, meeting: Meeting, starts_at: dt.datetime, ends_at: dt.datetime, place: str, agenda: Sequence[Point]) -> Meeting:
    """Another time, place or agenda, while it is planned. Calendars follow, since the entry's sequence grows."""
    lock(meeting)
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, meeting.alliance_id)
    if meeting.state != Meeting.State.PLANNED:
        raise NotPossible(f"The meeting is {meeting.get_state_display().lower()}.")
    if ends_at <= starts_at:
        raise NotPossible("The meeting ends before it begins.")
    Meeting.objects.filter(pk=meeting.pk).update(
        starts_at=starts_at, ends_at=ends_at, on=starts_at.date(), place=place, sequence=F("sequence") + 1
    )
    meeting.refresh_from_db()
    _set_agenda(meeting, agenda)
    audit.record(actor(seat), "register.meeting_changed", f"meeting:{meeting.pk}", sequence=meeting.sequence)
    _invite(meeting, "Changed")
    return meeting


@transaction.atomic
def cancel(seat: Seat, meeting: Meeting) -> None:
    """Cancels a planned meeting. It stays in the list and in calendars, as cancelled."""
    lock(meeting)
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, meeting.alliance_id)
    if meeting.state != Meeting.State.PLANNED:
        raise NotPossible(f"The meeting is {meeting.get_state_display().lower()}.")
    meeting.state, meeting.sequence = Meeting.State.CANCELLED, meeting.sequence + 1
    meeting.save(update_fields=["state", "sequence"])
    audit.record(actor(seat), "register.meeting_cancelled", f"meeting:{meeting.pk}")
    _invite(meeting, "Cancelled")


@transaction.atomic
def hold(seat: Seat, meeting: Meeting, members: Sequence[Member], guests: Sequence[str], minutes: str) -> Meeting:
    """It was held: who was there, and the minutes."""
    lock(meeting)
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, meeting.alliance_id)
    if meeting.state != Meeting.State.PLANNED:
        raise NotPossible(f"The meeting is {meeting.get_state_display().lower()}; its minutes are published and stay as they are.")
    if meeting.on > today():
        raise NotPossible(f"The meeting is on {meeting.on}: minutes come afterwards.")
    Attendance.objects.bulk_create(
        [Attendance(meeting=meeting, member=member) for member in members] + [Attendance(meeting=meeting, guest=guest) for guest in guests]
    )
    meeting.state, meeting.minutes, meeting.minutes_at = Meeting.State.HELD, minutes, clock.now()
    meeting.save(update_fields=["state", "minutes", "minutes_at"])
    audit.record(actor(seat), "register.minutes", f"meeting:{meeting.pk}", members=len(members))
    return meeting


@transaction.atomic
def resolve(seat: Seat, meeting: Meeting, kind: str, text: str, owner: str, due: dt.date | None) -> Resolution:
    """A decision, or an action with an owner and a day."""
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, meeting.alliance_id)
    if kind == Resolution.Kind.ACTION and not owner.strip():
        raise NotPossible("An action needs an owner.")
    made = Resolution.objects.create(meeting=meeting, kind=kind, text=text, owner=owner, due=due)
    audit.record(actor(seat), "register.resolution", f"meeting:{meeting.pk}", kind=kind)
    return made


@transaction.atomic
def finish(seat: Seat, resolution: Resolution) -> None:
    """An action of a meeting was done."""
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, resolution.meeting.alliance_id)
    resolution.done_on = today()
    resolution.save(update_fields=["done_on"])
    audit.record(actor(seat), "register.done", f"resolution:{resolution.pk}")


@transaction.atomic
def consult(seat: Seat, question: str, closes_on: dt.date, meeting: Meeting | None = None) -> Consultation:
    """Asks members and youth for their views."""
    needs(seat, Seat.Role.SECRETARIAT)
    living(seat.alliance)
    if closes_on <= today():
        raise NotPossible("Give people at least a day to answer.")
    made = Consultation.objects.create(alliance=seat.alliance, meeting=meeting, question=question, opened_on=today(), closes_on=closes_on)
    audit.record(actor(seat), "register.consultation", f"consultation:{made.pk}")
    for mail in mails(seat.alliance, EVERYBODY):
        outbox.mail(mail, "Your view is asked for", f"{question}\n\nUntil {closes_on}, in the office of the register.")
    return made


@transaction.atomic
def give_view(seat: Seat, consultation: Consultation, text: str) -> View:
    """A view on a consultation; it is public, as everybody's is."""
    needs(seat, Seat.Role.EDITOR, Seat.Role.ASSOCIATED, Seat.Role.YOUTH)
    same_alliance(seat, consultation.alliance_id)
    if today() > consultation.closes_on:
        raise NotPossible(f"The consultation closed on {consultation.closes_on}.")
    made = View.objects.create(consultation=consultation, seat=seat, text=text, at=clock.now())
    audit.record(actor(seat), "register.view", f"consultation:{consultation.pk}")
    return made


@transaction.atomic
def conclude_consultation(seat: Seat, consultation: Consultation, outcome: str) -> None:
    """Says what became of the views."""
    lock(consultation)
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, consultation.alliance_id)
    if consultation.outcome:
        raise NotPossible("The outcome is published and stays as it is.")
    consultation.outcome = outcome
    consultation.save(update_fields=["outcome"])
    audit.record(actor(seat), "register.consultation_outcome", f"consultation:{consultation.pk}")
