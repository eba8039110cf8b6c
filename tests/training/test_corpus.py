"""The written lines keep to their guide, and no held-out writer can slip into what is trained on."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from training import corpus

LINES = corpus.read()
LANGUAGES = ("da", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "ro")


def test_every_language_has_several_writers_and_enough_lines() -> None:
    writers, counts = defaultdict(set), Counter(line.language for line in LINES)
    for line in LINES:
        writers[line.language].add(line.writer)
    assert set(counts) == set(LANGUAGES)
    for language in LANGUAGES:
        assert len(writers[language]) >= 3, language
        assert counts[language] >= 800, language


@pytest.mark.parametrize(
    "harms", ["conduct.bullying", "conduct.threat", "conduct.hate", "wellbeing.distress", "consumer.scam consumer.spam", ""]
)
def test_large_classes_have_a_thousand_english_lines_and_250_in_each_other_language(harms: str) -> None:
    wanted = set(harms.split())
    counts = Counter(line.language for line in LINES if (line.harms & wanted if wanted else not line.harms))
    assert counts["en"] >= 1000
    assert min(counts[language] for language in LANGUAGES) >= 250, counts


def test_the_same_words_never_stand_as_harmful_and_as_innocent() -> None:
    seen: dict[tuple[str, str], set[bool]] = defaultdict(set)
    for line in LINES:
        seen[line.language, line.text.casefold()].add(bool(line.harms))
    assert [key for key, kinds in seen.items() if len(kinds) > 1] == []


def test_links_in_lines_lead_nowhere() -> None:
    for line in LINES:
        for word in line.text.split():
            if word.startswith(("http", "www.")):
                assert ".example" in word, (line.writer, line.text)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a message", "before the first"),
        ("## conduct.buly | x | y\nhi", "not a harm"),
        ("## - | x\nhi", "2 parts"),
        ("## - | X! | y\nhi", "use a-z"),
    ],
)
def test_a_line_that_breaks_the_form_is_named(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "en" / "me.txt"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(corpus.BadLineError, match=r"me\.txt:\d") as caught:
        list(corpus.read_file(path))
    assert says in str(caught.value)
