import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.engine.text.normalise import normalise


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("sn4p", "snap"),
        ("s t u p i d", "stupid"),
        ("s.t.u.p.i.d", "stupid"),
        ("stuuuuupid", "stupid"),
        ("st\u200bup\u200bid", "stupid"),
        ("ｓｔｕｐｉｄ", "stupid"),
        ("ѕtupіd", "stupid"),  # Cyrillic look-alikes in a Latin word
        ("b!tch", "bitch"),
        ("s\u0336t\u0336upid", "stupid"),
    ],
)
def test_disguises_are_undone(written: str, plain: str) -> None:
    found = normalise(written)
    assert found.replace("\u0336", "") == plain


@pytest.mark.parametrize(
    "text",
    ["привет как дела", "καλημέρα σου", "at 10pm", "ps5 und xbox", "gr8", "2nd place", "u2", "a b", "don't", "größe", "łódź", "10 x 4"],
)
def test_what_is_genuine_stays(text: str) -> None:
    assert normalise(text) == text


@given(st.text(max_size=80))
def test_normalising_twice_changes_little(text: str) -> None:
    once = normalise(text)
    assert len(normalise(once)) <= len(once)
    assert once == once.strip()
