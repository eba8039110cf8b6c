"""Alliances, their statements and policies, members and seats."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from leeward.server import environment
from leeward.server.core import audit, clock, crypto, outbox
from leeward.server.register import rules
from leeward.server.register.actions.common import NotPossible, actor, inside, living, lock, mails, needs, own, same_alliance, today
from leeward.server.register.models import Action, Alliance, Endorsement, Member, MembershipPolicy, MemberStep, Purpose, Seat, Vote

CONTACT_PURPOSE = "applicant"


@dataclass(frozen=True, slots=True)
class ActionText:
    """One action of a statement of purpose, as it is written."""

    strand: str
    short: str
    text: str


@transaction.atomic
def create_alliance(name: str, about: str, by: str, slug: str = "") -> Alliance:
    """A new alliance, that forms."""
    slug = slug or slugify(name)[:60]
    if Alliance.objects.filter(slug=slug).exists():
        raise NotPossible(f"There is an alliance at /register/{slug}/ already: choose another name.")
    alliance = Alliance.objects.create(slug=slug, name=name, about=about)
    audit.record(by, "register.alliance", f"alliance:{slug}")
    return alliance


@transaction.atomic
def start(alliance: Alliance, on: dt.date, by: str) -> None:
    """It begins its work: only with a statement of purpose and a policy of membership."""
    if not alliance.purposes.exists() or not alliance.policies.exists():
        raise NotPossible("Publish a statement of purpose and a membership policy first.")
    alliance.state, alliance.started_on = Alliance.State.ACTIVE, on
    alliance.save(update_fields=["state", "started_on"])
    audit.record(by, "register.start", f"alliance:{alliance.slug}")


@transaction.atomic
def conclude(seat: Seat, note: str, successor: str, successor_url: str) -> None:
    """It ends, and says what comes after it. Everything stays to be read."""
    lock(seat.alliance)
    needs(seat, Seat.Role.SECRETARIAT)
    alliance = seat.alliance
    living(alliance)
    alliance.state, alliance.concluded_on, alliance.concluded_note = Alliance.State.CONCLUDED, today(), note
    alliance.successor, alliance.successor_url = successor, successor_url
    alliance.save()
    audit.record(actor(seat), "register.conclude", f"alliance:{alliance.slug}")


@transaction.atomic
def publish_purpose(
    alliance: Alliance, text: str, actions: Sequence[ActionText], by: str, on: dt.date | None = None, source: str = ""
) -> Purpose:
    """The next version of the statement of purpose, with its actions. Members endorse it anew."""
    lock(alliance)
    if not actions:
        raise NotPossible("A statement of purpose needs at least one action, one a line: strand | short name | text.")
    purpose = Purpose.objects.create(
        alliance=alliance, number=alliance.purposes.count() + 1, published_on=on or today(), text=text, source=source
    )
    Action.objects.bulk_create(
        Action(purpose=purpose, number=number, strand=item.strand, short=item.short, text=item.text)
        for number, item in enumerate(actions, 1)
    )
    audit.record(by, "register.purpose", f"alliance:{alliance.slug}", version=purpose.number)
    return purpose


@transaction.atomic
def publish_policy(
    alliance: Alliance, text: str, decides: str, criteria: Mapping[str, Sequence[str]], by: str, on: dt.date | None = None, source: str = ""
) -> MembershipPolicy:
    """The next version of the policy of membership. `criteria` are what an applicant of each category has to meet."""
    lock(alliance)
    policy = MembershipPolicy.objects.create(
        alliance=alliance, number=alliance.policies.count() + 1, valid_from=on or today(), text=text, decides=decides,
        criteria={category: list(items) for category, items in criteria.items()}, source=source,
    )  # fmt: skip
    audit.record(by, "register.policy", f"alliance:{alliance.slug}", version=policy.number)
    return policy


@dataclass(frozen=True, slots=True)
class Application:
    """What an applicant says of itself."""

    name: str
    category: str
    sector: str = ""
    country: str = ""
    website: str = ""
    services: tuple[str, ...] = ()
    about: str = ""
    mail: str = ""


@transaction.atomic
def apply(alliance: Alliance, application: Application) -> Member:
    """An application. A name that a member (or another applicant) has, however it is written, is refused."""
    living(alliance)
    wanted = rules.same_name(application.name)
    for member in alliance.members.all():
        if rules.same_name(member.name) == wanted:
            raise NotPossible(
                f"{member.name} stands in the register already ({member.get_state_display().lower()}). If that is you, write to the "
                "secretariat; if not, apply with a name that cannot be taken for theirs."
            )
    slug = slugify(application.name)[:70] or "member"
    taken = set(alliance.members.filter(slug__startswith=slug).values_list("slug", flat=True))
    free = next(name for number in range(1, 1000) if (name := slug if number == 1 else f"{slug}-{number}") not in taken)
    member = Member.objects.create(
        alliance=alliance, slug=free, name=application.name, category=application.category, sector=application.sector,
        country=application.country, website=application.website, services=list(application.services), about=application.about,
        contact=crypto.encrypt(CONTACT_PURPOSE, application.mail.encode()) if application.mail else b"",
    )  # fmt: skip
    MemberStep.objects.create(member=member, on=today(), state=Member.State.APPLIED)
    audit.record("applicant", "register.apply", f"member:{member.pk}", category=member.category)
    for mail in mails(alliance, [Seat.Role.SECRETARIAT]):
        outbox.mail(
            mail,
            f"{member.name} applies to {alliance.name}",
            f"See {environment.get('LEEWARD_URL', 'http://127.0.0.1:8000')}/register/office/",
        )
    return member


@transaction.atomic
def check_eligibility(seat: Seat, member: Member, checks: Mapping[str, tuple[bool, str]]) -> None:
    """Writes down which criteria of the policy the applicant meets, and why."""
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, member.alliance_id)
    member.checks = {criterion: [met, note] for criterion, (met, note) in checks.items()}
    member.save(update_fields=["checks"])
    audit.record(actor(seat), "register.check", f"member:{member.pk}", met=sum(met for met, _ in checks.values()))


@transaction.atomic
def vote(seat: Seat, applicant: Member, yes: bool, reason: str) -> Vote:
    """A member company votes on an applicant, once."""
    needs(seat, Seat.Role.EDITOR)
    same_alliance(seat, applicant.alliance_id)
    if seat.member is None or seat.member.category != Member.Category.COMPANY:
        raise NotPossible("Company signatories vote.")
    inside(seat.member)
    if applicant.state != Member.State.APPLIED:
        raise NotPossible(f"{applicant.name} has been decided upon.")
    try:
        with transaction.atomic():
            made = Vote.objects.create(applicant=applicant, voter=seat.member, yes=yes, reason=reason, at=clock.now())
    except IntegrityError as error:
        raise NotPossible("Your member has voted already. A vote cannot be changed.") from error
    audit.record(actor(seat), "register.vote", f"member:{applicant.pk}")
    return made


def missing_for_admission(member: Member) -> list[str]:
    """What stands against an admission by the policy that holds."""
    policy = member.alliance.policies.last()
    if policy is None:
        return ["The alliance has no membership policy yet."]
    votes: list[bool] | None = None
    if policy.decides == MembershipPolicy.Decides.VOTE:
        votes = list(member.votes.values_list("yes", flat=True))
    voters = member.alliance.members.filter(state=Member.State.ADMITTED, category=Member.Category.COMPANY).count()
    return rules.missing_for_admission(policy.criteria.get(member.category, []), member.checks, votes, voters)


@transaction.atomic
def decide(seat: Seat, member: Member, state: str, reason: str, on: dt.date | None = None) -> MemberStep:
    """Takes a membership to its next state. Admission needs what the policy asks for; refusing, suspending and ending need reasons."""
    lock(member)
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, member.alliance_id)
    living(member.alliance)
    if not rules.can_move(member.state, state):
        raise NotPossible(f"A member that is {member.get_state_display().lower()} cannot become {state}.")
    if state in rules.NEEDS_REASON and not reason.strip():
        raise NotPossible("Say why: the reason is shown on the member’s page.")
    if state == Member.State.ADMITTED and member.state == Member.State.APPLIED:
        missing = missing_for_admission(member)
        if missing:
            raise NotPossible(" ".join(missing))
        member.joined_on = on or today()
    member.state = state
    member.save(update_fields=["state", "joined_on"])
    step = MemberStep.objects.create(member=member, on=on or today(), state=state, reason=reason, decided_by="secretariat")
    audit.record(actor(seat), f"register.{state}", f"member:{member.pk}")
    _end_seats(member)
    if member.contact:
        mail = crypto.decrypt(CONTACT_PURPOSE, bytes(member.contact)).decode()
        outbox.mail(
            mail,
            f"{member.alliance.name}: {member.get_state_display().lower()}",
            f"{member.name}: {member.get_state_display()}.\n\n{reason}",
        )
        Member.objects.filter(pk=member.pk).update(contact=b"")  # it was kept for this answer
    return step


def _end_seats(member: Member) -> None:
    """Who speaks for a member speaks for it as long as it is one."""
    if member.state not in (*Member.INSIDE, Member.State.APPLIED):
        member.seats.filter(ended_at=None).update(ended_at=clock.now())


@transaction.atomic
def leave(seat: Seat, reason: str) -> MemberStep:
    """A member leaves by itself."""
    needs(seat, Seat.Role.EDITOR, Seat.Role.ASSOCIATED)
    member = seat.member
    if member is None or not rules.can_move(member.state, Member.State.LEFT):
        raise NotPossible("There is no membership to leave.")
    member.state = Member.State.LEFT
    member.save(update_fields=["state"])
    step = MemberStep.objects.create(member=member, on=today(), state=Member.State.LEFT, reason=reason, decided_by="the member")
    _end_seats(member)
    audit.record(actor(seat), "register.left", f"member:{member.pk}")
    return step


@transaction.atomic
def describe(seat: Seat, sector: str, country: str, website: str, services: Sequence[str], about: str) -> Member:
    """A member describes itself anew. What stood there before is kept in its history."""
    needs(seat, Seat.Role.EDITOR, Seat.Role.ASSOCIATED)
    member = seat.member
    if member is None:
        raise NotPossible("Your seat belongs to no member.")
    lock(member)
    inside(member)
    before = "; ".join(part for part in (member.sector, member.country, member.website, ", ".join(member.services), member.about) if part)
    member.sector, member.country, member.website, member.services, member.about = sector, country, website, list(services), about
    member.save(update_fields=["sector", "country", "website", "services", "about"])
    reason = f"Describes itself anew. Before: {before or 'nothing'}"
    MemberStep.objects.create(member=member, on=today(), state=member.state, reason=reason, decided_by="the member")
    audit.record(actor(seat), "register.describe", f"member:{member.pk}")
    return member


@transaction.atomic
def endorse(seat: Seat, by: str) -> Endorsement:
    """A member endorses the newest statement of purpose, by a person with a name."""
    needs(seat, Seat.Role.EDITOR, Seat.Role.ASSOCIATED)
    member, purpose = seat.member, seat.alliance.purposes.last()
    if member is None or purpose is None:
        raise NotPossible("There is no statement of purpose to endorse.")
    own(seat, member)
    inside(member)
    if Endorsement.objects.filter(member=member, purpose=purpose).exists():
        raise NotPossible(f"{member.name} has endorsed this version already.")
    made = Endorsement.objects.create(member=member, purpose=purpose, by=by, on=today())
    audit.record(actor(seat), "register.endorse", f"member:{member.pk}", version=purpose.number)
    return made


@transaction.atomic
def give_seat(alliance: Alliance, mail: str, role: str, member: Member | None, by: str) -> Seat:
    """Gives somebody a seat. A new account has no password: it is set by the link that “forgot your password” sends."""
    if role in (Seat.Role.EDITOR, Seat.Role.ASSOCIATED) and member is None:
        raise NotPossible("An editor or associated member has to belong to a member: choose which.")
    if member is not None and member.alliance_id != alliance.pk:
        raise NotPossible("That member belongs to another alliance.")
    users = get_user_model().objects
    user = users.filter(email__iexact=mail).first() or users.create_user(username=mail, email=mail)
    if hasattr(user, "guardian"):
        raise NotPossible("That address belongs to a parent’s account: use one of the organisation.")
    if Seat.objects.filter(user=user, alliance=alliance, ended_at=None).exists():
        raise NotPossible(f"{mail} has a seat in this alliance already: end it first.")
    seat = Seat.objects.create(user=user, alliance=alliance, role=role, member=member)
    audit.record(by, "register.seat", f"seat:{seat.pk}", role=role)
    url = environment.get("LEEWARD_URL", "http://127.0.0.1:8000")
    outbox.mail(
        mail,
        f"Your seat in {alliance.name}",
        f"You are {seat}.\nSet a password: {url}/accounts/password/reset/\nThen: {url}/register/office/",
    )
    return seat


@transaction.atomic
def end_seat(seat: Seat, ended: Seat) -> None:
    """Ends somebody's seat; what they wrote stays."""
    needs(seat, Seat.Role.SECRETARIAT)
    same_alliance(seat, ended.alliance_id)
    if ended.pk == seat.pk:
        raise NotPossible("Ask a colleague to end your own seat.")
    ended.ended_at = clock.now()
    ended.save(update_fields=["ended_at"])
    audit.record(actor(seat), "register.seat_ended", f"seat:{ended.pk}")
