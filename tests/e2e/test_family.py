"""Two people at once: a child in its browser, a guardian in theirs, and the service's call."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest
from django.core import mail

from leeward.server.core import outbox
from tests.e2e.pages import no_barriers

pytestmark = pytest.mark.django_db(transaction=True)


def call(server: str, key: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{server}/v1{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return dict(json.loads(answer.read()))


def test_linked_in_a_minute_one_tap_and_a_wish(page: Any, browser: Any, live_server: Any, service: Any) -> None:
    from leeward.server.people import actions, auth

    auth.forget_keys()
    key = actions.create_key(service, "family", ["family"], "test")
    server = live_server.url
    url = call(server, key, "/people/kid/portal", {"age_band": "10-12", "zone": "Europe/Berlin"})["url"]
    page.goto(server + "/" + url.split("/", 3)[3])
    no_barriers(page)
    page.get_by_role("button", name="Go in").click()
    no_barriers(page)
    page.get_by_role("button", name="Link a grown-up").click()
    code = page.locator(".code").inner_text()
    no_barriers(page)

    theirs = browser.new_context(viewport=page.viewport_size, base_url=server).new_page()
    theirs.goto("/family/")
    no_barriers(theirs)
    theirs.get_by_label("Your e-mail address").fill("parent@example.org")
    theirs.get_by_role("button", name="Send me a code").click()
    outbox.deliver_due()
    digits = re.search(r"(\d{3} \d{3})", mail.outbox[-1].body)
    assert digits
    no_barriers(theirs)
    theirs.get_by_label("The six digits that we sent you").fill(digits.group(1))
    theirs.get_by_role("button", name="Sign in").click()
    theirs.get_by_role("link", name="Link a child").click()
    no_barriers(theirs)
    theirs.get_by_label("The code of your child").fill(code)
    theirs.get_by_role("button", name="Link", exact=True).click()

    page.goto("/my/")
    page.get_by_label("What do you call this person?").fill("Mum")
    no_barriers(page)
    page.get_by_role("button", name="Yes, that is right").click()

    theirs.goto("/family/")
    no_barriers(theirs)
    theirs.get_by_role("link", name="Choose what is right for the age").click()
    no_barriers(theirs)
    theirs.get_by_role("button", name="Take the rules for 10-12").click()
    theirs.get_by_text("The rules for 10-12 hold.").wait_for()
    verdict = call(server, key, "/family/decide", {"ref": "kid", "subject": "time", "used": 400})
    assert verdict["effect"] == "deny"

    page.goto("/my/")
    page.get_by_label("Why?", exact=True).fill("one more round with Sam")
    page.get_by_role("button", name="Ask", exact=True).click()
    no_barriers(page)
    theirs.reload()
    theirs.get_by_text("one more round with Sam").wait_for()
    no_barriers(theirs)
    theirs.get_by_role("button", name="Yes", exact=True).click()
    theirs.get_by_text("Done. Your child can see it.").wait_for()
    theirs.get_by_role("link", name="Print your family agreement").click()
    no_barriers(theirs)
    page.goto("/my/")
    assert page.locator(".tag.good").count() == 1
    theirs.context.close()
    auth.forget_keys()
