import pytest

from leeward.engine.text import personal


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("call me +49 151 23456789", "phone"),
        ("my number is 07700 900461", "phone"),
        ("0176/44552210", "phone"),
        ("write to tom.b@mail.example", "email"),
        ("DE89 3704 0044 0532 0130 00", "bank account"),
        ("I live at 14 maple street", "address"),
        ("Ich wohne in der Lindenstraße 12", "address"),
        ("12 rue des Lilas", "address"),
        ("vivo en calle Mayor 14", "address"),
        ("mieszkam na ul. Polnej 5", "address"),
    ],
)
def test_personal_data_is_found_where_it_stands(text: str, kind: str) -> None:
    found = {item.kind: item for item in personal.find(text)}
    assert kind in found
    assert text[found[kind].start : found[kind].end].strip() == text[found[kind].start : found[kind].end]


@pytest.mark.parametrize(
    "text",
    [
        "call 116 111",
        "call 112 now",
        "0800 111 0 333 is free",
        "order 448120991 arrives",
        "on 24.12.2026 at 18:30",
        "score 120 000 000",
        "we won 3:2",
        "@someone look",
        "level 07",
    ],
)
def test_help_dates_and_scores_are_not_personal(text: str) -> None:
    assert personal.find(text) == []
