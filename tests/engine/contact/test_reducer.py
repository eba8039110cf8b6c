import datetime as dt

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeward.engine import harms
from leeward.engine.contact import ActorState, PairState, States, observe
from leeward.engine.contact.refusals import is_refusal
from leeward.engine.contact.state import MAX_CONTACTS
from leeward.engine.policy import default_policy
from tests.personas import CHILD, NOON, PARENT, STRANGER, TEEN, says

WEIGHTS = default_policy().document.contact
HOUR = dt.timedelta(hours=1)
ASKS = {"contact.secrecy": 0.9}


def look(event, scores=None, states=None):  # type: ignore[no-untyped-def]
    return observe(event, scores or {}, states or States(), WEIGHTS, "10-12")


def codes(factors) -> set[str]:  # type: ignore[no-untyped-def]
    return {factor.code for factor in factors}


def test_an_adult_stranger_who_asks_for_secrecy_is_seen() -> None:
    score, factors = look(says("x", STRANGER, CHILD), ASKS)
    assert {"adult_to_child", "not_known_each_other", "new_account", "asked_secrecy"} <= codes(factors)
    assert score > look(says("x", STRANGER, CHILD))[0]


def test_family_and_friends_of_the_same_age_are_trusted() -> None:
    assert look(says("x", PARENT, CHILD, "family"), ASKS)[0] < 0.15
    assert look(says("x", {"ref": "f", "age_band": "10-12"}, CHILD, "friend"), ASKS)[0] < 0.15


def test_an_adult_friend_is_still_an_adult() -> None:
    assert "adult_to_child" in codes(look(says("x", STRANGER, CHILD, "friend"))[1])


def test_nothing_is_said_of_adults_among_themselves() -> None:
    assert look(says("x", STRANGER, PARENT), ASKS) == (0.0, [])


def test_asking_again_after_a_no_is_named() -> None:
    states = States()
    look(says("come?", STRANGER, CHILD), {"contact.meet_request": 0.9}, states)
    back = States(states.pair, ActorState(), states.actor)
    look(says("no", CHILD, STRANGER, at=NOON + HOUR), states=back)
    _, factors = look(says("come on", STRANGER, CHILD, at=NOON + 2 * HOUR), {"contact.meet_request": 0.9}, states)
    assert "asked_again_after_no" in codes(factors)
    assert states.actor.contacts[0].answered


def test_several_children_asked_alike_are_counted() -> None:
    actor = ActorState()
    for number in range(3):
        asked = {"contact.secrecy": 0.9, "contact.move_platform": 0.9}
        _, factors = look(says("x", STRANGER, {"ref": f"c{number}", "age_band": "10-12"}), asked, States(actor=actor))
    assert "several_children_alike" in codes(factors)


def test_three_different_requests_within_an_hour_are_fast() -> None:
    states = States()
    for minutes, intent in ((0, "contact.age_probe"), (5, "contact.move_platform"), (9, "contact.image_request")):
        _, factors = look(says("x", STRANGER, CHILD, at=NOON + dt.timedelta(minutes=minutes)), {intent: 0.9}, states)
    fast = next(factor for factor in factors if factor.code == "fast_pace")
    assert "9 minutes" in fast.say


def test_it_is_night_where_the_child_lives() -> None:
    states = States()
    late = dt.datetime(2026, 11, 23, 22, 30, tzinfo=dt.UTC)  # 23:30 in Berlin
    for minute in range(3):
        _, factors = look(says("x", STRANGER, CHILD, at=late + dt.timedelta(minutes=minute)), states=states)
    assert "child_night" in codes(factors)


def test_it_forgets_with_time() -> None:
    states = States()
    fresh, _ = look(says("x", STRANGER, CHILD), ASKS, states)
    later, factors = look(says("x", STRANGER, CHILD, at=NOON + dt.timedelta(days=120)), states=states)
    assert later < fresh
    assert "asked_secrecy" not in codes(factors)


def test_an_unknown_age_counts_as_the_policy_says() -> None:
    assert look(says("x", STRANGER, {"ref": "u", "age_band": "unknown"}), ASKS)[0] > 0


def test_it_needs_a_time() -> None:
    with pytest.raises(ValueError, match=r"event\.at"):
        look(says("x", STRANGER, CHILD, at=None))


@pytest.mark.parametrize(
    "text", ["no", "No!", "stop it", "nein danke", "lass mich", "laisse moi", "déjame en paz", "basta", "nie chcę", "não quero", "lasa-ma"]
)
def test_a_no_is_understood(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text", ["nobody knows the answer", "notebook", "yes", "no problem at all, come over whenever you like to", "parade"]
)
def test_what_is_no_no(text: str) -> None:
    assert not is_refusal(text)


INTENT_SCORES = st.dictionaries(st.sampled_from(harms.INTENTS), st.floats(0, 1), max_size=4)
STEPS = st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.integers(-3600, 40 * 86400), INTENT_SCORES), max_size=60)


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_states_stay_small_and_scores_are_probabilities(steps) -> None:  # type: ignore[no-untyped-def]
    actor, pairs, others = ActorState(), {}, {}  # type: ignore[var-annotated]
    for child, answers, seconds, scores in steps:
        pair, other = pairs.setdefault(child, PairState()), others.setdefault(child, ActorState())
        reader = {"ref": f"c{child}", "age_band": "10-12"}
        at = NOON + dt.timedelta(seconds=seconds)
        if answers:
            look(says("no", reader, STRANGER, at=at), scores, States(pair, other, actor))
        else:
            score, _ = look(says("x", STRANGER, reader, at=at), scores, States(pair, actor, other))
            assert 0 <= score <= 1
        assert len(actor.contacts) <= MAX_CONTACTS + 1
        assert len(msgspec.msgpack.encode(pair)) < 2000
        assert len(msgspec.msgpack.encode(actor)) < 3000
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(pair), type=PairState) == pair


@given(st.lists(st.sampled_from(harms.INTENTS), unique=True, max_size=8))
def test_more_requests_never_lower_the_score(intents: list[str]) -> None:
    before = 0.0
    for count in range(len(intents) + 1):
        score, _ = look(says("x", STRANGER, CHILD), dict.fromkeys(intents[:count], 0.9))
        assert score >= before
        before = score


def test_teenagers_who_get_to_know_each_other_are_left_alone() -> None:
    score, _ = look(says("x", TEEN, {"ref": "t2", "age_band": "13-15"}), {"contact.age_probe": 0.9})
    assert score < 0.2
