"""What a plan allows at a moment. Pure: no clock, no database. Moments are aware; days and hours are those of the plan's time zone."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

Effect = Literal["allow", "limit", "ask", "deny"]
Calendar = Literal["any", "term", "holiday"]
STRICT: dict[str, int] = {"allow": 0, "limit": 1, "ask": 2, "deny": 3}
"""The stricter effect holds where several rules speak."""
HELP = frozenset({"help", "report", "helpline", "emergency"})
"""Subjects that no rule reaches (promise 3)."""
WARN_AT = (15, 5, 1)
"""Minutes before the end at which a child is warned."""
ALL_DAYS = frozenset(range(7))
DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Interval:
    """Minutes of a local day, from `start` up to, not including, `end`. An `end` that is not after `start` lies on the next day.

    `days` are the weekdays on which it begins, Monday 0.
    """

    start: int
    end: int
    days: frozenset[int] = ALL_DAYS

    def __post_init__(self) -> None:
        if not (0 <= self.start < DAY and 0 < self.end <= DAY):
            raise ValueError(f"An interval lies within a day of {DAY} minutes: {self.start} to {self.end} does not.")

    @property
    def crosses_midnight(self) -> bool:
        """Whether it ends on the day after it begins."""
        return self.end <= self.start


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. No intervals: all day. `budget` counts minutes (of `spending`: cents) a local day, and belongs to `limit`."""

    id: str
    subject: str
    effect: Effect
    intervals: tuple[Interval, ...] = ()
    calendar: Calendar = "any"
    budget: int | None = None
    reason: str = ""
    by: str = "preset"


@dataclass(frozen=True, slots=True)
class Grant:
    """More than the rules allow: `minutes` beside the budget of the day and, from `start` to `end`, through what asks or denies."""

    id: str
    subject: str
    minutes: int
    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """All that holds for one child. `holidays` are the local days without school besides the weekend."""

    band: str
    zone: str = "UTC"
    rules: tuple[Rule, ...] = ()
    grants: tuple[Grant, ...] = ()
    holidays: frozenset[dt.date] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`effect` allow, ask or deny; the rule that decided ('' for none); what is left of a budget; when it may change at the earliest."""

    effect: Literal["allow", "ask", "deny"]
    rule: str
    code: str
    left: int | None
    next_change_at: dt.datetime
    reason: str = ""

    @property
    def warn(self) -> int | None:
        """The warning that is due: 15, 5 or 1 minutes before the end; None where none is."""
        return min((at for at in WARN_AT if self.left is not None and 0 < self.left <= at), default=None)


def covers(rule_subject: str, asked: str) -> bool:
    """Whether a rule about a subject speaks of what is asked: `time` covers `time:games`."""
    return asked == rule_subject or asked.startswith(f"{rule_subject}:")


def local(at: dt.datetime, zone: str) -> dt.datetime:
    """A moment as the clock on the wall shows it."""
    if at.tzinfo is None:
        raise ValueError("A moment needs its time zone.")
    return at.astimezone(ZoneInfo(zone))


@functools.lru_cache(maxsize=4096)
def moment(day: dt.date, minute: int, zone: str) -> dt.datetime:
    """When the wall shows this minute of this day, in UTC. An hour that is skipped in spring counts from after the gap; of one that comes
    twice in autumn the first is meant."""
    day, minute = day + dt.timedelta(days=minute // DAY), minute % DAY
    wall = dt.datetime.combine(day, dt.time(minute // 60, minute % 60), ZoneInfo(zone))
    return wall.astimezone(dt.UTC)


def is_holiday(day: dt.date, holidays: frozenset[dt.date]) -> bool:
    """Whether there is no school on a day."""
    return day.weekday() >= 5 or day in holidays


def always(rule: Rule) -> bool:
    """Whether a rule holds at every hour of every day: most do, and need no reckoning."""
    return not rule.intervals and rule.calendar == "any"


def _on(rule: Rule, day: dt.date, plan: Plan) -> bool:
    """Whether a rule's calendar holds on a day."""
    return rule.calendar == "any" or (rule.calendar == "holiday") == is_holiday(day, plan.holidays)


def spans(rule: Rule, day: dt.date, plan: Plan) -> Iterable[tuple[dt.datetime, dt.datetime]]:
    """The stretches, in UTC, in which a rule holds that begin on a local day."""
    if not _on(rule, day, plan):
        return
    for interval in rule.intervals or (Interval(0, DAY),):
        if day.weekday() in interval.days:
            end = interval.end + (DAY if interval.crosses_midnight else 0)
            yield moment(day, interval.start, plan.zone), moment(day, end, plan.zone)


def holds(rule: Rule, at: dt.datetime, plan: Plan) -> bool:
    """Whether a rule holds at a moment."""
    if always(rule):
        return True
    today = local(at, plan.zone).date()
    return any(start <= at < end for day in (today - dt.timedelta(days=1), today) for start, end in spans(rule, day, plan))


def granted(plan: Plan, subject: str, at: dt.datetime) -> list[Grant]:
    """The grants that hold at a moment. None outlives its end."""
    return [grant for grant in plan.grants if covers(grant.subject, subject) and grant.start <= at < grant.end]


def extra(plan: Plan, subject: str, at: dt.datetime) -> int:
    """Minutes that were granted beside the budget of this local day, by grants that hold or held today."""
    today = local(at, plan.zone).date()
    return sum(
        grant.minutes
        for grant in plan.grants
        if covers(grant.subject, subject) and grant.start <= at and local(grant.start, plan.zone).date() == today
    )


def next_change(plan: Plan, at: dt.datetime) -> dt.datetime:
    """The earliest moment after `at` at which anything could change: an interval begins or ends, a grant does, or a new day begins."""
    today = local(at, plan.zone).date()
    edges = {moment(today + dt.timedelta(days=1), 0, plan.zone)}
    for rule in (rule for rule in plan.rules if not always(rule)):
        for day in (today - dt.timedelta(days=1), today, today + dt.timedelta(days=1)):
            for span in spans(rule, day, plan):
                edges.update(span)
    for grant in plan.grants:
        edges.update((grant.start.astimezone(dt.UTC), grant.end.astimezone(dt.UTC)))
    return min(edge for edge in edges if edge > at)


def decide(plan: Plan, at: dt.datetime, subject: str, used: Mapping[str, int]) -> Verdict:
    """Whether a child may do something now. `used`: subject -> minutes (of spending: cents) of this local day, all devices and services.

    Help is never blocked. The strictest rule that holds decides; a grant opens what asks or denies, and adds to a budget. What is not
    mentioned is allowed.
    """
    change = next_change(plan, at)
    if subject.partition(":")[0] in HELP:
        return Verdict("allow", "", "help", None, change)
    speaking = [rule for rule in plan.rules if covers(rule.subject, subject) and holds(rule, at, plan)]
    closed = max((rule for rule in speaking if rule.effect in ("ask", "deny")), key=lambda rule: STRICT[rule.effect], default=None)
    within = _within_budgets(plan, at, subject, used, speaking, change)
    if closed is None or granted(plan, subject, at):
        return within
    if closed.effect == "ask" and within.effect == "deny":
        return within
    return Verdict("deny" if closed.effect == "deny" else "ask", closed.id, closed.effect, None, change, closed.reason)


def _within_budgets(
    plan: Plan, at: dt.datetime, subject: str, used: Mapping[str, int], speaking: list[Rule], change: dt.datetime
) -> Verdict:
    """The tightest budget that holds."""
    left: int | None = None
    tightest: Rule | None = None
    for rule in speaking:
        if rule.effect == "limit" and rule.budget is not None:
            spent = sum(amount for name, amount in used.items() if covers(rule.subject, name))
            rest = max(0, rule.budget + extra(plan, subject, at) - spent)
            if left is None or rest < left:
                left, tightest = rest, rule
    if tightest is None or left is None:
        opened = granted(plan, subject, at)
        return Verdict("allow", "", "granted" if opened else "allow", None, change)
    if left == 0:
        return Verdict("deny", tightest.id, "used_up", 0, change, tightest.reason)
    ends = at + dt.timedelta(minutes=left) if not tightest.subject.startswith("spending") else change
    return Verdict("allow", tightest.id, "limit", left, min(change, ends), tightest.reason)


def ahead(plan: Plan, at: dt.datetime, subject: str, until: dt.datetime) -> list[tuple[dt.datetime, Verdict]]:
    """What holds for a subject from `at` to `until`, as (from when, verdict), one for each change; use is not foreseen."""
    found: list[tuple[dt.datetime, Verdict]] = []
    while at < until:
        verdict = decide(plan, at, subject, {})
        if not found or (found[-1][1].effect, found[-1][1].rule) != (verdict.effect, verdict.rule):
            found.append((at, verdict))
        at = next_change(plan, at)
    return found


def stricter(first: Rule, second: Rule) -> Rule:
    """Of two rules of guardians who do not agree, the stricter holds."""
    if STRICT[first.effect] != STRICT[second.effect]:
        return max(first, second, key=lambda rule: STRICT[rule.effect])
    budgets = [rule.budget if rule.budget is not None else 10**9 for rule in (first, second)]
    return first if budgets[0] <= budgets[1] else second


def loosens(before: Rule | None, after: Rule | None) -> bool:
    """Whether a change gives a child more than it had: a rule taken away, a milder effect, a larger budget, fewer hours."""
    if before is None:
        return False
    if after is None:
        return STRICT[before.effect] > 0
    if STRICT[after.effect] != STRICT[before.effect]:
        return STRICT[after.effect] < STRICT[before.effect]
    if before.effect == "limit" and (after.budget or 0) > (before.budget or 0):
        return True
    if before.effect == "allow":
        return False
    fewer_days = before.calendar != after.calendar and after.calendar != "any"
    return fewer_days or bool(week(before) - week(after))


def week(rule: Rule) -> frozenset[int]:
    """The minutes of a week, from Monday midnight, in which a rule holds, whatever the calendar."""
    return frozenset(
        (day * DAY + minute) % (7 * DAY)
        for item in rule.intervals or (Interval(0, DAY),)
        for day in item.days
        for minute in range(item.start, item.end + (DAY if item.crosses_midnight else 0))
    )
