from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.server.desk import rules

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
KINDS = st.sampled_from(["action_taken", "no_action", "not_ours"])


@given(st.lists(st.tuples(KINDS, KINDS), max_size=30))
def test_agreement_lies_where_kappa_lies(answers: list[tuple[str, str]]) -> None:
    kappa = rules.agreement(answers)
    assert kappa is None if not answers else -1 <= (kappa or 0) <= 1
    same = [(agreed, agreed) for _, agreed in answers]
    assert rules.agreement(same) in (None, pytest.approx(1.0))


def test_agreement_by_hand() -> None:
    answers = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    assert rules.agreement(answers) == pytest.approx(0.4)


@given(st.integers(0, 60), st.booleans())
def test_a_lease_ends(minutes: int, own: bool) -> None:
    until = NOW + dt.timedelta(minutes=20)
    assert rules.may_take(1, until, 1 if own else 2, NOW + dt.timedelta(minutes=minutes)) == (own or minutes >= 20)
    assert rules.may_take(None, None, 2, NOW)


def test_two_hours_without_a_pause() -> None:
    steady = [(NOW - dt.timedelta(minutes=10 * n), False) for n in range(13, 0, -1)]
    assert "two hours" in rules.care(steady, NOW).reminder
    paused = [item for item in steady if not 40 < (NOW - item[0]).total_seconds() / 60 < 80]
    assert rules.care(paused, NOW).reminder == ""
