"""The second stage reads what its tokenizer has no piece for."""

import pytest

from leeward.engine.text.encoder import readable

KNOWN = {"😂"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("GG 😂", "gg 😂"),
        ("🐀 go home", " rat  go home"),
        ("🇵🇱 rocks", "pl rocks"),
        ("nice 👍🏿", "nice  thumbs up sign  dark skin "),
        ("half \ud83d", "half ?"),
        ("naïve café – ok", "naïve café – ok"),
    ],
)
def test_an_emoji_without_a_piece_is_read_by_its_name(text: str, read: str) -> None:
    assert readable(text, KNOWN) == read
