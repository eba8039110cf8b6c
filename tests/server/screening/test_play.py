"""The playground, without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest

from leeward.server.screening import play
from tests.engine.images.test_images import picture

SCENE = {"a_age": "adult", "b_age": "10-12", "account": "2", "others": "0", "relationship": "stranger", "surface": "dm", "language": "en"}
pytestmark = pytest.mark.django_db


def transcript(html: str) -> str:
    found = re.search(r'name="transcript" value="([^"]*)"', html)
    assert found
    return found.group(1).replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")


def send(client: Any, **fields: Any) -> str:
    answer = client.post("/play", {**SCENE, **fields})
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def test_the_page_opens_with_examples(client: Any) -> None:
    html = client.get("/play").content.decode()
    assert "A stranger asks" in html
    assert "No messages yet." in html


def test_a_stranger_is_caught_and_gaming_talk_passes(client: Any) -> None:
    html = send(client, example="0")
    assert re.search(r"bubble theirs (warned|waiting)", html)
    assert "contact.age_probe" in html
    html = send(client, example="1")
    assert 'class="bubble theirs plain"' in html


def test_the_conversation_goes_on_and_the_factors_grow(client: Any) -> None:
    html = send(client, send="a", text_a="hi, how old are you?")
    first = html.count('class="weight"')
    html = send(client, send="a", text_a="don't tell your mum that we talk", transcript=transcript(html))
    html = send(client, send="a", text_a="can you send me a photo of you?", transcript=transcript(html))
    assert html.count('class="weight"') > first
    assert len(play.parse(transcript(html))) == 3


def test_a_nudge_can_be_sent_anyway_or_changed(client: Any) -> None:
    scene = {"relationship": "friend", "a_age": "13-15", "b_age": "13-15"}
    message = "give me a call: +49 151 23456789"
    html = send(client, send="a", text_a=message, **{**scene, "relationship": "stranger"})
    assert "Send anyway" in html
    assert "theirs" not in html
    sent = send(client, confirm="0", transcript=transcript(html), **{**scene, "relationship": "stranger"})
    assert "theirs plain" in sent
    changed = send(client, change="0", transcript=transcript(html), **{**scene, "relationship": "stranger"})
    assert f'value="{message}"' in changed
    assert play.parse(transcript(changed)) == []


def test_a_cry_for_help_shows_help_to_the_one_who_writes(client: Any) -> None:
    html = send(client, example="3")
    mine, _, theirs = html.partition("What Kim sees")
    assert "help-card" in theirs
    assert "116 111" in theirs
    assert "help-card" not in mine


def test_a_policy_of_ones_own_is_used_or_explained(client: Any) -> None:
    html = send(client, example="0", policy="name: mine\nversion: 1\n")
    assert "your-policy.yaml:" in html and "^" in html
    default = (play.__file__, client.get("/play").context["policy_text"])[1]
    mine = re.sub(
        r"\{warn: [\d.]+\}, text: asks_private", "{block: 0.05}, text: asks_private", default.replace("name: default", "name: mine")
    )
    html = send(client, send="a", text_a="how old are you?", policy=mine)
    assert "mine@" in html
    assert "bubble mine stopped" in html


def test_a_picture_is_looked_at_and_not_kept(client: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    html = send(client, send="a", picture_a=SimpleUploadedFile("p.png", picture(), "image/png"))
    message = play.parse(transcript(html))[0]
    assert message.media[0].pdq and message.media[0].sha256
    html = send(client, send="a", picture_a=SimpleUploadedFile("p.png", b"not a picture", "image/png"))
    assert "Not a picture" in html


@pytest.mark.parametrize("bad", ["[", '[{"side":"x"}]', "5", "null", '[{"side":"a","text":"x","at":"never"}]'])
def test_a_broken_conversation_is_begun_anew(client: Any, bad: str) -> None:
    assert "No messages yet." in send(client, transcript=bad)


def test_wrong_choices_are_refused_with_words(client: Any) -> None:
    answer = client.post("/play", {**SCENE, "a_age": "seven"})
    assert answer.status_code == 422
    assert "Age" in answer.content.decode()


def test_only_the_stage_comes_back_for_the_script(client: Any) -> None:
    html = client.post("/play", {**SCENE, "example": "0"}, headers={"X-Part": "stage"}).content.decode()
    assert "<html" not in html and "phones" in html


def test_outside_the_demo_it_is_closed(client: Any, settings: Any) -> None:
    settings.DEMO = False
    assert client.get("/play").status_code == 403


def test_what_each_side_sees() -> None:
    assert play.sees("nudge", False) == ("nudged", "nothing")
    assert play.sees("nudge", True) == ("plain", "plain")
    assert {play.sees(action, False)[1] for action in ("warn", "blur", "hold", "block")} == {"warned", "covered", "waiting", "stopped"}


def test_the_playground_shows_a_guardians_rule_at_work(client: Any) -> None:
    plain = send(client, text_a="hello there", send="a")
    closed = send(client, text_a="hello there", send="a", closed="contact:stranger")
    assert "family:play" not in plain and "family:play" in closed
    assert "Strangers can lie about who they are." in closed
    assert "family:play" not in send(client, text_a="hello there", send="a", closed="content:violence")
