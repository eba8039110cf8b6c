"""The playground as a newcomer meets it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.pages import no_barriers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_barriers(page: Any, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    for where in ("/", "/play", "/accounts/login/"):
        page.goto(where)
        no_barriers(page)


def test_a_stranger_is_caught_and_play_passes(page: Any) -> None:
    page.goto("/play")
    page.get_by_label("Message from Robin").fill("how old r u? dont tell ur mum, add me on sn4p")
    page.keyboard.press("Enter")
    theirs = page.locator(".phone.b .bubble.theirs")
    theirs.wait_for()
    assert "warned" in theirs.get_attribute("class") or "waiting" in theirs.get_attribute("class")
    assert page.locator(".factors li").count() >= 3
    page.get_by_label("Message from Kim").fill("gg u killed me lol")
    page.keyboard.press("Enter")
    page.locator(".phone.a .bubble.theirs.plain").wait_for()
    no_barriers(page)


def test_a_nudge_is_sent_anyway(page: Any) -> None:
    page.goto("/play")
    page.get_by_label("Message from Kim").fill("call me: +49 151 23456789")
    page.locator(".phone.b button[name=send]").click()
    page.get_by_role("button", name="Send anyway").click()
    page.locator(".phone.a .bubble.theirs").wait_for()
    no_barriers(page)


def test_changing_the_age_changes_the_past(page: Any) -> None:
    page.goto("/play")
    page.get_by_role("button", name="A stranger asks").click()
    page.locator(".factors li").first.wait_for()
    page.locator("select[name=b_age]").select_option("adult")
    page.locator(".phone.b .bubble.theirs.plain").wait_for()


def test_quick_exit_leaves_nothing_behind(page: Any) -> None:
    page.route("https://www.wikipedia.org/**", lambda route: route.fulfill(body="elsewhere"))
    page.goto("/play")
    page.get_by_role("link", name="Leave this page").click()
    page.wait_for_url("https://www.wikipedia.org/")
    assert page.evaluate("history.length") <= 2
