import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from leeward.engine.text.features import BUCKETS, extract

TEXTS = st.lists(st.text(max_size=60), min_size=1, max_size=12)


@given(TEXTS)
def test_a_text_has_the_same_features_alone_and_in_company(texts: list[str]) -> None:
    buckets, starts = extract(texts)
    groups = np.split(buckets, starts[1:])
    for text, group in zip(texts, groups, strict=True):
        alone, _ = extract([text])
        assert sorted(alone) == sorted(group)


@given(TEXTS)
def test_every_text_has_features_within_the_table(texts: list[str]) -> None:
    buckets, starts = extract(texts)
    assert (np.diff(np.append(starts, len(buckets))) > 0).all()
    assert ((buckets >= 0) & (buckets < BUCKETS)).all()
