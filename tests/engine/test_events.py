import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.engine import events
from leeward.engine.events import MAX_TEXT, InvalidEventError


def test_text_and_age_are_enough() -> None:
    event = events.parse('{"text": "hi", "audience": {"age_band": "10-12"}}')
    assert (event.kind, event.surface, event.relationship, event.actor.age_band) == ("message", "dm", "unknown", "unknown")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"text": "hi", "colour": 1}', "unknown field `colour`"),
        ('{"text": "hi", "audience": {"age_band": "11"}}', "audience.age_band"),
        ('{"text": "hi", "surface": "chat"}', "give one of dm, group, public, livestream, game"),
        ('{"text": 5}', "$.text"),
        ("{}", "give `text`, `links` or `media`"),
        ("nonsense", "Not JSON"),
        ('{"text": "hi", "at": "2026-11-23T18:00:00"}', "no time zone"),
        (b'{"text": "\xff"}', "Not JSON"),
        (msgspec.json.encode({"text": "a" * (MAX_TEXT + 1)}), "the limit is 20000"),
    ],
)
def test_a_wrong_event_names_its_field(body: str | bytes, says: str) -> None:
    with pytest.raises(InvalidEventError, match=r"(?s).*") as caught:
        events.parse(body)
    assert says in str(caught.value)


def test_a_contact_request_needs_no_text() -> None:
    assert events.from_dict({"kind": "contact_request"}).text == ""


@given(
    st.text(min_size=1, max_size=200).filter(lambda text: max(text) < "\ud800" or min(text) > "\udfff"),
    st.datetimes(timezones=st.just(dt.UTC)),
)
def test_an_event_survives_json(text: str, at: dt.datetime) -> None:
    event = events.Event(text=text, at=at)
    assert events.parse(msgspec.json.encode(event)) == event


def test_the_schemas_name_the_fields_of_the_api() -> None:
    schemas = events.schemas()
    assert set(schemas["components"]["Decision"]["required"]) == {
        "event", "action", "support", "scores", "evidence", "factors", "reasons", "help", "shadow", "policy", "models",
    }  # fmt: skip
