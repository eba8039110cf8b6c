import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.engine.banks import links


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTP://WWW.Example.COM:80/a//b?utm_source=x&id=1#top", "example.com/a/b?id=1"),
        ("example.com", "example.com/"),
        ("http://user:pw@example.com/%61", "example.com/a"),
        ("https://bücher.example/", "xn--bcher-kva.example/"),
        ("exam\tple.com/x", "example.com/x"),
        ("http://[::1", ""),
        ("", ""),
    ],
)
def test_a_link_has_one_form(written: str, normal: str) -> None:
    assert links.normalise(written) == normal


def test_links_are_found_in_text_and_addresses_of_mail_are_not() -> None:
    text = "look at www.a.example/x, (https://b.example/y?z=1) or c.example! mail me: d@e.example"
    assert links.find(text) == ["www.a.example/x", "https://b.example/y?z=1", "c.example"]


@given(st.text(max_size=100))
def test_any_text_can_be_asked(text: str) -> None:
    for link in [text, *links.find(text)]:
        normal = links.normalise(link)
        host, slash, _ = normal.partition("/")
        assert normal == "" or (slash and host and not any(char.isspace() for char in host))
        assert len(set(links.keys(normal))) == len(list(links.keys(normal)))
