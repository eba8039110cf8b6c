"""Which cases a member of staff may see, and what they see of one: bands and keyed references, never names."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404

from leeward.engine import harms
from leeward.server.core import clock, crypto, hooks
from leeward.server.core.models import OutboxMessage
from leeward.server.desk import rules
from leeward.server.desk.models import Exposure, GoldenAnswer, Partner, Referral
from leeward.server.people.access import services_of
from leeward.server.people.models import Staff
from leeward.server.reports import rules as report_rules
from leeward.server.reports import told
from leeward.server.reports.models import Appeal, Case, Evidence, Outcome, Report, Step
from leeward.server.screening.access import events_of

PAGE = 50
MOST = 2000
"""Cases that are weighed for one page, the newest."""
STATES = ("open", "second", "appeal", "mine", "late", "decided", "all")


def cases_of(staff: Staff) -> QuerySet[Case]:
    """The cases that a member of staff may see: of their organisation's services (an operator's staff: also those that name none), without
    those in which they know somebody."""
    mine = Q(service__organisation_id=staff.organisation_id)
    if staff.organisation.is_operator:
        mine |= Q(service=None)
    return Case.objects.filter(mine).exclude(conflicts__staff=staff)


def case_for(staff: Staff, case_id: str) -> Case:
    """One case; Http404 for what does not exist as for what may not be seen."""
    case = cases_of(staff).select_related("service", "holder__user").filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case


@dataclass(frozen=True, slots=True)
class Item:
    """A case in the queue."""

    case: Case
    urgency: report_rules.Urgency
    reports: int
    same: int
    harm: str
    held_by: str
    waits_for: str


def _harm_name(code: str) -> str:
    return harms.BY_CODE[code].name if code in harms.BY_CODE else "Not sure"


def _weighed(staff: Staff) -> QuerySet[Any]:
    """The cases that one may see, with what their place in the queue depends on."""
    return cases_of(staff).select_related("holder__user", "service").annotate(
        told=Count("reports", distinct=True), trusted=Count("reports", filter=Q(reports__source="flagger"), distinct=True),
        proposed=Count("outcomes", filter=Q(outcomes__state="proposed"), distinct=True),
        again=Count("appeals", filter=Q(appeals__state="waiting"), distinct=True),
        asked_again_at=Max("appeals__at", filter=Q(appeals__state="waiting")),
    )  # fmt: skip


def _named(staff: Staff, search: str) -> list[bytes]:
    """What an account or a link that somebody searches is kept as, at each of their services."""
    services: list[int | None] = list(services_of(staff).values_list("pk", flat=True))
    places = (told.Place(ref=search), told.Place(username=search), told.Place(link=search))
    keys = [told.target_key(service, place) for service in [*services, None] for place in places]
    return [key for key in keys if key is not None]


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, and how many there are."""

    items: list[Item]
    page: int
    pages: int
    total: int


def queue(staff: Staff, view: str = "open", harm: str = "", band: str = "", search: str = "", page: int = 1) -> Queue:
    """A page of the cases of a view, the most urgent first, with those about the same account beside each other."""
    now = clock.now()
    wanted = {
        "second": Q(proposed__gt=0), "appeal": Q(again__gt=0), "mine": Q(holder=staff, held_until__gt=now),
        "decided": Q(state__in=[*Case.DECIDED, Case.State.CLOSED]), "all": Q(), "late": Q(state__in=Case.OPEN),
    }.get(view, Q(state__in=Case.OPEN))  # fmt: skip
    if harm:
        wanted &= Q(harm="" if harm == "unsure" else harm)
    if band:
        wanted &= Q(band=band)
    if search:
        wanted &= Q(pk__startswith=search) | Q(reports__pk=search) | Q(held_event=search) | Q(target__in=_named(staff, search))
    # in a flood what is dangerous and what waits longest is weighed; of what is decided the newest
    order = ("-opened_at",) if view in ("decided", "all") else ("-danger", "opened_at")
    items = [_item(case, now) for case in _weighed(staff).filter(wanted).order_by(*order)[:MOST]]
    if view == "late":
        items = [item for item in items if _is_late(item.case, now)]
    same = Counter(bytes(item.case.target) for item in items if item.case.target)
    most: dict[bytes | str, int] = {}
    for item in items:
        most[_about(item.case)] = max(most.get(_about(item.case), 0), item.urgency.score)
    items.sort(key=lambda item: (-most[_about(item.case)], str(_about(item.case)), -item.urgency.score))
    pages = max(1, -(-len(items) // PAGE))
    page = min(max(1, page), pages)
    shown = [
        Item(item.case, item.urgency, item.reports, same[bytes(item.case.target)] - 1 if item.case.target else 0, item.harm, item.held_by,
             item.waits_for)
        for item in items[(page - 1) * PAGE : page * PAGE]
    ]  # fmt: skip
    return Queue(shown, page, pages, len(items))


def _is_late(case: Case, now: dt.datetime) -> bool:
    """Whether the next step is overdue, whoever has it: also where it was taken and left, or a question found no reply."""
    return case.state in Case.OPEN and case.next_by is not None and case.next_by < now


def _about(case: Case) -> bytes | str:
    """What a case is grouped by: the account or content that it is about, else itself."""
    return bytes(case.target) if case.target else case.pk


def _item(case: Any, now: dt.datetime) -> Item:
    since = case.asked_again_at or case.opened_at  # who asks again after months has not waited for months
    urgency = report_rules.urgency(case.harm, case.band, case.danger, max(1, case.told), since, now, case.trusted > 0)
    held = case.holder is not None and case.held_until is not None and case.held_until > now
    waits = "second reading" if case.proposed else "asked again" if case.again else ""
    return Item(case, urgency, case.told, 0, _harm_name(case.harm), str(case.holder.user) if held else "", waits)


def counts(staff: Staff) -> dict[str, int]:
    """How much waits, for the top of the desk."""
    now = clock.now()
    open_cases = [_item(case, now) for case in _weighed(staff).filter(state__in=Case.OPEN)]
    return {
        "open": len(open_cases), "critical": sum(item.urgency.level == "critical" for item in open_cases),
        "late": sum(_is_late(item.case, now) for item in open_cases),
        "second": sum(item.waits_for == "second reading" for item in open_cases),
        "appeal": sum(item.waits_for == "asked again" for item in open_cases),
        "undelivered": undelivered(staff).count(),
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Voice:
    """What one person told, as a moderator reads it."""

    report: Report
    told: told.Told
    harm: str


@dataclass(frozen=True, slots=True)
class Held:
    """An event that waits, with what screening knew of it."""

    evidence: Evidence
    text: str
    actor: str
    audience: str
    factors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything that the page of a case shows."""

    case: Case
    urgency: report_rules.Urgency
    voices: tuple[Voice, ...]
    held: tuple[Held, ...]
    pictures: tuple[Evidence, ...]
    history: dict[str, list[hooks.Remark]]
    steps: tuple[tuple[Any, str, str], ...]
    same: tuple[Case, ...]
    proposed: Outcome | None
    facts: str
    appeals: tuple[tuple[Appeal, str], ...]
    final: Outcome | None
    mine: bool
    events: tuple[hooks.Remark, ...]
    referrals: tuple[Referral, ...]


def sight_of(staff: Staff, case: Case) -> Sight:
    """What a member of staff sees of a case."""
    now = clock.now()
    reports = list(case.reports.all())
    voices = tuple(Voice(item, told.open_told(item.told), _harm_name(item.harm)) for item in reports)
    evidence = list(Evidence.objects.filter(case=case))
    held = tuple(_held(item) for item in evidence if item.kind == Evidence.Kind.TEXT)
    proposed = case.outcomes.filter(state=Outcome.State.PROPOSED).select_related("by__user").last()
    trusted = any(item.source == Case.Source.FLAGGER for item in reports)
    return Sight(
        case=case, urgency=report_rules.urgency(case.harm, case.band, case.danger, max(1, len(reports)), case.opened_at, now, trusted),
        voices=voices, held=held, pictures=tuple(item for item in evidence if item.kind == Evidence.Kind.PICTURE),
        history=_history(case, voices, held),
        steps=tuple((step, told.open_text(step.words), told.open_text(step.note)) for step in case.steps.all()),
        same=tuple(cases_of(staff).filter(target=case.target).exclude(pk=case.pk).order_by("-opened_at")[:20]) if case.target else (),
        proposed=proposed, facts=told.open_text(proposed.facts) if proposed else "",
        appeals=tuple((item, told.open_text(item.why)) for item in case.appeals.all()),
        final=case.outcomes.filter(state=Outcome.State.FINAL).select_related("by__user").last(),
        mine=case.holder_id == staff.pk, events=_events(case, reports),
        referrals=tuple(case.referrals.select_related("partner").prefetch_related("deliveries")),
    )  # fmt: skip


def _held(evidence: Evidence) -> Held:
    body: dict[str, Any] = msgspec.msgpack.decode(crypto.decrypt(told.PURPOSE, bytes(evidence.body)))
    return Held(evidence, body["text"], body["actor"], body["audience"], tuple(body["factors"]))


def _events(case: Case, reports: list[Report]) -> tuple[hooks.Remark, ...]:
    """What screening decided about the events that a report names."""
    named = [event for report in reports for event in report.events]
    return tuple(events_of(case.service_id, named)) if case.service_id and named else ()


def _history(case: Case, voices: tuple[Voice, ...], held: tuple[Held, ...]) -> dict[str, list[hooks.Remark]]:
    """What is known of both sides: the account that it is about, and the child."""
    if case.service_id is None:
        return {}
    accounts = {item.told.place.ref for item in voices} | {item.actor for item in held}
    children = {item.told.reporter_ref for item in voices} | {item.audience for item in held}
    sides = {"Account that it is about": accounts, "Child": children}
    return {
        side: [remark for ref in sorted(refs - {""}) for remark in hooks.known_of(case.service_id, ref)][:12]
        for side, refs in sides.items()
    }


def evidence_for(staff: Staff, evidence_id: str) -> Evidence:
    """A picture of a case that one may see."""
    evidence = Evidence.objects.filter(pk=evidence_id, kind=Evidence.Kind.PICTURE).first()
    if evidence is None:
        raise Http404
    case_for(staff, evidence.case_id)
    return evidence


def picture_of(evidence: Evidence) -> bytes:
    """Its pixels, as JPEG."""
    return bytes(msgspec.msgpack.decode(crypto.decrypt(told.PURPOSE, bytes(evidence.body)), type=bytes))


def care_of(staff: Staff) -> rules.Care:
    """What one has seen since midnight, and whether to pause."""
    now = clock.now()
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return rules.care(list(Exposure.objects.filter(staff=staff, at__gte=since).order_by("at").values_list("at", "is_heavy")), now)


def colleagues(staff: Staff) -> QuerySet[Staff]:
    """To whom a case can be handed over."""
    return Staff.objects.filter(organisation_id=staff.organisation_id, role__in=Staff.MODERATES).exclude(pk=staff.pk).select_related("user")


def partners(staff: Staff) -> QuerySet[Partner]:
    """The partners of one's organisation."""
    return Partner.objects.filter(organisation_id=staff.organisation_id).order_by("name")


def referrals(staff: Staff) -> QuerySet[Referral]:
    """The referrals of the cases that one may see."""
    return Referral.objects.filter(case__in=cases_of(staff)).select_related("partner", "case").prefetch_related("deliveries")


def undelivered(staff: Staff) -> QuerySet[Referral]:
    """Referrals without a delivery that succeeded: failures until it is there (promise 5)."""
    return referrals(staff).exclude(deliveries__succeeded=True)


def failed_for_good(staff: Staff) -> frozenset[str]:
    """The messages of referrals that are not tried any more."""
    sent = undelivered(staff).exclude(message="").values_list("message", flat=True)
    return frozenset(OutboxMessage.objects.filter(pk__in=list(sent), state=OutboxMessage.State.FAILED).values_list("pk", flat=True))


def referral_for(staff: Staff, referral_id: str) -> Referral:
    """One referral."""
    found = referrals(staff).filter(pk=referral_id).first()
    if found is None:
        raise Http404
    return found


def package_of(referral: Referral) -> bytes:
    """Its package, as it was made."""
    return crypto.decrypt("referral", bytes(referral.package))


class Golden(msgspec.Struct, frozen=True):
    """A golden case: what was told, and the agreed outcome."""

    id: str
    told: str
    kind: str
    harm: str
    because: str


@functools.cache
def golden_cases() -> dict[str, Golden]:
    """All golden cases, by id."""
    data = yaml.safe_load((Path(__file__).parent / "golden.yaml").read_text(encoding="utf-8"))
    return {item.id: item for item in msgspec.convert(data, list[Golden])}


def golden_answers(staff: Staff) -> dict[str, GoldenAnswer]:
    """One's own answers."""
    return {item.golden: item for item in GoldenAnswer.objects.filter(staff=staff)}


def held_of(case: Case) -> list[Held]:
    """The events that wait in a case."""
    return [_held(item) for item in Evidence.objects.filter(case=case, kind=Evidence.Kind.TEXT)]


def _first(*values: str) -> str:
    return next((value for value in values if value), "")


_THEIRS = frozenset({Step.Kind.REPLIED, Step.Kind.NOTE})


def facts_of(case: Case, why: str, org: str) -> dict[str, Any]:
    """What a referral says of a case."""
    voices = [told.open_told(report.told) for report in case.reports.all()]
    held = held_of(case)
    places = [voice.place for voice in voices]
    replies = [told.open_text(item.words) for item in case.steps.all() if item.kind in _THEIRS and item.actor == "reporter"]
    texts = [("What a person told", voice.text) for voice in voices if voice.text]
    texts += [("What they wrote later", text) for text in replies if text] + [("A message that was held", item.text) for item in held]
    pictures = Evidence.objects.filter(case=case, kind=Evidence.Kind.PICTURE)
    return {
        "case": case.pk, "harm": case.harm, "band": case.band, "country": case.country, "danger": case.danger, "why": why, "org": org,
        "link": _first(*(place.link for place in places)),
        "account": _first(*(place.ref or place.username for place in places), *(item.actor for item in held)),
        "victim": _first(*(voice.reporter_ref for voice in voices), *(item.audience for item in held)),
        "texts": texts, "hashes": [item.sha256 for item in pictures],
        "factors": [line for item in held for line in item.factors], "found_by": case.source,
        "no_guardian": any(voice.no_guardian for voice in voices),
    }  # fmt: skip
