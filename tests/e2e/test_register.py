"""A journalist, an evaluator, an editor and the youth panel in a real browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.pages import no_barriers

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = (
    "", "commitments/", "commitments/harbour-kitewire-1/", "members/kitewire/", "compare/", "evaluations/first-independent-evaluation/",
    "rounds/third-half/", "meetings/3/", "pledges/", "news/", "timeline/", "purpose/", "search/?q=report", "apply/",
)  # fmt: skip
DESK = ("", "commitments/harbour-kitewire-1/", "members/", "compare/", "observations/", "?on=2026-01-01")
OFFICE = (("Sanne", "round"), ("Paul", "commitment"), ("Edda", "evaluation"), ("Yuna", ""))


@pytest.fixture
def alliances(db: None) -> None:
    from leeward.server.people import actions
    from leeward.server.register import access, archive, demo

    access.forget_rows()
    archive.load("test")
    demo.load(actions.create_service("Pebble Games", "Pebble Chat", "10-12", "test"), "http://127.0.0.1:8000")


def sign_in(page: Any, live_server: Any, name: str) -> None:
    page.goto("/staff/demo/")
    page.get_by_role("button", name=name).click()
    page.get_by_role("heading", name="Office").wait_for()


def test_no_page_of_the_register_has_barriers(page: Any, alliances: None, live_server: Any) -> None:
    """Every kind of page on a phone; what is wide at a desk."""
    is_phone = page.viewport_size["width"] < 400
    for where in PHONE if is_phone else DESK:
        page.goto(f"/register/harbour/{where}")
        no_barriers(page)
    for where in ("/register/", "/register/better-protect-minors-online/"):
        page.goto(where)
        no_barriers(page)
    for name, task in OFFICE if is_phone else OFFICE[1:2]:
        page.context.clear_cookies()
        sign_in(page, live_server, name)
        no_barriers(page)
        if task:
            page.goto(f"/register/office/harbour/{task}/")
            no_barriers(page)


def test_from_a_vague_promise_to_one_that_can_be_checked(page: Any, alliances: None, live_server: Any) -> None:
    """The assistant answers while an editor writes; the secretariat publishes; the overview counts one more."""
    page.goto("/register/harbour/")
    before = int(page.locator(".figures b").first.inner_text())
    sign_in(page, live_server, "Paul")
    page.get_by_role("link", name="New commitment").click()
    page.get_by_label("Title").fill("Quiet nights")
    page.get_by_label("What you promise").fill("We strive to support everybody.")
    page.get_by_text("There is no number").wait_for()
    page.get_by_text("These words promise nothing that can be checked").wait_for()
    page.get_by_label("What you promise").fill(
        "By 2027 no notification reaches a user under 13 between 9 pm and 7 am, in all EU countries."
    )
    page.get_by_text("There is no number").wait_for(state="detached")
    page.get_by_label("2. Accessible, robust tools").check()
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("link", name=re.compile("Hand it in.*Quiet nights")).click()
    page.get_by_role("button", name="Hand it in").click()
    page.context.clear_cookies()
    sign_in(page, live_server, "Sanne")
    page.get_by_role("link", name=re.compile("Publish.*Quiet nights")).click()
    page.get_by_role("button", name="Publish").click()
    page.goto("/register/harbour/")
    assert int(page.locator(".figures b").first.inner_text()) == before + 1
