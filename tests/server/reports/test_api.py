"""Reports that a service files for its users."""

from __future__ import annotations

import datetime as dt
import hmac
import json
from typing import Any

import httpx
import pytest
import time_machine
from django.test import Client

from leeward.server.core import indicators, outbox, sending
from leeward.server.core.models import OutboxMessage
from leeward.server.reports.models import Report
from tests.server.reports.tell import look, tell

pytestmark = pytest.mark.django_db
NEW: dict[str, Any] = {
    "reporter": {"ref": "kid", "age_band": "10-12", "country": "DE", "language": "en"}, "about": "me", "harm": "conduct.bullying",
    "target": "meanie", "events": ["e1", "e2"], "text": "they laugh at me", "no_guardian": True,
}  # fmt: skip


def test_a_report_is_filed_and_found(api: Any) -> None:
    filed = api.post("/reports", NEW)
    assert filed.status_code == 201
    body = filed.json()
    assert body["says"].startswith("We got what you told us") and body["help"][0]["phone"]
    assert api.get(f"/reports/{body['report']}").json()["state"] == "received"
    assert "We got what you told us." in look(Client(), body["receipt"])


def test_the_same_request_again_is_the_same_report(api: Any) -> None:
    first, second = (api.post("/reports", NEW, **{"Idempotency-Key": "k1"}).json() for _ in range(2))
    assert first == second and Report.objects.count() == 1
    api.post("/reports", NEW)
    assert Report.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"harm": "evil"}, "glossary"),
        ({"reporter": {"ref": ""}}, "ref"),
        ({"text": "a" * 5001}, "text"),
        ({"colour": 1}, "colour"),
        ({"events": ["x"] * 51}, "events"),
    ],
)
def test_bad_reports_are_refused_by_field(api: Any, change: dict[str, Any], says: str) -> None:
    answer = api.post("/reports", NEW | change)
    assert answer.status_code == 422 and says in answer.json()["detail"]
    assert not Report.objects.exists()


def test_another_service_sees_nothing(api: Any, client: Client) -> None:
    from leeward.server.people import actions

    report = api.post("/reports", NEW).json()["report"]
    elsewhere = actions.create_service("Other Games", "Other Chat", "13-15", "test")
    key = actions.create_key(elsewhere, "x", ["report", "screen"], "test")
    head = {"Authorization": f"Bearer {key}"}
    assert client.get(f"/v1/reports/{report}", headers=head).status_code == 404
    assert client.get("/v1/people/kid/data", headers=head).json()["reports"] == []
    weak = actions.create_key(elsewhere, "x", ["screen"], "test")
    assert client.post("/v1/reports", NEW, content_type="application/json", headers={"Authorization": f"Bearer {weak}"}).status_code == 403


def test_a_receiver_that_is_down_for_a_day_gets_everything_signed_once(api: Any, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from leeward.server.people import actions

    secret = actions.set_webhook(service, "https://pebble.example/hook", "test")
    up, got = False, []

    def post(url: str, content: bytes, headers: dict[str, str], **_: Any) -> httpx.Response:
        request = httpx.Request("POST", url)
        if not up:
            raise httpx.ConnectError("refused", request=request)
        got.append((headers, content))
        return httpx.Response(204, request=request)

    monkeypatch.setattr(sending, "post", post)
    start = dt.datetime.now(dt.UTC)
    api.post("/reports", NEW)
    for minutes in (1, 5, 20, 60, 180, 600, 1439):
        with time_machine.travel(start + dt.timedelta(minutes=minutes), tick=False):
            assert outbox.deliver_due()[0] == 0
    up = True
    with time_machine.travel(start + dt.timedelta(hours=40), tick=False):
        assert outbox.deliver_due()[0] == 1 and outbox.deliver_due() == (0, 0)
    assert len(got) == 1
    headers, content = got[0]
    expected = outbox.signature(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), content)
    assert hmac.compare_digest(headers["webhook-signature"], expected)
    data = json.loads(content)
    assert data["type"] == "report.received" and data["data"]["reporter"] == "kid" and data["data"]["tell_guardian"] is False
    assert "laugh" not in content.decode()


def test_a_mail_server_that_refuses_is_tried_again(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.server.reports.test_api.Refusing"
    tell(Client(), answer={"choice": "mail", "mail": "kid@example.org"})
    from django.db import transaction

    from leeward.server.reports import actions
    from leeward.server.reports.models import Case, Step

    with transaction.atomic():
        actions.step(Case.objects.get(), Step.Kind.TAKEN, "staff:1", state="being_read", say="being_read")
    assert outbox.deliver_due() == (0, 1)
    message = OutboxMessage.objects.get()
    assert message.state == OutboxMessage.State.WAITING and message.last_error == "SMTPRecipientsRefused" and "kid" not in message.target
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    OutboxMessage.objects.update(next_at="2020-01-01T00:00:00Z")
    assert outbox.deliver_due() == (1, 0)


class Refusing:
    """A mail server that refuses."""

    def __init__(self, **_: Any) -> None:
        pass

    def send_messages(self, _: Any) -> int:
        import smtplib

        raise smtplib.SMTPRecipientsRefused({"kid@example.org": (550, b"refused")})


def test_a_persons_data_is_given_and_erased(api: Any, service: Any) -> None:
    from leeward.server.reports.models import Case

    api.post("/reports", NEW)
    found = api.get("/people/kid/data").json()["reports"]
    assert found[0]["told"]["text"] == "they laugh at me"
    assert api.delete("/people/kid/data").json()["erased"] == 0  # still open
    Case.objects.update(state="no_action")
    assert api.delete("/people/kid/data").json()["erased"] == 1
    assert api.get("/people/kid/data").json()["reports"] == []


def test_the_wish_that_no_parent_learns_of_it_can_be_asked(api: Any, service: Any) -> None:
    from leeward.server.reports import access

    api.post("/reports", NEW)
    assert access.hidden_from_guardian(service.pk, "kid") and not access.hidden_from_guardian(service.pk, "other")


def test_indicators_count_and_suppress(api: Any, service: Any) -> None:
    now = dt.datetime.now(dt.UTC)
    period = indicators.Period(now - dt.timedelta(days=1), now + dt.timedelta(days=1))
    for number in range(6):
        api.post("/reports", NEW | {"target": f"t{number}"})
    api.post("/reports", NEW | {"harm": "conduct.hate", "target": "h"})
    found = {item.by["harm"]: item for item in indicators.REGISTRY["reports.received"].measure(service.pk, period)}
    assert found["conduct.bullying"].value == 6 and found["conduct.hate"].suppressed and found["conduct.hate"].value is None
    for code in ("reports.hours_to_answer", "reports.answered", "reports.came_back", "reports.helped", "reports.late", "reports.appeals",
                 "desk.referrals_delivered", "desk.golden_agreement", "desk.read_twice"):  # fmt: skip
        assert isinstance(indicators.REGISTRY[code].measure(service.pk, period), list), code
