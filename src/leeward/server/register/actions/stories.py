"""What the alliance tells: youth pledges, good practices, news, and the newsletter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction

from leeward.server import environment
from leeward.server.core import audit, clock, crypto, outbox
from leeward.server.register import rules
from leeward.server.register.actions.common import NotPossible, actor, inside, living, lock, needs, own, same_alliance, today
from leeward.server.register.models import Alliance, Member, News, Pledge, PledgeStep, Practice, Seat, Subscriber

MAIL_PURPOSE = "newsletter"


@transaction.atomic
def take_up(seat: Seat, title: str, challenge: str) -> Pledge:
    """A company takes up a challenge that it will work on with young people."""
    needs(seat, Seat.Role.EDITOR)
    if seat.member is None:
        raise NotPossible("Your seat belongs to no member.")
    living(seat.alliance)
    inside(seat.member)
    made = Pledge.objects.create(member=seat.member, title=title, challenge=challenge, begun_on=today())
    audit.record(actor(seat), "register.pledge", f"pledge:{made.pk}")
    return made


@transaction.atomic
def work_on(seat: Seat, pledge: Pledge, on: dt.date, text: str) -> PledgeStep:
    """Work that was done for a pledge, by the company or the young people."""
    needs(seat, Seat.Role.EDITOR, Seat.Role.YOUTH)
    same_alliance(seat, pledge.member.alliance_id)
    if seat.role == Seat.Role.EDITOR:
        own(seat, pledge.member)
    if pledge.verdict_at is not None:
        raise NotPossible("The young people gave their verdict: take up a new pledge.")
    if on > today():
        raise NotPossible("That day has not come yet.")
    made = PledgeStep.objects.create(pledge=pledge, on=on, text=text)
    audit.record(actor(seat), "register.pledge_step", f"pledge:{pledge.pk}")
    return made


@transaction.atomic
def judge(seat: Seat, pledge: Pledge, verdict: str, lundy: Mapping[str, tuple[str, str]]) -> Pledge:
    """The young people's verdict, in their words, with what they say of space, voice, audience and influence. Once."""
    lock(pledge)
    needs(seat, Seat.Role.YOUTH)
    same_alliance(seat, pledge.member.alliance_id)
    if pledge.verdict_at is not None:
        raise NotPossible("The verdict is published and stays as it is.")
    if set(lundy) != set(rules.LUNDY) or any(mark not in ("yes", "partly", "no") for mark, _ in lundy.values()):
        raise NotPossible("Answer all four questions: space, voice, audience, influence.")
    pledge.verdict, pledge.lundy, pledge.verdict_at = verdict, {name: list(item) for name, item in lundy.items()}, clock.now()
    pledge.save(update_fields=["verdict", "lundy", "verdict_at"])
    audit.record(actor(seat), "register.verdict", f"pledge:{pledge.pk}")
    return pledge


@transaction.atomic
def share_practice(seat: Seat, title: str, problem: str, what: str, evidence: str, transferable: str, source: str) -> Practice:
    """Something that works. A practice without evidence is an idea, and refused as a practice."""
    needs(seat, Seat.Role.SECRETARIAT, Seat.Role.EDITOR, Seat.Role.ASSOCIATED, Seat.Role.EVALUATOR)
    living(seat.alliance)
    if not evidence.strip():
        raise NotPossible("What shows that it works? A practice needs evidence.")
    made = Practice.objects.create(
        alliance=seat.alliance, member=seat.member, title=title, problem=problem, what=what, evidence=evidence, transferable=transferable,
        source=source, published_on=today(),
    )  # fmt: skip
    audit.record(actor(seat), "register.practice", f"practice:{made.pk}")
    return made


@transaction.atomic
def tell(
    seat: Seat, kind: str, on: dt.date, title: str, text: str, regulator: str, url: str, members: Sequence[Member], topics: Sequence[str]
) -> News:
    """News, or an act of a regulator: it needs a source, and says which members it is about."""
    needs(seat, Seat.Role.SECRETARIAT)
    if kind == News.Kind.ACT and (not regulator or not url):
        raise NotPossible("An act of a regulator needs the regulator and the address where it is published.")
    for member in members:
        same_alliance(seat, member.alliance_id)
    made = News.objects.create(
        alliance=seat.alliance, kind=kind, on=on, title=title, text=text, regulator=regulator, url=url, topics=list(topics)
    )
    made.members.set(members)
    audit.record(actor(seat), "register.news", f"news:{made.pk}", kind=kind)
    return made


def _key(alliance: Alliance, mail: str) -> bytes:
    return crypto.keyed_hash(MAIL_PURPOSE, alliance.slug, mail.strip().lower())


def _token(alliance: Alliance, mail: str) -> str:
    """What stands in the links of an address's mails: always the same, so that an old mail can still be used to leave."""
    return crypto.keyed_hash(MAIL_PURPOSE, "link", alliance.slug, mail.strip().lower()).hex()[:40]


def _hash(token: str) -> bytes:
    return crypto.keyed_hash(MAIL_PURPOSE, "token", token)


def _link(alliance: Alliance, token: str, what: str) -> str:
    return f"{environment.get('LEEWARD_URL', 'http://127.0.0.1:8000')}/register/{alliance.slug}/newsletter/{what}/{token}/"


@transaction.atomic
def subscribe(alliance: Alliance, mail: str) -> None:
    """Asks the address to confirm. Whether it was known is not told: the answer is the same."""
    known = Subscriber.objects.filter(pk=_key(alliance, mail)).first()
    if known is not None and known.confirmed_at is not None:
        return
    token = _token(alliance, mail)
    Subscriber.objects.update_or_create(
        key=_key(alliance, mail),
        defaults={
            "alliance": alliance, "mail": crypto.encrypt(MAIL_PURPOSE, mail.strip().encode()), "asked_at": clock.now(),
            "token": _hash(token),
        },
    )  # fmt: skip
    audit.record("public", "register.subscribe", f"alliance:{alliance.slug}")
    outbox.mail(
        mail.strip(),
        f"{alliance.name}: is this your address?",
        f"If you want the newsletter, open\n{_link(alliance, token, 'yes')}\nIf not, do nothing.",
    )


def _subscriber(alliance: Alliance, token: str) -> Subscriber:
    found = Subscriber.objects.filter(alliance=alliance, token=_hash(token)).first()
    if found is None:
        raise NotPossible("That link is not valid any more: subscribe again.")
    return found


@transaction.atomic
def confirm(alliance: Alliance, token: str) -> None:
    """The address said yes a second time."""
    subscriber = _subscriber(alliance, token)
    if subscriber.confirmed_at is None:
        subscriber.confirmed_at = clock.now()
        subscriber.save(update_fields=["confirmed_at"])
        audit.record("public", "register.confirmed", f"alliance:{alliance.slug}")


@transaction.atomic
def unsubscribe(alliance: Alliance, token: str) -> None:
    """The address is deleted."""
    _subscriber(alliance, token).delete()
    audit.record("public", "register.unsubscribed", f"alliance:{alliance.slug}")


@transaction.atomic
def send_newsletter(seat: Seat, subject: str, text: str, since: dt.date) -> int:
    """Sends a letter with the news since a day to everybody who confirmed; returns how many. Each has its own link to leave."""
    needs(seat, Seat.Role.SECRETARIAT)
    alliance = seat.alliance
    items = alliance.news.filter(on__gte=since, on__lte=today()).order_by("on")
    lines = "\n".join(f"- {item.on}: {item.title}{f' ({item.url})' if item.url else ''}" for item in items)
    count = 0
    for subscriber in alliance.subscribers.exclude(confirmed_at=None):
        mail = crypto.decrypt(MAIL_PURPOSE, bytes(subscriber.mail)).decode()
        outbox.mail(mail, subject, f"{text}\n\n{lines}\n\nNo more of this: {_link(alliance, _token(alliance, mail), 'no')}")
        count += 1
    audit.record(actor(seat), "register.newsletter", f"alliance:{alliance.slug}", sent=count)
    return count
