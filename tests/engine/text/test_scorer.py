import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leeward.engine.text.encoder import EncoderModel
from leeward.engine.text.model import FastModel
from leeward.engine.text.scorer import TextScorer

TEXTS = [
    "how old are you?",
    "gg",
    "nobody likes you, just leave",
    "see you at training at five",
    "ich will nicht mehr da sein",
    "lol",
    "a" * 3000,
]


@pytest.fixture(scope="module")
def scorer() -> TextScorer:
    return TextScorer()


def test_a_text_scores_the_same_alone_and_in_company(scorer: TextScorer) -> None:
    together = scorer.matrix(TEXTS)
    for text, row in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(scorer.matrix([text])[0], row, atol=0.06)  # int8 activations share one scale a batch


def test_both_stages_have_the_same_outputs() -> None:
    assert FastModel().outputs == EncoderModel().outputs


def test_only_the_unsure_are_shown_to_the_encoder(scorer: TextScorer, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    real = scorer.encoder.scores

    def note(texts):  # type: ignore[no-untyped-def]
        shown.extend(texts)
        return real(texts)

    monkeypatch.setattr(scorer.encoder, "scores", note)
    scorer.matrix(TEXTS)
    unsure = scorer.unsure(scorer.fast.scores(TEXTS))
    whole = [text for text, asked in zip(TEXTS, unsure, strict=True) if asked]
    assert shown[: len(whole)] == whole
    assert not set(shown) & {text for text, asked in zip(TEXTS, unsure, strict=True) if not asked}


def test_the_first_stage_can_stand_alone() -> None:
    alone = TextScorer(second_stage=False)
    assert alone.versions == {"text": alone.fast.version}
    assert "encoder" not in alone.__dict__
    assert alone.score_many(["how old are you?"])[0]["contact.age_probe"] > 0.3


def test_evidence_stands_where_the_words_are(scorer: TextScorer) -> None:
    text = "the weather is nice and the bus was late. how old are you? my dog is brown and likes to sleep"
    found = scorer.evidence(text, "contact.age_probe")
    assert "how old" in text[found.start : found.end]
    assert found.end - found.start < len(text) / 2


@settings(max_examples=50, deadline=None)
@given(st.text(min_size=1, max_size=80).filter(str.strip), st.sampled_from(["conduct.bullying", "contact.secrecy", "conduct.doxxing"]))
def test_evidence_lies_within_any_text(text: str, harm: str) -> None:
    found = FIRST_STAGE.evidence(text, harm)
    assert 0 <= found.start < found.end <= len(text)


FIRST_STAGE = TextScorer(second_stage=False)


def test_scores_are_probabilities(scorer: TextScorer) -> None:
    scores = scorer.matrix([*TEXTS, "\u200b\u200b", "😀😀", "\ud83d", "ж" * 500])
    assert ((scores >= 0) & (scores <= 1)).all()
    assert scorer.matrix([]).shape[0] == 0
