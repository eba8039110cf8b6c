"""Every child-facing text keeps the reading budget of its age, in every language."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.utils import translation

from leeward.server.core import reading
from leeward.server.reports import words

LANGUAGES = [code for code, _ in settings.LANGUAGES]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("band", ["6-9", "10-12", "13-15", "16-17"])
def test_every_text_keeps_its_budget(language: str, band: str) -> None:
    # answers that one picks are not sentences to read through: they may have as many words as the next older band's
    with translation.override(language):
        hard = [
            (name, text, found)
            for name, item in words.all_words()
            if not (band == "6-9" and name.startswith("choice.") and item not in [choice.words for choice in SMALL])
            for text in [item.of(band)]
            for found in reading.complaints(text, band, language)
        ]
    assert hard == []


SMALL = (*words.SAFE, *words.ABOUT, *words.AGE, *words.WHAT_CHILD, *words.ANSWER)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_themselves_keep_the_budget_of_the_youngest(language: str, db: None) -> None:
    """What stands in the templates is read by all ages."""
    from django.utils.translation import gettext

    from tests.server.reports.templates import child_texts

    with translation.override(language):
        hard = [(text, found) for text in child_texts() for found in reading.complaints(_plain(gettext(text)), "10-12", language)]
    assert hard == []


def _plain(text: str) -> str:
    return re.sub(r"%\(\w+\)s", "7", text)


def test_measures_are_those_of_their_formulas() -> None:
    easy = "The cat sat on the mat. It was a big cat. It was not a dog. The dog ran off. The cat had a nap on the mat that day."
    hard = "International organisations systematically investigate administrative irregularities. " * 5
    assert (reading.measure(easy).grade or 99) < 2 < 15 < (reading.measure(hard).grade or 0)
    assert reading.measure("Short.").grade is None and reading.measure(easy, "pl").grade is None
    assert reading.complaints("One two three four five six seven eight nine.", "6-9") and not reading.complaints("One two three.", "6-9")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_that_can_be_made_keeps_the_budget(language: str) -> None:
    from leeward.engine.harms import CODES
    from leeward.server.reports import statements
    from leeward.server.reports.models import Outcome

    made = [Outcome(kind="no_action"), Outcome(kind="not_ours")]
    for code in ("", *CODES):
        for content in Outcome.OnContent.values[:3]:
            made += [
                Outcome(kind="action_taken", harm=code, on_content=content, on_account=account) for account in Outcome.OnAccount.values
            ]
    hard = set()
    for outcome in made:
        for band in ("6-9", "10-12", "13-15"):
            hard.update(reading.complaints(statements.for_reporter(outcome, band, language, ""), band, language))
        hard.update(reading.complaints(statements.for_target(outcome, "unknown", language), "unknown", language))
    assert hard == set()
