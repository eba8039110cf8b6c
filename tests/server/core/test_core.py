"""Audit chain, crypto, ids, outbox, retention."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from io import StringIO
from typing import Any

import httpx
import pytest
import time_machine
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from leeward.server.core import audit, clock, crypto, ids, outbox, retention, sending
from leeward.server.core.models import AuditEntry, OutboxMessage, RememberedAnswer


@pytest.fixture
def chain(db: None) -> list[AuditEntry]:
    with transaction.atomic():
        return [audit.record("test", "thing.done", f"thing:{number}", count=number) for number in range(4)]


def test_an_untouched_chain_holds(chain: list[AuditEntry]) -> None:
    assert audit.verify() == (4, None)
    out = StringIO()
    call_command("audit", stdout=out)
    assert chain[-1].hash in out.getvalue()


@pytest.mark.parametrize("change", [{"action": "other"}, {"data": {"count": 9}}, {"subject": "thing:x"}, {"previous": "0" * 64}])
def test_a_changed_link_breaks_the_chain(chain: list[AuditEntry], change: dict[str, Any]) -> None:
    AuditEntry.objects.filter(pk=chain[2].pk).update(**change)
    assert audit.verify()[1] == chain[2].pk
    with pytest.raises(CommandError, match="does not hold"):
        call_command("audit")


def test_a_missing_link_breaks_the_chain(chain: list[AuditEntry]) -> None:
    chain[1].delete()
    assert audit.verify()[1] == chain[2].pk


@pytest.mark.django_db(transaction=True)
def test_audit_belongs_into_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        audit.record("test", "x", "y")


@given(st.binary(max_size=200))
def test_what_is_encrypted_comes_back(data: bytes) -> None:
    assert crypto.decrypt("a", crypto.encrypt("a", data)) == data


def test_another_purpose_or_a_change_cannot_be_read() -> None:
    sealed = crypto.encrypt("a", b"secret")
    for purpose, token in (("b", sealed), ("a", sealed[:-2] + b"xx")):
        with pytest.raises(crypto.DecryptionError, match="LEEWARD_SECRET_KEY"):
            crypto.decrypt(purpose, token)


def test_parts_of_a_keyed_hash_cannot_run_into_each_other() -> None:
    assert crypto.keyed_hash("p", "ab", "c") != crypto.keyed_hash("p", "a", "bc")


def test_ids_sort_by_time_and_do_not_repeat() -> None:
    made = [ids.new("x") for _ in range(500)]
    assert len(set(made)) == 500
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
        early = ids.new("x")
    assert early < made[0]


class Receiver:
    """A webhook receiver that fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.requests = failures, []  # type: ignore[var-annotated]

    def post(self, url: str, **options: Any) -> httpx.Response:
        self.requests.append((url, options))
        status = 503 if len(self.requests) <= self.failures else 200
        return httpx.Response(status, request=httpx.Request("POST", url))


SECRET = "whsec_" + base64.b64encode(b"k" * 24).decode()


@pytest.mark.django_db
def test_a_webhook_is_signed_and_sent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = Receiver()
    monkeypatch.setattr(sending, "post", receiver.post)
    message = outbox.webhook("https://chat.example/hook", SECRET, "decision.hold", {"event": "e1"})
    assert outbox.deliver_due() == (1, 0)
    assert outbox.deliver_due() == (0, 0)
    ((_url, options),) = receiver.requests
    head, payload = options["headers"], options["content"]
    signed = f"{message.id}.{head['webhook-timestamp']}.".encode() + payload
    expected = base64.b64encode(hmac.new(b"k" * 24, signed, hashlib.sha256).digest()).decode()
    assert head["webhook-signature"] == f"v1,{expected}"
    assert json.loads(payload)["type"] == "decision.hold"
    assert OutboxMessage.objects.get().state == OutboxMessage.State.DELIVERED


@pytest.mark.django_db
def test_a_receiver_that_is_down_for_a_day_gets_it_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = Receiver(failures=8)
    monkeypatch.setattr(sending, "post", receiver.post)
    with time_machine.travel("2026-11-25T08:00:00Z", tick=False) as clock:
        outbox.webhook("https://chat.example/hook", SECRET, "x", {})
        for _ in range(40):
            outbox.deliver_due()
            clock.shift(dt.timedelta(hours=1))
    message = OutboxMessage.objects.get()
    assert message.state == OutboxMessage.State.DELIVERED
    assert message.attempts == 9
    assert message.last_error == ""


@pytest.mark.django_db
def test_what_fails_for_good_is_failed_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "post", Receiver(failures=99).post)
    with time_machine.travel("2026-11-25T08:00:00Z", tick=False) as clock:
        outbox.webhook("https://chat.example/hook", SECRET, "x", {})
        for _ in range(60):
            outbox.deliver_due()
            clock.shift(dt.timedelta(days=1))
        retention.apply()
    message = OutboxMessage.objects.get()
    assert message.state == OutboxMessage.State.FAILED
    assert "503" in message.last_error


@pytest.mark.django_db
def test_a_worker_that_died_while_sending_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "post", Receiver().post)
    with time_machine.travel("2026-11-25T08:00:00Z", tick=False) as clock:
        outbox.webhook("https://chat.example/hook", SECRET, "x", {})
        assert outbox._claim() is not None  # claimed, then the process is killed
        assert outbox.deliver_due() == (0, 0)
        clock.shift(dt.timedelta(minutes=3))
        assert outbox.deliver_due() == (1, 0)


@pytest.mark.django_db
def test_mail_goes_out() -> None:
    outbox.mail("a@b.example", "Hello", "Text")
    call_command("work", "--once", stdout=StringIO())
    assert mail.outbox[0].subject == "Hello"


@pytest.mark.django_db
def test_a_mail_that_was_sent_and_not_noted_comes_again_as_the_same_one() -> None:
    message = outbox.mail("a@b.example", "Hello", "Text")
    outbox.deliver_due()
    OutboxMessage.objects.update(state=OutboxMessage.State.WAITING, next_at="2020-01-01T00:00:00Z")  # killed before it was noted
    outbox.deliver_due()
    first, again = (sent.extra_headers["Message-ID"] for sent in mail.outbox)
    assert first == again and message.pk in first


@pytest.mark.django_db
def test_remembered_answers_are_forgotten_after_a_day() -> None:
    now = clock.now()
    for hours in (1, 25):
        RememberedAnswer.objects.create(key=bytes([hours]), request=b"", status=200, body=b"", created_at=now - dt.timedelta(hours=hours))
    out = StringIO()
    call_command("retain", stdout=out)
    assert [bytes(row.key) for row in RememberedAnswer.objects.all()] == [b"\x01"]
    assert "core.RememberedAnswer: 1 deleted" in out.getvalue()


@pytest.mark.django_db
def test_health_and_readiness(client: Any) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert b"leeward_decisions" in client.get("/metrics").content
