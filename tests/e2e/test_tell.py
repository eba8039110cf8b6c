"""A child on a phone, a moderator with a keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from leeward.server.desk import actions
from leeward.server.people.actions import set_webhook
from leeward.server.reports import rules
from leeward.server.reports.models import Case
from tests.conftest import signed_in, staff_member
from tests.e2e.pages import no_barriers
from tests.server.desk import case as desk
from tests.server.reports import tell as told

pytestmark = pytest.mark.django_db(transaction=True)


def tell(page: Any, check: Any = lambda page: None, where: str = "I am not sure") -> str:
    """Tells of an app or game, with a look at every page; returns the code."""
    page.goto("/tell/")
    for name in ("Yes, I am safe", "Me", "10, 11 or 12", "Somebody is mean, or leaves me out"):
        check(page)
        page.get_by_role("button", name=name, exact=True).click()
    check(page)
    page.get_by_label("App or game").select_option(label=where)
    page.get_by_label("What is that person called there?").fill("Meanie77")
    page.get_by_role("button", name="Next").click()
    check(page)
    page.get_by_role("button", name="Next").click()
    check(page)
    page.get_by_role("button", name="Yes, I will look here").click()
    check(page)
    page.get_by_role("button", name="Send it").click()
    check(page)
    return str(page.locator("#receipt").inner_text())


def look(page: Any, code: str) -> None:
    page.goto("/answer/")
    page.get_by_label("What is your code?").fill(code)
    page.get_by_role("button", name="Look").click()


def test_no_page_of_the_child_has_barriers(page: Any) -> None:
    code = tell(page, no_barriers)
    page.goto("/answer/")
    no_barriers(page)
    look(page, code)
    no_barriers(page)
    for where in ("/tell/help/", "/tell/adult/", "/tell/flagger/"):
        page.goto(where)
        no_barriers(page)
    page.goto("/tell/adult/")
    page.get_by_label("Name of the account").fill("Meanie77")
    page.get_by_label("What is it?").select_option("contact.grooming")
    page.get_by_label("Why do you think").fill("Writes to children.")
    page.get_by_label("I believe in good faith").check()
    page.get_by_role("button", name="Send it").click()
    page.get_by_role("heading", name="Thank you. We got it.").wait_for()
    no_barriers(page)


def test_no_page_of_a_small_child_in_danger_has_barriers(page: Any) -> None:
    page.goto("/tell/")
    page.get_by_label("Your country").select_option("DE")
    page.get_by_role("button", name="No, I need help now").click()
    no_barriers(page)
    page.goto("/tell/about/")
    for name in ("A friend", "9 or younger"):
        page.get_by_role("button", name=name).click()
    no_barriers(page)
    page.get_by_role("button", name="I am not sure").click()
    no_barriers(page)
    for _ in ("where", "more"):
        page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Yes, by e-mail").click()
    page.get_by_text("Please write your e-mail address.").wait_for()
    no_barriers(page)
    page.get_by_role("button", name="I am not sure").click()
    page.get_by_role("button", name="Send it").click()
    no_barriers(page)


def test_without_javascript_it_takes_few_taps(browser: Any, live_server: Any) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    taps = []
    page.on("request", lambda request: taps.append(request.url) if request.is_navigation_request() and request.method == "POST" else None)
    code = tell(page)
    assert len(taps) == 8 and rules.read_receipt(code)
    page.go_back()
    page.reload()
    assert Case.objects.count() == 1
    look(page, code)
    page.get_by_text("We got what you told us.").first.wait_for()
    context.close()


def test_the_code_of_the_picture_fills_the_field(page: Any) -> None:
    page.goto("/answer/#1234567890123456")
    assert page.get_by_label("What is your code?").input_value() == "1234 5678 9012 3456"
    assert page.url.endswith("/answer/")


@pytest.mark.parametrize("page", [320], indirect=True)
def test_six_keys_and_a_child_reads_the_answer(
    page: Any, browser: Any, live_server: Any, service: Any, moderator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SAMPLE", 10**9)
    set_webhook(service, "https://pebble.example/hook", "test")
    code = tell(page, where=str(service.name))
    desk = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=live_server.url)
    desk.add_cookies([{"name": "lw_session", "value": session_of(moderator), "url": live_server.url}])
    worker = desk.new_page()
    worker.goto("/desk/")
    no_barriers(worker)
    worker.keyboard.press("j")
    worker.keyboard.press("Enter")
    worker.wait_for_url("**/desk/case/**")
    no_barriers(worker)
    worker.keyboard.press("t")
    worker.locator("#decide").wait_for()
    no_barriers(worker)
    for key in ("a", "r", "s"):
        worker.keyboard.press(key)
    worker.wait_for_url("**/desk/")
    for where in ("/desk/practice/", "/desk/referrals/", "/desk/?view=decided", "/staff/demo/"):
        worker.goto(where)
        no_barriers(worker)
    desk.close()
    look(page, code)
    page.get_by_text("You were right to tell us.").wait_for()
    no_barriers(page)
    page.get_by_text("Ask again").first.click()
    page.get_by_role("button", name="Ask again").click()
    page.get_by_role("heading", name="A new person will look at it again.").wait_for()
    no_barriers(page)


def session_of(staff: Any) -> str:
    """A session in which a member of staff is signed in."""
    return str(signed_in(staff).cookies["lw_session"].value)


def waiting_cases(lead: Any, moderator: Any) -> tuple[Case, Case]:
    """One whose outcome waits for its second reading, with a picture; one that was asked about again."""
    child = Client()
    told.tell(child, where={"username": "one"}, more={"text": "see", "pictures": told.png()})
    code = told.tell(Client(), where={"username": "two"})
    read_twice, asked_again = Case.objects.exclude(state="with_authority").order_by("opened_at")
    desk.decide(signed_in(moderator), read_twice, on_account="DECISION_ACCOUNT_TERMINATED")
    desk.decide(signed_in(moderator), asked_again, on_account="")
    told.look(child, code)
    child.post("/answer/again/", {"why": "It is still there."})
    actions.take(read_twice, lead)
    actions.take(asked_again, lead)
    return read_twice, asked_again


def test_no_page_of_the_staff_has_barriers(
    page: Any, live_server: Any, moderator: Any, lead: Any, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "SAMPLE", 10**9)
    tell(page)
    case = actions.take(Case.objects.get(), lead)
    partner = actions.create_partner(lead, "Example Hotline", "hotline", "DE", "download", "", "")
    actions.refer(case, lead, partner, "See the report.")
    engineer = staff_member(service, "engineer", "engineer")
    read_twice, asked_again = waiting_cases(lead, moderator)
    cases = tuple(f"/desk/case/{found.pk}/" for found in (case, read_twice, asked_again))
    for staff, addresses in (
        (lead, ("/desk/", "/desk/?view=second", *cases, "/desk/referrals/", "/desk/partners/", "/desk/practice/")),
        (engineer, ("/staff/", "/staff/keys/", "/staff/webhooks/")),
    ):
        page.context.add_cookies([{"name": "lw_session", "value": session_of(staff), "url": live_server.url}])
        for where in addresses:
            page.goto(where)
            no_barriers(page)
