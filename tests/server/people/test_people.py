"""Keys and staff: who may see and do what."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from leeward.server.core.models import AuditEntry
from leeward.server.people import actions
from leeward.server.people.models import ApiKey, Staff
from leeward.server.people.rules import split_key

pytestmark = pytest.mark.django_db


def test_a_key_is_stored_as_a_hash_only(service: Any) -> None:
    raw = actions.create_key(service, "live", ["screen"], "test")
    parts = split_key(raw)
    assert parts is not None
    row = ApiKey.objects.get()
    assert row.id == parts[0]
    assert parts[1].encode() not in bytes(row.secret_hash)
    assert parts[1] not in str(AuditEntry.objects.values_list("data", flat=True))


@pytest.mark.parametrize("scopes", [[], ["screen", "everything"]])
def test_a_key_needs_scopes_that_exist(service: Any, scopes: list[str]) -> None:
    with pytest.raises(actions.NotPossible):
        actions.create_key(service, "live", scopes, "test")


def test_a_service_needs_a_real_band() -> None:
    with pytest.raises(actions.NotPossible, match="age band"):
        actions.create_service("X", "Y", "unknown", "test")


@pytest.mark.parametrize("url", ["http://chat.example/hook", "ftp://x", "javascript:alert(1)"])
def test_a_webhook_needs_https(service: Any, url: str) -> None:
    with pytest.raises(actions.NotPossible, match="https"):
        actions.set_webhook(service, url, "test")


def test_an_engineer_makes_sees_and_revokes_keys(engineer: Client, service: Any) -> None:
    page = engineer.post("/staff/keys/", {"service": service.pk, "name": "live", "scopes": ["screen"], "days": ""})
    key = ApiKey.objects.get()
    assert f"lw_{key.id}_" in page.content.decode()
    again = engineer.get("/staff/keys/").content.decode()
    assert f"lw_{key.id}_…" in again
    engineer.post(f"/staff/keys/{key.id}/revoke/")
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert set(AuditEntry.objects.values_list("action", flat=True)) >= {"key.create", "key.revoke"}


def test_keys_of_another_organisation_do_not_exist(engineer: Client) -> None:
    other = actions.create_service("Other", "Other Chat", "13-15", "test")
    actions.create_key(other, "theirs", ["screen"], "test")
    key = ApiKey.objects.get()
    assert "theirs" not in engineer.get("/staff/keys/").content.decode()
    assert engineer.post(f"/staff/keys/{key.id}/revoke/").status_code == 404
    assert engineer.post("/staff/keys/", {"service": other.pk, "name": "x", "scopes": ["screen"]}).status_code == 200
    assert ApiKey.objects.count() == 1


def test_a_moderator_sees_no_keys(client: Client, service: Any) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    staff = actions.create_staff("mod@pebble.example", "a long enough password", service.organisation, Staff.Role.MODERATOR, "test")
    TOTP.activate(staff.user, generate_totp_secret())
    client.force_login(staff.user)
    assert client.get("/staff/").status_code == 200
    assert "API keys" not in client.get("/staff/").content.decode()
    assert client.get("/staff/keys/").status_code == 403


def test_without_a_second_factor_nothing_opens(client: Client, service: Any) -> None:
    staff = actions.create_staff("new@pebble.example", "a long enough password", service.organisation, "admin", "test")
    client.force_login(staff.user)
    answer = client.get("/staff/")
    assert answer.status_code == 302
    assert "totp" in answer["Location"]


def test_strangers_are_sent_to_the_door_and_cannot_sign_up(client: Client) -> None:
    assert client.get("/staff/").status_code == 302
    assert client.get("/staff/keys/").status_code == 302
    page = client.post(
        "/accounts/signup/", {"email": "x@y.example", "password1": "a long enough password", "password2": "a long enough password"}
    )
    assert page.status_code == 200
    assert not Staff.objects.exists()


def test_the_same_address_is_staff_once(service: Any) -> None:
    actions.create_staff("a@b.example", "a long enough password", service.organisation, "admin", "test")
    with pytest.raises(actions.NotPossible, match="already"):
        actions.create_staff("A@B.example", "a long enough password", service.organisation, "admin", "test")
    with pytest.raises(actions.NotPossible, match="role"):
        actions.create_staff("c@b.example", "a long enough password", service.organisation, "king", "test")


def test_an_engineer_sees_every_delivery_and_sends_again(engineer: Any, service: Any, moderator: Any) -> None:
    from leeward.server.core import outbox
    from leeward.server.core.models import OutboxMessage
    from tests.conftest import signed_in

    assert "https://" in engineer.post("/staff/webhooks/", {"service": service.pk, "url": "ftp://x"}).content.decode()
    page = engineer.post("/staff/webhooks/", {"service": service.pk, "url": "https://pebble.example/hook"}).content.decode()
    assert "whsec_" in page
    message = outbox.webhook("https://pebble.example/hook", "whsec_x", "report.decided", {"report": "r"})
    OutboxMessage.objects.update(state="failed", attempts=11, last_error="ConnectError: refused")
    page = engineer.get("/staff/webhooks/").content.decode()
    assert "report.decided" in page and "refused" in page and "whsec_" not in page
    engineer.post(f"/staff/webhooks/{message.pk}/again/")
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("waiting", 0)
    stranger = signed_in(moderator)
    assert stranger.get("/staff/webhooks/").status_code == 403
    assert stranger.post(f"/staff/webhooks/{message.pk}/again/").status_code == 403
