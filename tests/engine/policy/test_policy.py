import re

import pytest

from leeward.engine import harms
from leeward.engine.policy import PolicyError, default_policy, load_policy
from leeward.engine.policy.load import BANDS, DIRECTORY, RELATIONSHIPS
from leeward.engine.policy.texts import GROUP_OF_BAND, Texts, help_for

DEFAULT = (DIRECTORY / "default.yaml").read_text(encoding="utf-8")
BUDGET = {"6-9": 8, "10-12": 12, "teen": 15, "adult": 18}
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("conduct.bullying", "conduct.buly", "unknown harm 'conduct.buly'"),
        ("nudge: 0.35, warn: 0.8", "nudge: 0.9, warn: 0.8", "stricter than nudge"),
        ("bands: young,", "bands: yung,", "unknown name 'yung'"),
        ("text: unkind}", "text: unkindd}", "no text 'unkindd'"),
        ("nudge: 0.35,", "nudge: 1.55,", "at most at 1"),
        ("table:", "tabel:", "tabel"),
        ("actor.adult &&", "actor.adult &&&", "not a CEL condition"),
        ("when: actor.adult", "when: nobody.adult", "not a CEL condition"),
        ("id: unkind-teen", "id: unkind", "used twice"),
        ("harms: [conduct.threat]", "harms: [wellbeing.distress]", "only ever routes to support"),
        ("    fast_pace:", "    fast_pase:", "no factor 'fast_pase'"),
        ("unknown_as: 10-12", "unknown_as: child", "unknown_as is one of"),
        ("half_life_days: 14", "half_life_days: 0", "above 0"),
        ("  - {id: unkind,", "  - {id: unkind, [", "not YAML"),
    ],
)
def test_an_error_names_file_line_and_place(old: str, new: str, says: str) -> None:
    assert old in DEFAULT
    with pytest.raises(PolicyError) as caught:
        load_policy("mine.yaml", DEFAULT.replace(old, new, 1))
    message = str(caught.value)
    assert says in message
    assert re.match(r"mine\.yaml:\d+:\d+: ", message)
    assert message.endswith("^")


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        load_policy("/nowhere/policy.yaml")


def test_a_condition_must_be_true_or_false() -> None:
    with pytest.raises(PolicyError, match="answers true or false"):
        load_policy("mine.yaml", re.sub(r"when: audience.minor && actor.*", "when: actor.account_age_days + 1", DEFAULT))


def test_the_younger_the_stricter() -> None:
    """For every harm and relationship, a younger reader is never protected less by the default policy."""
    policy = default_policy()
    minors = BANDS[:-1]
    for relationship in RELATIONSHIPS:
        for code in harms.CODES:
            for score in (0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99):
                ranks = [
                    max((harms.SEVERITY[c.action(score)] for c in policy.checks_for(b, "adult", relationship) if c.harm == code), default=0)
                    for b in minors
                ]
                assert ranks == sorted(ranks, reverse=True), (relationship, code, score, ranks)


def test_strangers_are_never_treated_more_mildly_than_friends() -> None:
    policy = default_policy()
    for band in BANDS:
        for code in harms.CODES:

            def strictest(who: str, band: str = band, code: str = code) -> int:
                return max((harms.SEVERITY[c.action(0.99)] for c in policy.checks_for(band, "unknown", who) if c.harm == code), default=0)

            assert strictest("stranger") >= strictest("friend")


def test_a_forecast_never_blocks() -> None:
    for row in default_policy().document.table:
        if "contact.grooming" in row.harms:
            assert set(row.actions) <= {"warn", "hold"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_exists_in_every_language_within_its_budget(language: str) -> None:
    texts = Texts(DIRECTORY / "texts")
    assert language in texts.languages
    mine, source = texts.of(language), texts.of("en")
    assert set(mine) == set(source)
    for name, text in mine.items():
        for group_of in (text.sender, text.recipient):
            assert set(group_of) == set(GROUP_OF_BAND.values()), name
        lines = [(group, line) for words in (text.sender, text.recipient) for group, line in words.items()] + [("adult", text.adult)]
        for group, line in lines:
            for sentence in re.split(r"(?<=[.?!])\s+", line):
                assert len(sentence.split()) <= BUDGET[group], (language, name, group, sentence)


def test_helplines_never_repeat_and_never_miss_the_emergency() -> None:
    for country in ("DE", "ES", "PL", "XX", ""):
        phones = [line.phone for line in help_for(country)]
        assert "112" in phones
        assert len(phones) == len(set(phones))
        assert "116112" not in {phone.replace(" ", "") for phone in phones}
