"""Receipts, steps and urgency, under hypothesis."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from leeward.engine.harms import CODES
from leeward.server.reports import rules
from leeward.server.reports.models import Case, Step

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
BANDS = st.sampled_from(["0-5", "6-9", "unknown", "10-12", "13-15", "16-17", "adult"])
HARMS = st.sampled_from(["", *CODES])


@given(st.binary(min_size=1, max_size=40), st.integers(0, 15), st.integers(1, 9))
def test_a_wrong_digit_is_found(seed: bytes, place: int, shift: int) -> None:
    receipt = rules.new_receipt(seed)
    wrong = receipt[:place] + str((int(receipt[place]) + shift) % 10) + receipt[place + 1 :]
    assert rules.read_receipt(receipt) == receipt and rules.read_receipt(wrong) is None


@given(st.binary(min_size=1, max_size=40), st.integers(0, 14))
def test_neighbours_that_changed_places_are_found(seed: bytes, place: int) -> None:
    receipt = rules.new_receipt(seed)
    swapped = receipt[:place] + receipt[place + 1] + receipt[place] + receipt[place + 2 :]
    assert swapped == receipt or rules.read_receipt(swapped) is None


@given(st.binary(min_size=1, max_size=40))
def test_spaces_and_dashes_do_not_matter(seed: bytes) -> None:
    receipt = rules.new_receipt(seed)
    assert rules.read_receipt(f" {rules.spaced(receipt)}\n") == receipt == rules.read_receipt(rules.spaced(receipt).replace(" ", "-"))


@given(st.text(max_size=60))
def test_anything_else_is_no_receipt(typed: str) -> None:
    found = rules.read_receipt(typed)
    assert found is None or len(found) == 16


@given(HARMS, BANDS, st.integers(1, 9), st.integers(0, 400))
def test_danger_comes_before_everything(harm: str, band: str, reports: int, hours: int) -> None:
    opened = NOW - dt.timedelta(hours=hours * 24)
    calm = rules.urgency(harm, band, False, reports, opened, NOW, True)
    assert rules.urgency("consumer.spam", "adult", True, 1, NOW, NOW, False).score > calm.score


@given(HARMS, BANDS, st.booleans(), st.integers(1, 9), st.integers(0, 300), st.integers(1, 50))
def test_waiting_and_repetition_never_lower_a_case(harm: str, band: str, danger: bool, reports: int, hours: int, more: int) -> None:
    opened = NOW - dt.timedelta(hours=hours)
    before = rules.urgency(harm, band, danger, reports, opened, NOW, False)
    assert rules.urgency(harm, band, danger, reports, opened, NOW + dt.timedelta(hours=more), False).score >= before.score
    assert rules.urgency(harm, band, danger, reports + 1, opened, NOW, False).score >= before.score
    assert rules.urgency(harm, band, danger, reports, opened, NOW, True).score > before.score
    assert before.due == opened + rules.CLOCK[before.level]


@given(HARMS, BANDS)
def test_the_younger_child_is_never_less_urgent(harm: str, band: str) -> None:
    young = rules.urgency(harm, "6-9", False, 1, NOW, NOW, False)
    assert young.score >= rules.urgency(harm, band, False, 1, NOW, NOW, False).score


def test_nobody_waits_for_ever() -> None:
    spam = rules.urgency("consumer.spam", "adult", False, 1, NOW - dt.timedelta(days=20), NOW, False)
    fresh = rules.urgency("conduct.threat", "10-12", False, 1, NOW, NOW, False)
    assert spam.score > fresh.score


@given(st.sampled_from(Step.Kind.values), st.sampled_from(["", *Case.State.values]), st.sampled_from(Case.State.values))
def test_every_step_leads_where_the_table_says(kind: str, before: str, after: str) -> None:
    if rules.may_follow(kind, before, after):
        assert kind not in rules.FOLLOWS or after in rules.FOLLOWS[kind][1]
        assert before != Case.State.CLOSED or kind in (Step.Kind.APPEALED, Step.Kind.NOTE) or before == after


def test_every_state_can_be_reached_and_left() -> None:
    reached, todo = {""}, [""]
    while todo:
        state = todo.pop()
        for comes_from, leads_to in rules.FOLLOWS.values():
            if state in comes_from:
                new = set(leads_to) - reached
                reached |= new
                todo += new
    assert reached == {"", *Case.State.values}


@given(st.integers(0, 400), st.booleans())
def test_asking_again_ends_after_six_months(days: int, asked: bool) -> None:
    assert rules.may_appeal(NOW, NOW + dt.timedelta(days=days), asked) == (days < 183 and not asked)
    assert not rules.may_appeal(None, NOW, False)
