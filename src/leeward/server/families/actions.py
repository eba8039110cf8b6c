"""Every write about families. Each is seen by the child as a change, audited, and told to the services by webhook."""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from leeward.server import environment
from leeward.server.core import audit, clock, crypto, ids, outbox
from leeward.server.families import access, ages, credentials, presets, rules, words
from leeward.server.families.access import seal, unseal
from leeward.server.families.models import (
    AgeIssuer,
    AgeNonce,
    Change,
    Child,
    Contact,
    Contest,
    GivenGrant,
    Guardian,
    Link,
    LinkCode,
    Person,
    PlanRule,
    Portal,
    Request,
    SchoolHoliday,
    SignInCode,
    Usage,
)  # fmt: skip
from leeward.server.people.access import webhook_of
from leeward.server.people.models import AgeBand, Assurance

PORTAL_MINUTES = 15
CODE_MINUTES = 10
CODE_TRIES = 5
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
MAX_WORDS = 300
MAX_GRANT = 240
LOOK_AGAIN = dt.timedelta(days=90)
BOTH_AGREE = frozenset({"13-15", "16-17"})
"""From 13 on a child and a guardian both have to agree to link and to end."""
OWN_SAY = frozenset({"16-17"})
"""From 16 on a guardian's rule for anything but the preset waits for the child's yes: none is set without."""


class NotPossible(ValueError):
    """What was asked cannot be done; the message says why, in plain words."""


def _changed(child: Child, who: str, code: str, subject: str = "", detail: str = "") -> None:
    """Writes a change down where the child sees it, audits it, and tells every service of the child."""
    now = clock.now()
    Change.objects.create(child=child, at=now, who=who, code=code, subject=subject, detail=seal(detail))
    Child.objects.filter(pk=child.pk).update(version=F("version") + 1)
    child.refresh_from_db(fields=["version"])
    audit.record(who, f"family.{code}", f"child:{child.pk}", about=subject)
    for person in child.people.all():
        webhook = webhook_of(person.service_id)
        if webhook is not None:
            data = {"ref": unseal(person.ref), "change": code, "subject": subject, "version": child.version}
            outbox.webhook(webhook.url, webhook.secret, "protections.changed", data)


# --- children and services --------------------------------------------------------------------------------------------------------


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise NotPossible(f"{name!r} is no time zone: use a name like Europe/Berlin.") from error
    return name


@transaction.atomic
def know_person(
    service_id: int,
    ref: str,
    band: str,
    assurance: str = Assurance.SELF,
    zone: str = "UTC",
    country: str = "",
    language: str = "en",
    region: str = "",
    next_band_on: dt.date | None = None,
    issuer: str = "",
) -> Person:
    """A service names one of its users. What a weaker assurance says never replaces what a stronger one said; nothing loosens silently:
    an older band is written down as a change that child and guardians see."""
    found = access.person(service_id, ref)
    if found is None:
        child = Child.objects.create(
            id=ids.new("child"),
            band=band,
            assurance=assurance,
            zone=_zone(zone),
            country=country,
            region=region,
            next_band_on=next_band_on,
            issuer=issuer,
            language=language,
            created_at=clock.now(),
        )
        person = Person.objects.create(
            key=access.person_key(service_id, ref), service_id=service_id, ref=seal(ref), child=child, created_at=clock.now()
        )
        audit.record(f"service:{service_id}", "family.person", f"child:{child.pk}", band=band, assurance=assurance)
        return person
    child = found.child
    order = list(Assurance.values)
    if region and region != child.region:
        Child.objects.filter(pk=child.pk).update(region=region, version=F("version") + 1)
    if next_band_on is not None and next_band_on != child.next_band_on:
        Child.objects.filter(pk=child.pk).update(next_band_on=next_band_on, band_announced=False)
    if band != AgeBand.UNKNOWN and order.index(assurance) >= order.index(child.assurance):
        _set_age(child, f"service:{service_id}", band, assurance, issuer)
    found.refresh_from_db()
    return found


def _set_age(child: Child, who: str, band: str, assurance: str, issuer: str) -> None:
    """Writes down a band and how it is known. Another band is a change that child and guardians see."""
    before = child.band
    child.band, child.assurance, child.issuer = band, assurance, issuer
    child.save(update_fields=["band", "assurance", "issuer"])
    if band != before:
        _changed(child, who, "band", detail=f"{before} → {band}")


@transaction.atomic
def new_nonce(service_id: int) -> str:
    """A number to which an age credential has to answer, once, within ten minutes."""
    nonce = secrets.token_urlsafe(24)
    expires = clock.now() + dt.timedelta(minutes=CODE_MINUTES)
    AgeNonce.objects.create(hash=crypto.keyed_hash("age nonce", str(service_id), nonce), expires_at=expires)
    audit.record(f"service:{service_id}", "family.nonce", "age:-")
    return nonce


def prove_age(service_id: int, credential: str, nonce: str, youngest: str) -> tuple[str, str]:
    """(band, issuer) that a signed credential proves. The nonce is used up, whatever comes of it; raises NotPossible with the reason."""
    key, now = crypto.keyed_hash("age nonce", str(service_id), nonce), clock.now()
    if not AgeNonce.objects.filter(hash=key, used_at=None, expires_at__gt=now).update(used_at=now):
        raise NotPossible("This nonce was used before, is too old, or is not ours: ask for a new one.")
    audience = environment.get("LEEWARD_URL", "http://127.0.0.1:8000").rstrip("/")
    try:
        claims, issuer = credentials.read(credential, nonce, audience, access.issuer_keys)
        if credentials.is_revoked(claims, issuer, access.issuer_keys):
            raise credentials.Refused("It was revoked.")
    except credentials.Refused as error:
        raise NotPossible(f"The credential proves nothing here. {error}") from error
    band = ages.from_claims(claims, youngest)
    if band is None:
        raise NotPossible("The credential says nothing of an age: age_over_N, age_equal_or_over or age_range is needed.")
    return band, issuer


@transaction.atomic
def trust_issuer(issuer: str, keys: list[dict[str, Any]], actor: str) -> AgeIssuer:
    """From now on an issuer's age credentials are taken. Its keys replace those that stood here."""
    if not issuer.startswith("https://") or not keys:
        raise NotPossible("An issuer is an https:// address with at least one public key (JWK).")
    if any("d" in key for key in keys):
        raise NotPossible("One of the keys is private: give the public ones, and tell the issuer.")
    made, _made_now = AgeIssuer.objects.update_or_create(issuer=issuer, defaults={"keys": keys, "added_at": clock.now(), "ended_at": None})
    audit.record(actor, "family.issuer", f"issuer:{made.pk}")
    return made


@transaction.atomic
def distrust_issuer(issuer: str, actor: str) -> None:
    """An issuer's credentials are no longer taken. Bands that it vouched for stay until somebody says otherwise, as self-declared."""
    row = AgeIssuer.objects.filter(issuer=issuer, ended_at=None).first()
    if row is None:
        raise NotPossible(f"{issuer} is not trusted here.")
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    Child.objects.filter(issuer=issuer).update(assurance=Assurance.SELF, issuer="")
    audit.record(actor, "family.issuer_ended", f"issuer:{row.pk}")


ANNOUNCE = dt.timedelta(days=14)
"""So long before a birthday that crosses a band both are told."""


def birthdays(today: dt.date) -> int:
    """Announces a new band two weeks before, and lets it begin on its day; returns how many children it touched."""
    touched = 0
    for child in Child.objects.filter(next_band_on__lte=today + ANNOUNCE).exclude(band__in=(AgeBand.ADULT, AgeBand.UNKNOWN)):
        touched += _birthday(child, today)
    return touched


@transaction.atomic
def _birthday(child: Child, today: dt.date) -> int:
    order = [band for _years, band in ages.FROM]
    after = order[order.index(AgeBand(child.band)) + 1]
    if child.next_band_on is not None and child.next_band_on <= today:
        Child.objects.filter(pk=child.pk).update(next_band_on=None, band_announced=False)
        _set_age(child, "leeward", after, child.assurance, child.issuer)
        return 1
    if child.band_announced:
        return 0
    Child.objects.filter(pk=child.pk).update(band_announced=True)
    _changed(child, "leeward", "band_soon", detail=f"{child.next_band_on}: {child.band} → {after}")
    _tell_guardians(child, _("A new age group begins soon"), None)
    return 1


def _tell_guardians(child: Child, subject: str, but: Guardian | None) -> None:
    """A mail to each guardian, without a word of the family in it: what it is about stands on the page."""
    url = environment.get("LEEWARD_URL", "http://127.0.0.1:8000").rstrip("/")
    for link in Link.objects.filter(child=child, state=Link.State.ACTIVE).select_related("guardian__user"):
        if link.guardian != but:
            outbox.mail(link.guardian.user.email, subject, f"{url}/family/")


@transaction.atomic
def load_holidays(rows: list[tuple[str, str, str, dt.date, dt.date]], actor: str) -> int:
    """School holidays as (country, region, name, first day, last day); those that stand here already are left. Returns how many are new."""
    before = SchoolHoliday.objects.count()
    for number, (_country, _region, _name, start, end) in enumerate(rows, 1):
        if start > end or (end - start).days > 120:
            raise NotPossible(f"Row {number}: {start} to {end} is no holiday.")
    SchoolHoliday.objects.bulk_create(
        [SchoolHoliday(country=country, region=region, name=name, start=start, end=end) for country, region, name, start, end in rows],
        ignore_conflicts=True,
    )
    audit.record(actor, "family.holidays", "holidays:-", rows=len(rows))
    access.forget_holidays()
    return SchoolHoliday.objects.count() - before


@transaction.atomic
def set_contacts(person: Person, contacts: list[tuple[str, dt.date | None]]) -> None:
    """With whom a child is in touch at a service, as the service shows them. Replaces what stood there."""
    person.contacts.all().delete()
    Contact.objects.bulk_create(Contact(person=person, name=seal(name), since=since) for name, since in contacts)
    audit.record(f"service:{person.service_id}", "family.contacts", f"child:{person.child_id}", count=len(contacts))


@transaction.atomic
def vouch(person: Person, link_id: str, proof: str) -> Link:
    """A service says how well it knows that a guardian is one. A weaker proof never replaces a stronger one; the child sees it."""
    link = Link.objects.select_for_update().filter(pk=link_id, child=person.child, state=Link.State.ACTIVE).first()
    order = list(Link.Proof.values)
    if link is None or proof not in (Link.Proof.SERVICE, Link.Proof.VERIFIED):
        raise NotPossible("There is no such link, or `proof` is not service or verified.")
    if order.index(proof) > order.index(link.proof):
        link.proof = proof
        link.save(update_fields=["proof"])
        _changed(person.child, f"service:{person.service_id}", "proof", detail=unseal(link.called))
    return link


@transaction.atomic
def open_portal(person: Person) -> str:
    """A one-time address for a child of a service; returns its secret part."""
    token = secrets.token_urlsafe(32)
    expires = clock.now() + dt.timedelta(minutes=PORTAL_MINUTES)
    Portal.objects.create(hash=crypto.keyed_hash("portal", token), person=person, expires_at=expires)
    audit.record(f"service:{person.service_id}", "family.portal", f"child:{person.child_id}")
    return token


@transaction.atomic
def enter_portal(token: str) -> Child:
    """Lets a child in, once."""
    key, now = crypto.keyed_hash("portal", token), clock.now()
    if not Portal.objects.filter(hash=key, used_at=None, expires_at__gt=now).update(used_at=now):
        raise NotPossible(_("This address was used before, or is too old. Open it again from your app."))
    portal = Portal.objects.select_related("person__child").get(hash=key)
    audit.record(f"child:{portal.person.child_id}", "family.enter", f"child:{portal.person.child_id}")
    return portal.person.child


@transaction.atomic
def use(child: Child, subject: str, amount: int, at: dt.datetime) -> None:
    """Adds to what was used on the local day. Many devices may do so at once."""
    if amount <= 0:
        return
    day = rules.local(at, child.zone).date()
    if Usage.objects.filter(child=child, day=day, subject=subject).update(amount=F("amount") + amount):
        return
    try:
        with transaction.atomic():
            Usage.objects.create(child=child, day=day, subject=subject, amount=amount)
    except IntegrityError:
        Usage.objects.filter(child=child, day=day, subject=subject).update(amount=F("amount") + amount)


# --- signing in as a guardian -----------------------------------------------------------------------------------------------------


@transaction.atomic
def send_code(mail: str, language: str, subject: str, text: str) -> None:
    """Sends six digits to an address. The answer is the same whether it is known or not."""
    code = f"{secrets.randbelow(10**6):06d}"
    key = crypto.keyed_hash("guardian mail", mail.strip().casefold())
    values = {"code": crypto.keyed_hash("guardian code", code), "tries": 0, "expires_at": clock.now() + dt.timedelta(minutes=CODE_MINUTES)}
    SignInCode.objects.update_or_create(mail=key, defaults=values)
    outbox.mail(mail.strip(), subject, text.replace("######", f"{code[:3]} {code[3:]}"))
    audit.record("guardian", "family.code", "guardian:-", language=language)


def sign_in(mail: str, code: str, language: str) -> Guardian:
    """The guardian of an address, made at the first sign-in. Raises NotPossible after a wrong, old or fifth code: all look the same."""
    key = crypto.keyed_hash("guardian mail", mail.strip().casefold())
    wrong = NotPossible(_("This code does not fit. Ask for a new one."))
    SignInCode.objects.filter(mail=key).update(tries=F("tries") + 1)  # counted even where the rest fails
    with transaction.atomic():
        row = SignInCode.objects.select_for_update().filter(mail=key, expires_at__gt=clock.now(), tries__lte=CODE_TRIES).first()
        digits = "".join(sign for sign in code if sign.isdigit())
        if row is None or not hmac.compare_digest(bytes(row.code), crypto.keyed_hash("guardian code", digits)):
            raise wrong
        row.delete()
        users = get_user_model().objects
        user = users.filter(email__iexact=mail.strip()).first()
        if user is not None and hasattr(user, "staff"):
            raise wrong  # staff have their own door, with a second factor
        user = user or users.create_user(username=mail.strip().casefold(), email=mail.strip())
        guardian, is_new = Guardian.objects.get_or_create(user=user, defaults={"language": language, "created_at": clock.now()})
        audit.record(f"guardian:{guardian.pk}", "family.sign_in", f"guardian:{guardian.pk}", new=is_new)
        return guardian


# --- linking ----------------------------------------------------------------------------------------------------------------------


@transaction.atomic
def make_code(child: Child) -> str:
    """Eight letters and digits that a child shows or says to its guardian, for ten minutes."""
    code = "".join(secrets.choice(CODE_LETTERS) for _ in range(8))
    expires = clock.now() + dt.timedelta(minutes=CODE_MINUTES)
    LinkCode.objects.create(hash=crypto.keyed_hash("link code", code), child=child, expires_at=expires)
    audit.record(f"child:{child.pk}", "family.code", f"child:{child.pk}")
    return code


@transaction.atomic
def join(child: Child, typed: str) -> Child:
    """Two apps, one child: with a code from its page at the other app, what this app knows is joined to what the other one does.

    One plan and one budget hold from then on. The younger of the two ages holds,
    unless the other is better assured; use of the day is summed.
    A child that a guardian is linked with here joins nothing: its rules would vanish from the guardian's sight.
    """
    code = "".join(sign for sign in typed.upper() if sign in CODE_LETTERS)
    key, now = crypto.keyed_hash("link code", code), clock.now()
    if Link.objects.filter(child=child, state__in=[Link.State.ASKED, Link.State.ACTIVE]).exists():
        raise NotPossible(_("A grown-up is linked with you in this app. Start from the other app instead."))
    row = LinkCode.objects.select_related("child").filter(hash=key, used_at=None, expires_at__gt=now).exclude(child=child).first()
    if row is None or not LinkCode.objects.filter(hash=key, used_at=None).update(used_at=now):
        raise NotPossible(_("This code does not fit, was used before, or is too old. Make a new one in your other app."))
    other = Child.objects.select_for_update().get(pk=row.child_id)
    child.people.update(child=other)
    for used in child.usage.all():
        if not Usage.objects.filter(child=other, day=used.day, subject=used.subject).update(amount=F("amount") + used.amount):
            Usage.objects.create(child=other, day=used.day, subject=used.subject, amount=used.amount)
    order, bands = list(Assurance.values), list(AgeBand.values)
    weaker = order.index(child.assurance) < order.index(other.assurance)
    if bands.index(child.band) < bands.index(other.band) and not weaker:
        _set_age(other, f"child:{other.pk}", child.band, child.assurance, child.issuer)
    child.delete()
    _changed(other, f"child:{other.pk}", "joined")
    return other


@transaction.atomic
def claim(guardian: Guardian, typed: str) -> Link:
    """A guardian types the code: the link waits for the child's yes. A code works once."""
    code = "".join(sign for sign in typed.upper() if sign in CODE_LETTERS)
    key, now = crypto.keyed_hash("link code", code), clock.now()
    if not LinkCode.objects.filter(hash=key, used_at=None, expires_at__gt=now).update(used_at=now):
        raise NotPossible(_("This code does not fit, was used before, or is too old. Let your child make a new one."))
    child = LinkCode.objects.select_related("child").get(hash=key).child
    known = Link.objects.filter(child=child, guardian=guardian, state__in=[Link.State.ASKED, Link.State.ACTIVE]).first()
    if known is not None:
        return known
    link = Link.objects.create(
        id=ids.new("link"), child=child, guardian=guardian, called=b"", proof=Link.Proof.SHARED_CODE, state=Link.State.ASKED, asked_at=now
    )
    audit.record(f"guardian:{guardian.pk}", "family.claim", f"child:{child.pk}", link=link.pk)
    return link


@transaction.atomic
def confirm(child: Child, link_id: str, called: str) -> Link:
    """The child says yes, and what it calls this guardian."""
    link = Link.objects.select_for_update().filter(pk=link_id, child=child, state=Link.State.ASKED).first()
    if link is None:
        raise NotPossible(_("There is nobody who waits for your yes."))
    if not called.strip() or len(called) > 40:
        raise NotPossible(_("Write what you call this person."))
    link.called, link.state, link.active_at = seal(called.strip()), Link.State.ACTIVE, clock.now()
    link.save(update_fields=["called", "state", "active_at"])
    _changed(child, f"child:{child.pk}", "linked", detail=called.strip())
    return link


@transaction.atomic
def refuse(child: Child, link_id: str) -> None:
    """The child says no."""
    link = Link.objects.select_for_update().filter(pk=link_id, child=child, state=Link.State.ASKED).first()
    if link is None:
        raise NotPossible(_("There is nobody who waits for your yes."))
    link.state, link.ended_at = Link.State.REFUSED, clock.now()
    link.save(update_fields=["state", "ended_at"])
    audit.record(f"child:{child.pk}", "family.refuse", f"child:{child.pk}", link=link.pk)


@transaction.atomic
def end_link(link: Link, side: str) -> bool:
    """Ends a link, or asks the other side to. Under 13 ending needs the guardian; from 13 on both agree. True where it has ended."""
    link = Link.objects.select_for_update().select_related("child").get(pk=link.pk)
    if link.state != Link.State.ACTIVE:
        raise NotPossible(_("This link has ended."))
    other_agreed = link.end_asked_by not in ("", side)
    alone = side == "guardian" and link.child.band not in BOTH_AGREE
    who = f"{side}:{link.child_id if side == 'child' else link.guardian_id}"
    if not (alone or other_agreed):
        link.end_asked_by = side
        link.save(update_fields=["end_asked_by"])
        audit.record(who, "family.end_asked", f"child:{link.child_id}", link=link.pk)
        return False
    link.state, link.ended_at = Link.State.ENDED, clock.now()
    link.save(update_fields=["state", "ended_at"])
    PlanRule.objects.filter(child=link.child, guardian=link.guardian, until=None).update(until=clock.now())
    if not Link.objects.filter(child=link.child, state=Link.State.ACTIVE).exists():
        Child.objects.filter(pk=link.child_id).update(preset="")
        link.child.preset = ""
    _changed(link.child, who, "ended", detail=unseal(link.called))
    return True


# --- rules, wishes and grants -----------------------------------------------------------------------------------------------------


def _who(link: Link) -> str:
    return f"guardian:{link.guardian_id}"


@transaction.atomic
def choose_preset(link: Link, band: str) -> None:
    """One choice that is right for the age: a guardian picks a preset and is finished."""
    if band not in presets.BANDS:
        raise NotPossible(_("Choose one of the ages."))
    child = Child.objects.select_for_update().get(pk=link.child_id)
    child.preset, child.look_again_on = band, clock.now().date() + LOOK_AGAIN
    child.save(update_fields=["preset", "look_again_on"])
    _changed(child, _who(link), "preset", detail=f"{band} – {unseal(link.called)}")


@transaction.atomic
def set_rule(
    link: Link, subject: str, effect: str, intervals: list[list[Any]], calendar: str, budget: int | None, reason: str
) -> PlanRule:  # fmt: skip
    """A guardian's own rule. It takes the place of the same guardian's rule of this subject, effect and calendar."""
    if subject not in words.SUBJECTS or subject.partition(":")[0] in rules.HELP:
        raise NotPossible(_("There is no rule about this. Help can never be closed."))
    if effect not in rules.STRICT or calendar not in ("any", "term", "holiday"):
        raise NotPossible(_("Choose what the rule does, and when."))
    if (effect == "limit") != (budget is not None):
        raise NotPossible(_("A limit needs a number; nothing else has one."))
    if not reason.strip() or len(reason) > MAX_WORDS:
        raise NotPossible(_("Say why, in words for your child. Write at most %(most)s characters.") % {"most": MAX_WORDS})
    try:
        checked = [rules.Interval(int(start), int(end), frozenset(int(day) for day in days)) for start, end, days in intervals]
    except (TypeError, ValueError) as error:
        raise NotPossible(_("The hours are not right.")) from error
    child, now = Child.objects.select_for_update().get(pk=link.child_id), clock.now()
    if child.band in OWN_SAY:
        raise NotPossible(_("From 16 on you agree on rules by talking. Choose the preset, or make an agreement."))
    PlanRule.objects.filter(child=child, guardian=link.guardian, subject=subject, effect=effect, calendar=calendar, until=None).update(
        until=now
    )
    row = PlanRule.objects.create(
        id=ids.new("rule"), child=child, guardian=link.guardian, subject=subject, effect=effect, calendar=calendar, budget=budget,
        intervals=[[item.start, item.end, sorted(item.days)] for item in checked], reason=seal(reason.strip()), since=now,
    )  # fmt: skip
    _changed(child, _who(link), "rule_set", subject, reason.strip())
    others = PlanRule.objects.filter(child=child, subject=subject, until=None).exclude(guardian=link.guardian)
    if any((item.effect, item.budget) != (effect, budget) for item in others):
        _changed(child, "leeward", "differ", subject)
        _tell_guardians(child, _("Your rules differ: the stricter one holds"), None)
    return row


@transaction.atomic
def end_rule(link: Link, rule_id: str, reason: str) -> None:
    """A guardian takes back a rule of their own."""
    now = clock.now()
    row = PlanRule.objects.filter(pk=rule_id, child_id=link.child_id, guardian=link.guardian, until=None).first()
    if row is None:
        raise NotPossible(_("This rule is not yours, or has ended."))
    row.until = now
    row.save(update_fields=["until"])
    _changed(link.child, _who(link), "rule_ended", row.subject, reason.strip()[:MAX_WORDS])


@transaction.atomic
def wish(child: Child, subject: str, minutes: int, reason: str) -> Request:
    """A child asks for more."""
    if not Link.objects.filter(child=child, state=Link.State.ACTIVE).exists():
        raise NotPossible(_("Nobody is linked with you who could say yes."))
    if subject not in words.SUBJECTS or not 5 <= minutes <= MAX_GRANT:
        raise NotPossible(_("Ask for 5 to %(most)s minutes.") % {"most": MAX_GRANT})
    if len(reason) > MAX_WORDS:
        raise NotPossible(_("Write at most %(most)s characters.") % {"most": MAX_WORDS})
    if Request.objects.filter(child=child, subject=subject, state=Request.State.WAITING).exists():
        raise NotPossible(_("You asked already. Wait for the answer."))
    row = Request.objects.create(
        id=ids.new("wish"), child=child, subject=subject, minutes=minutes, reason=seal(reason.strip()), at=clock.now()
    )
    _changed(child, f"child:{child.pk}", "request", subject, reason.strip())
    return row


@transaction.atomic
def answer(link: Link, request_id: str, yes: bool, says: str) -> Request:
    """A guardian answers a wish, with words. Yes gives the minutes from now on, until the end of the day at the latest."""
    row = Request.objects.select_for_update().filter(pk=request_id, child_id=link.child_id, state=Request.State.WAITING).first()
    if row is None:
        raise NotPossible(_("This wish has an answer already."))
    if len(says) > MAX_WORDS or (not yes and not says.strip()):
        raise NotPossible(_("Say why not: your child reads it."))
    row.state, row.answer = Request.State.YES if yes else Request.State.NO, seal(says.strip())
    row.answered_by, row.answered_at = link.guardian, clock.now()
    row.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    _changed(link.child, _who(link), "answered", row.subject, says.strip())
    if yes:
        grant(link, row.subject, row.minutes)
    return row


@transaction.atomic
def grant(link: Link, subject: str, minutes: int) -> GivenGrant:
    """More time today. It never outlives its end: so many minutes of use within so many minutes, and never past midnight."""
    if not 5 <= minutes <= MAX_GRANT or subject not in words.SUBJECTS:
        raise NotPossible(_("Give 5 to %(most)s minutes.") % {"most": MAX_GRANT})
    child, now = link.child, clock.now()
    midnight = rules.moment(rules.local(now, child.zone).date() + dt.timedelta(days=1), 0, child.zone)
    row = GivenGrant.objects.create(
        id=ids.new("grant"), child=child, guardian=link.guardian, subject=subject, minutes=minutes, start=now,
        end=min(now + dt.timedelta(minutes=minutes), midnight),
    )  # fmt: skip
    _changed(child, _who(link), "grant", subject, str(minutes))
    return row


@transaction.atomic
def agreed(link: Link) -> None:
    """Both looked at the plan together: the next time is in three months."""
    link.child.look_again_on = clock.now().date() + LOOK_AGAIN
    link.child.save(update_fields=["look_again_on"])
    _changed(link.child, _who(link), "agreement")


@transaction.atomic
def contest(child: Child, subject: str, link_id: str, why: str) -> Contest:
    """A child finds a rule or a link wrong. It is not a change that a guardian could see."""
    link = Link.objects.filter(pk=link_id, child=child).first() if link_id else None
    if link is None and subject not in words.SUBJECTS:
        raise NotPossible(_("Choose what is wrong."))
    if len(why) > MAX_WORDS:
        raise NotPossible(_("Write at most %(most)s characters.") % {"most": MAX_WORDS})
    row = Contest.objects.create(id=ids.new("con"), child=child, link=link, subject=subject, why=seal(why.strip()), at=clock.now())
    audit.record("child", "family.contest", f"contest:{row.pk}")
    return row


@transaction.atomic
def share(child: Child, link_id: str, on: bool) -> None:
    """From 16 on a child may share its numbers, and stop."""
    link = Link.objects.filter(pk=link_id, child=child, state=Link.State.ACTIVE).first()
    if link is None or child.band not in OWN_SAY:
        raise NotPossible(_("There is nothing to share."))
    link.shares = on
    link.save(update_fields=["shares"])
    audit.record(f"child:{child.pk}", "family.share", f"child:{child.pk}", link=link.pk, on=on)
