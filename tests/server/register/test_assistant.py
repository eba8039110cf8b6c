"""What keeps a commitment from being checked."""

from __future__ import annotations

import datetime as dt

import pytest

from leeward.server.register import assistant

TODAY = dt.date(2026, 11, 25)


def codes(text: str, **fields: object) -> list[str]:
    draft = assistant.Draft(
        **{"text": text, "actions": 1, "bands": (), "target": None, "unit": "", "baseline": None, "due": None, "indicators": 1} | fields
    )  # type: ignore[arg-type]
    return [gap.code for gap in assistant.gaps(draft, TODAY)]


@pytest.mark.parametrize(
    "text",
    [
        "95% of the reports of users under 18 in the EU are answered within 24 hours.",
        "By 31 December 2027 every account of a child is private when it is made.",
        "Bis März 2027 werden 95 % der Meldungen von Kindern binnen 24 Stunden beantwortet.",
        "D’ici juin 2027, 90 % des signalements de mineurs reçoivent une réponse.",
        "Antes de junio 2027, todas las cuentas de menores serán privadas.",
        "Entro marzo 2027 ogni segnalazione di minori avrà una risposta.",
        "Vóór maart 2027 is elk account van kinderen privé.",
        "Do marca 2027 wszystkie konta dzieci są prywatne.",
    ],
)
def test_a_number_a_day_and_somebody_make_it_possible_to_check(text: str) -> None:
    draft = assistant.Draft(text, 1, (), None, "", None, None, 1)
    assert assistant.is_verifiable(assistant.gaps(draft, TODAY)), codes(text)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("We strive to promote a safer internet where appropriate.", {"no_number", "no_date", "no_population", "vague"}),
        ("Children get answers faster.", {"no_number", "no_date"}),
        ("By 2027 the median answer takes 24 hours.", {"no_population"}),
        ("95% of children are safe.", {"no_date"}),
        ("Wir bemühen uns um angemessenen Schutz.", {"no_number", "no_date", "no_population", "vague"}),
    ],
)
def test_what_is_missing_is_said(text: str, missing: set[str]) -> None:
    assert missing <= set(codes(text))


def test_the_fields_count_as_much_as_the_text() -> None:
    filled = {"bands": ("10-12",), "target": 0.95, "unit": "share", "baseline": 0.8, "due": dt.date(2027, 1, 1)}
    assert codes("We answer reports.", **filled) == []
    assert "no_unit" in codes("We answer reports.", **filled | {"unit": ""})
    assert "no_baseline" in codes("We answer reports.", **filled | {"baseline": None})
    assert "past_due" in codes("We answer reports.", **filled | {"due": dt.date(2026, 1, 1)})
    assert codes("We answer reports.", **filled | {"indicators": 0, "actions": 0}) == ["no_indicator", "no_action"]


def test_the_vague_words_are_named_and_long_texts_too() -> None:
    says = next(
        gap.says
        for gap in assistant.gaps(assistant.Draft("We aim to support children.", 1, (), None, "", None, None, 1), TODAY)
        if gap.code == "vague"
    )
    assert "“aim to”" in says and "“support”" in says
    assert "long" in codes("every child " * 40)
