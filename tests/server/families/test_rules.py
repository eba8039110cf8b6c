"""The decision, under hypothesis: whatever the rules, the zone and the season."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.server.families import rules
from leeward.server.families.rules import DAY, Grant, Interval, Plan, Rule
from tests.personas import NOON

ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Europe/Lisbon", "Atlantic/Azores", "Asia/Kathmandu", "Australia/Lord_Howe"])
MOMENTS = st.integers(1_767_225_600, 1_830_211_200).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC))  # 2026 and 2027
SUBJECTS = st.sampled_from(["time", "time:games", "contact:stranger", "spending", "live"])
INTERVALS = st.builds(Interval, st.integers(0, DAY - 1), st.integers(1, DAY), st.frozensets(st.integers(0, 6), min_size=1))
RULES = st.builds(
    Rule, st.uuids().map(str), SUBJECTS, st.sampled_from(["allow", "limit", "ask", "deny"]), st.lists(INTERVALS, max_size=3).map(tuple),
    st.sampled_from(["any", "term", "holiday"]), st.integers(0, 300) | st.none(),
)  # fmt: skip
GRANTS = st.builds(
    lambda name, subject, minutes, start: Grant(name, subject, minutes, start, start + dt.timedelta(minutes=minutes)),
    st.uuids().map(str), SUBJECTS, st.integers(1, 120), MOMENTS,
)  # fmt: skip
PLANS = st.builds(
    Plan, st.just("10-12"), ZONES, st.lists(RULES, max_size=5).map(tuple), st.lists(GRANTS, max_size=3).map(tuple),
    st.frozensets(st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)), max_size=5),
)  # fmt: skip
USED = st.dictionaries(SUBJECTS, st.integers(0, 400))


@given(PLANS, MOMENTS, USED, st.sampled_from(["help", "report", "helpline:116111", "emergency"]))
def test_help_is_never_blocked(plan: Plan, at: dt.datetime, used: dict[str, int], subject: str) -> None:
    closed = dataclasses.replace(plan, rules=(*plan.rules, Rule("x", subject, "deny"), Rule("y", "help", "deny")))
    assert rules.decide(closed, at, subject, used).effect == "allow"


@given(PLANS, MOMENTS, SUBJECTS, USED)
def test_deny_beats_allow(plan: Plan, at: dt.datetime, subject: str, used: dict[str, int]) -> None:
    without = dataclasses.replace(plan, grants=(), rules=(*plan.rules, Rule("no", subject, "deny")))
    verdict = rules.decide(without, at, subject, used)
    assert verdict.effect == "deny"
    assert rules.decide(dataclasses.replace(without, rules=(*without.rules, Rule("yes", subject, "allow"))), at, subject, used) == verdict


@given(PLANS, MOMENTS, SUBJECTS, USED, RULES)
def test_another_rule_never_gives_more(plan: Plan, at: dt.datetime, subject: str, used: dict[str, int], more: Rule) -> None:
    before = rules.decide(plan, at, subject, used)
    after = rules.decide(dataclasses.replace(plan, rules=(*plan.rules, more)), at, subject, used)
    assert rules.STRICT[after.effect] >= rules.STRICT[before.effect]
    if before.left is not None and after.left is not None:
        assert after.left <= before.left


@given(PLANS, MOMENTS, SUBJECTS, USED, GRANTS)
def test_a_grant_never_takes_away_and_never_outlives_its_end(
    plan: Plan, at: dt.datetime, subject: str, used: dict[str, int], grant: Grant
) -> None:
    more = dataclasses.replace(plan, grants=(*plan.grants, grant))
    before, after = rules.decide(plan, at, subject, used), rules.decide(more, at, subject, used)
    assert rules.STRICT[after.effect] <= rules.STRICT[before.effect]
    closed = dataclasses.replace(plan, grants=(grant,), rules=(Rule("no", subject, "deny"),))
    assert rules.decide(closed, grant.end, subject, used).effect == "deny"
    assert rules.decide(closed, grant.end + dt.timedelta(days=3), subject, used).effect == "deny"


@given(PLANS, MOMENTS, SUBJECTS)
def test_nothing_changes_before_the_next_change(plan: Plan, at: dt.datetime, subject: str) -> None:
    """The promise that lets a service keep an answer."""
    verdict = rules.decide(plan, at, subject, {})
    assert verdict.next_change_at > at
    assert verdict.next_change_at - at <= dt.timedelta(hours=25)
    for share in (0.25, 0.5, 0.99):
        later = at + (verdict.next_change_at - at) * share
        found = rules.decide(plan, later, subject, {})
        assert (found.effect, found.rule) == (verdict.effect, verdict.rule)


@given(PLANS, MOMENTS, st.integers(0, 500))
def test_using_more_never_gives_more(plan: Plan, at: dt.datetime, minutes: int) -> None:
    less, more = (rules.decide(plan, at, "time", {"time": amount}) for amount in (minutes, minutes + 10))
    assert rules.STRICT[more.effect] >= rules.STRICT[less.effect]


@given(ZONES, st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)), st.integers(0, 2 * DAY - 1))
def test_a_minute_of_the_wall_is_a_moment(zone: str, day: dt.date, minute: int) -> None:
    at = rules.moment(day, minute, zone)
    assert at.utcoffset() == dt.timedelta(0)
    wall = rules.local(at, zone)
    asked = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minute)
    assert abs(wall.replace(tzinfo=None) - asked) <= dt.timedelta(hours=1)  # an hour that is skipped in spring


def bedtime(calendar: str = "any") -> Plan:
    return Plan("10-12", "Europe/Berlin", (Rule("bed", "time", "deny", (Interval(20 * 60, 7 * 60),), calendar, None, "Sleep"),))  # type: ignore[arg-type]


def berlin(text: str) -> dt.datetime:
    from zoneinfo import ZoneInfo

    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("at", "effect", "change"),
    [
        ("2026-11-25T19:59", "allow", "2026-11-25T20:00"),
        ("2026-11-25T20:00", "deny", "2026-11-26T00:00"),
        ("2026-11-26T06:59", "deny", "2026-11-26T07:00"),
        ("2026-11-26T07:00", "allow", "2026-11-26T20:00"),
        ("2026-03-29T01:59", "deny", "2026-03-29T07:00"),  # the clock goes forward in this night
        ("2026-10-25T02:30", "deny", "2026-10-25T07:00"),  # and back in this one
    ],
)
def test_bedtime_across_midnight_and_the_change_of_the_clock(at: str, effect: str, change: str) -> None:
    verdict = rules.decide(bedtime(), berlin(at), "time:games", {})
    assert (verdict.effect, verdict.next_change_at) == (effect, berlin(change))


def test_school_days_and_holidays() -> None:
    friday_night, monday_night = berlin("2026-11-27T21:00"), berlin("2026-11-30T21:00")
    assert rules.decide(bedtime("term"), friday_night, "time", {}).effect == "deny"
    assert rules.decide(bedtime("term"), berlin("2026-11-28T21:00"), "time", {}).effect == "allow"
    at_home = dataclasses.replace(bedtime("term"), holidays=frozenset({monday_night.date()}))
    assert rules.decide(at_home, monday_night, "time", {}).effect == "allow"


def test_a_budget_is_one_for_all_services_and_warns() -> None:
    plan = Plan("10-12", "Europe/Berlin", (Rule("two", "time", "limit", budget=120, reason="Two hours"),))
    at = berlin("2026-11-25T15:00")
    assert rules.decide(plan, at, "time:games", {"time:games": 60, "time:video": 46}).left == 14
    assert rules.decide(plan, at, "time:games", {"time": 106}).warn == 15
    assert rules.decide(plan, at, "time", {"time": 116}).warn == 5 and rules.decide(plan, at, "time", {"time": 119}).warn == 1
    over = rules.decide(plan, at, "time:games", {"time": 120})
    assert (over.effect, over.code, over.next_change_at) == ("deny", "used_up", berlin("2026-11-26T00:00"))
    granted = dataclasses.replace(plan, grants=(Grant("g", "time", 30, at, at + dt.timedelta(hours=5)),))
    assert rules.decide(granted, at, "time:games", {"time": 120}).left == 30
    assert rules.decide(granted, at + dt.timedelta(days=1), "time:games", {"time": 120}).effect == "deny"


@given(RULES, RULES)
def test_of_two_rules_the_stricter_holds_whoever_came_first(one: Rule, two: Rule) -> None:
    first, second = rules.stricter(one, two), rules.stricter(two, one)
    assert rules.STRICT[first.effect] == rules.STRICT[second.effect] == max(rules.STRICT[one.effect], rules.STRICT[two.effect])


@given(RULES)
def test_what_loosens_is_seen(rule: Rule) -> None:
    assert not rules.loosens(rule, rule) and not rules.loosens(None, rule)
    assert rules.loosens(rule, None) == (rule.effect != "allow")
    assert not rules.loosens(rule, dataclasses.replace(rule, effect="deny", intervals=()))


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        rules.decide(bedtime(), NOON.replace(tzinfo=None), "time", {})
    with pytest.raises(ValueError, match="within a day"):
        Interval(-1, 20)
