"""What fairness is measured with is not what was trained on."""

from __future__ import annotations

from training import corpus, fairness


def test_no_sentence_of_the_table_stands_among_the_written_lines() -> None:
    written = {line.text.casefold().rstrip(".?!") for line in corpus.read()}
    assert [text for text in fairness.sentences() if text.casefold().rstrip(".?!") in written] == []


def test_every_language_is_measured_alike() -> None:
    assert set(fairness.PLAIN) == {line.language for line in corpus.read()}
    assert {len(set(lines)) for lines in fairness.PLAIN.values()} == {8}
