"""The register's pure decisions."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.server.register import charts, rules

DAY = dt.date(2026, 3, 31)
days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
standings = st.builds(
    rules.Standing, st.booleans(), st.sampled_from(list(rules.EVIDENCE)), st.sampled_from(["", *rules.FOUND])
)  # fmt: skip


@given(days, st.integers(-60, 60))
def test_months_are_added_and_taken_away(day: dt.date, months: int) -> None:
    moved = rules.add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and (moved + dt.timedelta(days=1)).day == 1)


@given(days, st.integers(1, 24))
def test_a_value_is_fresh_for_one_and_a_half_periods(last: dt.date, every: int) -> None:
    until = rules.fresh_until(last, every)
    assert rules.evidence(until, last, every, 1.0, None, "") == "fresh"
    assert rules.evidence(until + dt.timedelta(days=1), last, every, 1.0, 1.0, "up") == "stale"


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_target_is_reached_in_one_direction_or_the_other(value: float, target: float) -> None:
    up, down = (rules.evidence(DAY, DAY, 1, value, target, direction) for direction in ("up", "down"))
    assert {up, down} == {"kept"} if value == target else {up, down} == {"kept", "missed"}


def test_without_a_value_nothing_is_kept() -> None:
    assert rules.evidence(DAY, None, 1, None, 1.0, "up") == "none"
    assert rules.evidence(DAY, DAY, 1, None, 1.0, "up") == "fresh"
    assert rules.worst_evidence([]) == "none"
    assert rules.worst_evidence(["kept", "stale"]) == "stale"


@given(st.lists(standings))
def test_the_counts_of_a_cell_fit_together(items: list[rules.Standing]) -> None:
    cell = rules.cell(items)
    assert cell.claimed == len(items)
    assert cell.evidenced + cell.stale + sum(item.evidence == "none" for item in items) == cell.claimed
    assert cell.kept <= cell.evidenced and cell.found_true + cell.found_false <= cell.evaluated <= cell.claimed
    tone = rules.tone(cell)
    assert (tone == "empty") == (not items)
    assert (tone == "bad") == (cell.found_false > 0)
    if tone == "good":
        assert all(item.evidence not in ("stale", "none") and item.found in rules.TRUE for item in items)


@given(st.lists(standings, min_size=1), st.lists(st.integers(0, 90)))
def test_the_registers_own_measures_are_shares(items: list[rules.Standing], late: list[int]) -> None:
    found = rules.measures(items, late)
    assert all(0 <= share <= 1 for share in (found.verifiable, found.fresh, found.found_true) if share is not None)
    assert (found.median_days_late is None) == (not late)


def months(count: int, value: float = 10.0, method: str = "1") -> list[rules.Point]:
    starts = [rules.add_months(dt.date(2025, 1, 1), place) for place in range(count + 1)]
    return [rules.Point(start, after - dt.timedelta(days=1), value, method) for start, after in itertools.pairwise(starts)]


def test_gaps_jumps_and_changes_of_method_are_flagged() -> None:
    series = months(12)
    assert rules.flags(series, 1, series[-1].end) == []
    gap = rules.flags([*series[:4], *series[6:]], 1, series[-1].end)
    assert [flag.kind for flag in gap] == ["gap"] and "2025-05-01 to 2025-06-30" in gap[0].says
    jumped = [*series[:6], *(rules.Point(point.start, point.end, 40.0, "1") for point in series[6:])]
    assert [flag.kind for flag in rules.flags(jumped, 1, series[-1].end)] == ["jump"]
    other = [*series[:6], *(rules.Point(point.start, point.end, point.value, "2") for point in series[6:])]
    assert [flag.kind for flag in rules.flags(other, 1, series[-1].end)] == ["method"]
    assert [flag.kind for flag in rules.flags(series, 1, dt.date(2026, 6, 1))] == ["stale"]


def test_a_steady_climb_is_no_jump() -> None:
    series = [rules.Point(point.start, point.end, 10.0 * 1.3**place, "1") for place, point in enumerate(months(12))]
    assert rules.flags(series, 1, series[-1].end) == []


def test_an_admission_needs_what_the_policy_asks_for() -> None:
    criteria = ["a", "b"]
    met = {"a": [True, ""], "b": [True, ""]}
    assert rules.missing_for_admission(criteria, met, None, 0) == []
    assert rules.missing_for_admission(criteria, {"a": [True, ""]}, None, 0) == ["Not found to be met: b"]
    assert "2 of 6 members voted" in rules.missing_for_admission(criteria, met, [True, True], 6)[0]
    assert "takes more than half" in rules.missing_for_admission(criteria, met, [True, False, True, False], 6)[0]
    assert rules.missing_for_admission(criteria, met, [True, False, True], 6) == []


@pytest.mark.parametrize("other", ["PEBBLE GAMES", "Pebble-Games GmbH", "The Pebble Games Group", "pebble  games, inc."])
def test_a_name_is_the_same_however_it_is_written(other: str) -> None:
    assert rules.same_name(other) == rules.same_name("Pebble Games")
    assert rules.same_name("Pebble Toys") != rules.same_name("Pebble Games")


def test_lateness_and_reminders() -> None:
    due = dt.date(2026, 3, 1)
    assert rules.days_late(due, dt.date(2026, 2, 20), DAY) == 0
    assert rules.days_late(due, dt.date(2026, 3, 5), DAY) == 4
    assert rules.days_late(due, None, DAY) == 30
    assert rules.reminder_due(due, dt.date(2026, 1, 1)) is None
    assert [rules.reminder_due(due, dt.date(2026, 2, day)) for day in (15, 25, 26)] == ["14", "14", "3"]
    assert rules.reminder_due(due, dt.date(2026, 3, 9)) == "late-7"


def test_a_badge_turns_grey() -> None:
    good = rules.cell([rules.Standing(True, "kept", "")])
    assert rules.badge(good, "admitted") == ("1 of 1 with fresh evidence", "good")
    assert rules.badge(good, "suspended")[1] == "grey"
    assert rules.badge(rules.cell([rules.Standing(True, "stale", "")]), "admitted")[1] == "grey"
    assert rules.badge(rules.cell([]), "admitted") == ("no commitments yet", "grey")


@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_the_axis_covers_what_is_drawn(low: float, high: float) -> None:
    low, high = sorted((low, high))
    steps = charts.nice_steps(low, high)
    near = 1e-8 * max(1.0, abs(low), abs(high))  # less than a pixel
    assert steps[0] <= low + near and steps[-1] >= high - near and 2 <= len(steps) <= 9


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e4)), min_size=1, max_size=30), st.one_of(st.none(), st.floats(0, 1e4)))
def test_a_chart_stays_within_its_frame(values: list[float | None], target: float | None) -> None:
    points = [(rules.add_months(dt.date(2024, 1, 1), place), value, "tools") for place, value in enumerate(values)]
    chart = charts.chart(points, target, "hours")
    if chart is None:
        assert all(value is None for value in values)
        return
    assert all(0 <= dot.x <= chart.width and 0 <= dot.y <= chart.height for dot in chart.dots)
    assert len(chart.dots) == sum(value is not None for value in values)
