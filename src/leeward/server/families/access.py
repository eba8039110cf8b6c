"""Who sees what of a family. The one place where a guardian's sight is decided: numbers by age, never what somebody wrote."""

from __future__ import annotations

import datetime as dt
import functools
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum

from leeward.server.core import clock, crypto, hooks
from leeward.server.families import presets, rules, words
from leeward.server.families.models import (
    AgeIssuer,
    Change,
    Child,
    Contact,
    Contest,
    GivenGrant,
    Guardian,
    Link,
    Person,
    PlanRule,
    Request,
    SchoolHoliday,
    Usage,
)
from leeward.server.families.rules import Grant, Interval, Plan, Rule

PURPOSE = "family"
ACTIVE = Link.State.ACTIVE


def seal(text: str) -> bytes:
    """Encrypts words of a family; nothing for nothing."""
    return crypto.encrypt(PURPOSE, text.encode()) if text else b""


def unseal(sealed: bytes | memoryview) -> str:
    """Undoes `seal`."""
    return crypto.decrypt(PURPOSE, bytes(sealed)).decode() if sealed else ""


def person_key(service_id: int, ref: str) -> bytes:
    """Keyed hash of a service's user."""
    return crypto.keyed_hash("family person", str(service_id), ref)[:20]


def person(service_id: int, ref: str) -> Person | None:
    """A service's own user; None where the service never named them here."""
    return Person.objects.select_related("child").filter(key=person_key(service_id, ref), service_id=service_id).first()


def as_rule(row: PlanRule) -> Rule:
    """A stored rule as the decision looks at it."""
    intervals = tuple(Interval(start, end, frozenset(days)) for start, end, days in row.intervals)
    return Rule(row.pk, row.subject, row.effect, intervals, row.calendar, row.budget, unseal(row.reason), f"guardian:{row.guardian_id}")  # type: ignore[arg-type]


HOLIDAY_SECONDS = 60.0
_holidays: dict[tuple[str, str], tuple[float, frozenset[dt.date]]] = {}


def forget_holidays() -> None:
    """Empties the memory of school holidays."""
    _holidays.clear()


def holidays_of(country: str, region: str) -> frozenset[dt.date]:
    """The days without school around now: of the region, and of the whole country."""
    if not country:
        return frozenset()
    until, known = _holidays.get((country, region), (0.0, frozenset()))
    if until < time.monotonic():
        today = clock.now().date()
        near = SchoolHoliday.objects.filter(
            country=country, region__in={"", region}, end__gte=today - dt.timedelta(days=3), start__lte=today + dt.timedelta(days=40)
        )
        known = frozenset(row.start + dt.timedelta(days=day) for row in near for day in range((row.end - row.start).days + 1))
        _holidays[country, region] = (time.monotonic() + HOLIDAY_SECONDS, known)
    return known


def issuer_keys(issuer: str) -> list[dict[str, Any]]:
    """The public keys of a trusted issuer of age credentials; none for anybody else."""
    row = AgeIssuer.objects.filter(issuer=issuer, ended_at=None).first()
    return list(row.keys) if row else []


@functools.lru_cache(maxsize=4096)
def _plan(child_id: str, version: int, band: str, zone: str, preset: str, holidays: frozenset[dt.date]) -> Plan:
    """A plan as of a version: every change of what holds makes a new one (actions._changed), so that it can be remembered."""
    own = tuple(as_rule(row) for row in PlanRule.objects.filter(child_id=child_id, until=None))
    since = clock.now() - dt.timedelta(days=2)
    given = GivenGrant.objects.filter(child_id=child_id, end__gt=since)
    grants = tuple(Grant(row.pk, row.subject, row.minutes, row.start, row.end) for row in given)
    chosen = presets.preset(preset) if preset else ()
    return Plan(band, zone, (*presets.defaults(band), *chosen, *own), grants, holidays)


def plan_of(child: Child) -> Plan:
    """All that holds for a child: the defaults of its age, the chosen preset, the rules of its guardians, and what was granted."""
    return _plan(child.pk, child.version, child.band, child.zone, child.preset, holidays_of(child.country, child.region))


def used_by(child: Child, at: dt.datetime) -> dict[str, int]:
    """What was used on the local day of a moment, by subject, over all services and devices."""
    day = rules.local(at, child.zone).date()
    return dict(Usage.objects.filter(child=child, day=day).values_list("subject", "amount"))


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that holds, in words: for the page of the child, of its guardian, and for the service."""

    subject: str
    name: str
    effect: str
    when: tuple[str, ...]
    budget: int | None
    calendar: str
    why: str
    by: str
    measure: str
    rule: str


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def lines(child: Child, at: dt.datetime) -> list[Line]:
    """Everything that holds for a child, with why and by whom."""
    plan, measures = plan_of(child), presets.measures(child.band)
    called = {f"guardian:{link.guardian_id}": unseal(link.called) for link in Link.objects.filter(child=child, state=ACTIVE)}
    return [
        Line(
            rule.subject, words.subject(rule.subject).of(child.band), rule.effect,
            tuple(f"{_clock(item.start)}–{_clock(item.end)}" for item in rule.intervals), rule.budget, rule.calendar,
            rule.reason or words.why(rule.subject).of(child.band), called.get(rule.by, rule.by),
            measures.get(rule.subject, "") if rule.by == "default" else "", rule.id,
        )
        for rule in plan.rules
    ]  # fmt: skip


# --- the child --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mine:
    """What a child sees: who is linked and what they see, every rule, every change, its own wishes."""

    child: Child
    links: tuple[tuple[Link, str], ...]
    sees: tuple[str, ...]
    lines: tuple[Line, ...]
    changes: tuple[tuple[Change, str, str], ...]
    requests: tuple[tuple[Request, str, str, str], ...]
    left: int | None
    used: int


def mine(child: Child) -> Mine:
    """The page of a child."""
    at = clock.now()
    verdict, used = rules.decide(plan_of(child), at, "time", used_by(child, at)), used_by(child, at)
    links = list(Link.objects.filter(child=child).exclude(state__in=[Link.State.ENDED, Link.State.REFUSED]))
    return Mine(
        child, tuple((link, unseal(link.called)) for link in links), tuple(item.of(child.band) for item in words.sees(child.band)),
        tuple(lines(child, at)), tuple(_changes(child)),
        tuple(_requests(Request.objects.filter(child=child).order_by("-at")[:20], child.band)),
        verdict.left, sum(amount for name, amount in used.items() if rules.covers("time", name)),
    )  # fmt: skip


def _changes(child: Child) -> Iterable[tuple[Change, str, str]]:
    for row in Change.objects.filter(child=child)[:30]:
        name = words.subject(row.subject).of(child.band) if row.subject else ""
        yield row, words.CHANGES[row.code].of(child.band), " – ".join(part for part in (name, unseal(row.detail)) if part)


def _requests(rows: Iterable[Request], band: str) -> Iterable[tuple[Request, str, str, str]]:
    for row in rows:
        yield row, words.subject(row.subject).of(band), unseal(row.reason), unseal(row.answer)


def contests_of(child: Child) -> QuerySet[Contest]:
    """What a child contested: for the child and for the operator, never for a guardian."""
    return Contest.objects.filter(child=child).order_by("-at")


def child_by_id(child_id: str) -> Child | None:
    """The child of a visit that came in by the portal."""
    return Child.objects.filter(pk=child_id).first() if child_id else None


def link_of_child(child: Child, link_id: str) -> Link | None:
    """One link of a child."""
    return Link.objects.filter(pk=link_id, child=child).first()


def left_words(child: Child) -> str:
    """How much time is left today, in a sentence; '' where nothing is counted."""
    at = clock.now()
    left = rules.decide(plan_of(child), at, "time", used_by(child, at)).left
    return "" if left is None else words.LEFT.of(child.band) % {"minutes": left}


# --- the guardian -----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sight:
    """What a guardian sees of a child. There is no field that could hold a message or a report. A child that told something
    and asked that its parents not be told has no alerts and no contacts here: that looks as if there were none."""

    link: Link
    called: str
    band: str
    preset: str
    lines: tuple[Line, ...]
    minutes: tuple[tuple[dt.date, int], ...]
    weekly_only: bool
    hidden: bool
    requests: tuple[tuple[Request, str, str, str], ...]
    look_again_on: dt.date | None
    categories: tuple[tuple[str, int], ...] = ()
    contacts: int | None = None
    names: tuple[str, ...] = ()
    alerts: tuple[tuple[str, bool, int], ...] = ()


def guardian_by_id(guardian_id: int) -> Guardian | None:
    """The guardian of a visit."""
    return Guardian.objects.filter(pk=guardian_id or 0).first()


def links_of(guardian: Guardian) -> QuerySet[Link]:
    """The children of a guardian, also those that have not yet said yes."""
    return Link.objects.filter(guardian=guardian, state__in=[Link.State.ASKED, ACTIVE]).select_related("child").order_by("asked_at")


def link_for(guardian: Guardian, link_id: str) -> Link | None:
    """One active link of a guardian; None for what does not exist as for what is another's."""
    return Link.objects.select_related("child", "guardian").filter(pk=link_id, guardian=guardian, state=ACTIVE).first()


def sight_of(link: Link) -> Sight:
    """What the guardian of a link sees: by day up to 12, by week from 13, nothing from 16 on unless it is shared."""
    child, at = link.child, clock.now()
    hidden = child.band == "16-17" and not link.shares
    weekly = child.band in ("13-15", "16-17")
    waiting = Request.objects.filter(child=child, state=Request.State.WAITING).order_by("at")
    people = [] if hidden else list(Person.objects.filter(child=child))
    quiet = any(silent(item.service_id, unseal(item.ref)) for item in people for silent in hooks.SILENT)
    names = () if quiet else tuple(sorted(unseal(row.name) for row in Contact.objects.filter(person__in=people)))
    return Sight(
        link, unseal(link.called), child.band, child.preset, tuple(lines(child, at)), () if hidden else tuple(_minutes(child, at, weekly)),
        weekly, hidden, tuple(_requests(waiting, "adult")), child.look_again_on, () if weekly else tuple(_categories(child, at)),
        None if hidden else len(names), names if child.band in ("0-5", "6-9") else (),
        () if quiet else tuple(_alerts(people, at, weekly)),
    )  # fmt: skip


def _categories(child: Child, at: dt.datetime) -> Iterable[tuple[str, int]]:
    """Minutes of the last seven days by what they were used for, most first."""
    today = rules.local(at, child.zone).date()
    rows = Usage.objects.filter(child=child, subject__startswith="time:", day__gt=today - dt.timedelta(days=7)).values_list("subject")
    summed = rows.annotate(sum=Sum("amount")).order_by("-sum")
    yield from ((subject.partition(":")[2].replace("_", " "), amount) for subject, amount in summed)


def _alerts(people: Iterable[Person], at: dt.datetime, weekly: bool) -> Iterable[tuple[str, bool, int]]:
    """(kind in words, whether it was severe, how often) of the last seven days; from 13 on of the last full week."""
    end = at + dt.timedelta(seconds=1) if not weekly else at - dt.timedelta(days=at.weekday(), hours=at.hour, minutes=at.minute)
    since = end - dt.timedelta(days=7)
    found = Counter(
        (alert.kind, alert.is_severe)
        for item in people
        for told in hooks.ALERTS
        for alert in told(item.service_id, unseal(item.ref), since)
        if alert.at < end
    )
    for (kind, is_severe), often in sorted(found.items()):
        yield str(words.ALERTS[kind].of("adult")), is_severe, often


def _minutes(child: Child, at: dt.datetime, weekly: bool) -> Iterable[tuple[dt.date, int]]:
    """Minutes of the last days, or of the last weeks."""
    today = rules.local(at, child.zone).date()
    rows = (
        Usage.objects.filter(child=child, subject__startswith="time", day__gt=today - dt.timedelta(days=28))
        .values_list("day")
        .annotate(sum=Sum("amount"))
    )
    by_day: dict[dt.date, int] = dict(rows)
    if not weekly:
        yield from ((today - dt.timedelta(days=back), by_day.get(today - dt.timedelta(days=back), 0)) for back in range(7))
        return
    monday = today - dt.timedelta(days=today.weekday())
    for back in range(1, 4):  # full weeks only: this one is nobody's business until it is over
        start = monday - dt.timedelta(weeks=back)
        yield start, sum(by_day.get(start + dt.timedelta(days=offset), 0) for offset in range(7))


SNAPSHOT = dt.timedelta(hours=24)


def snapshot(child: Child, ref: str) -> dict[str, Any]:
    """What holds for the next day, for a service that may not reach us: by subject, from when on."""
    at, plan = clock.now(), plan_of(child)
    until = at + SNAPSHOT
    return {
        "ref": ref, "band": child.band, "version": child.version, "made": at.isoformat(), "until": until.isoformat(),
        "afterwards": "Ask again. While you cannot, keep what was strictest here.",
        "subjects": {
            subject: [
                {"from": start.isoformat(), "effect": verdict.effect, "rule": verdict.rule, "budget_left": verdict.left}
                for start, verdict in rules.ahead(plan, at, subject, until)
            ]
            for subject in words.SUBJECTS
        },
    }  # fmt: skip


def protections(child: Child) -> dict[str, Any]:
    """What a service is told: everything that holds, with why."""
    at = clock.now()
    return {
        "band": child.band, "assurance": child.assurance, "version": child.version, "zone": child.zone,
        "linked": Link.objects.filter(child=child, state=ACTIVE).count(),
        "rules": [
            {"rule": line.rule, "subject": line.subject, "effect": line.effect, "when": list(line.when), "budget": line.budget,
             "calendar": line.calendar, "why": line.why, "by": line.by.partition(":")[0] if line.by.startswith("guardian:") else
             ("guardian" if line.by not in ("default", "preset") else line.by), "measure": line.measure}
            for line in lines(child, at)
        ],
    }  # fmt: skip
