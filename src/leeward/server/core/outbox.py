"""The outbox: written with what causes it, sent afterwards with back-off, never lost, never marked as sent when it was not.

Webhooks follow the Standard Webhooks specification: headers webhook-id, webhook-timestamp and webhook-signature (v1, HMAC-SHA-256).
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog
from django.core.mail import EmailMessage
from django.db import connection, transaction

from leeward.server import environment
from leeward.server.core import audit, clock, crypto, ids, sending, webpush
from leeward.server.core.models import OutboxMessage
from leeward.server.core.turn import turn

log = structlog.get_logger(__name__)
PURPOSE = "outbox"
BACK_OFF = (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
"""Seconds before each further try; after the last the message is failed and stays to be seen."""
LEASE = dt.timedelta(minutes=2)
SEALED = "kept sealed"
"""What stands as the target of messages to people: their address is in the encrypted body alone."""


def webhook(url: str, secret: str, kind: str, data: dict[str, Any]) -> OutboxMessage:
    """Puts a signed webhook into the outbox."""
    payload = msgspec.json.encode({"type": kind, "timestamp": clock.now().isoformat(), "data": data})
    return put(OutboxMessage.Channel.WEBHOOK, url, {"secret": secret, "payload": payload.decode()})


def mail(to: str, subject: str, text: str, sealed: bool = False) -> OutboxMessage:
    """Puts a mail into the outbox. `sealed`: the address stands in the encrypted body alone."""
    return put(OutboxMessage.Channel.MAIL, SEALED if sealed else to, {"to": to, "subject": subject, "text": text})


def push(subscription: dict[str, Any], payload: dict[str, str]) -> OutboxMessage:
    """Puts a web push into the outbox. `subscription` is what the browser's PushManager gave (endpoint and keys)."""
    body = {"subscription": msgspec.json.encode(subscription).decode(), "payload": msgspec.json.encode(payload).decode()}
    return put(OutboxMessage.Channel.PUSH, SEALED, body)


def put(channel: OutboxMessage.Channel, target: str, body: dict[str, str]) -> OutboxMessage:
    """Puts a message of any channel into the outbox; its body is encrypted."""
    now = clock.now()
    sealed = crypto.encrypt(PURPOSE, msgspec.json.encode(body))
    return OutboxMessage.objects.create(id=ids.new("msg"), channel=channel, target=target, body=sealed, created_at=now, next_at=now)


@transaction.atomic
def send_again(message: OutboxMessage, actor: str) -> None:
    """Puts a message that failed for good on its way once more, from the first try."""
    if message.state == OutboxMessage.State.FAILED:
        message.state, message.attempts, message.next_at = OutboxMessage.State.WAITING, 0, clock.now()
        message.save(update_fields=["state", "attempts", "next_at"])
        audit.record(actor, "outbox.again", f"message:{message.pk}")


def signature(secret: str, message_id: str, timestamp: int, payload: bytes) -> str:
    """The `webhook-signature` header of a payload."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + payload, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def same_mail(message: OutboxMessage) -> dict[str, str]:
    """The Message-ID of a mail, the same at every try: stopped between sending and noting it, we send it again, and mailboxes keep one."""
    host = urlsplit(environment.get("LEEWARD_URL", "")).hostname or "localhost"
    return {"Message-ID": f"<{message.pk}@{host}>"}


def _send_mail(message: OutboxMessage, body: dict[str, str]) -> None:
    EmailMessage(body["subject"], body["text"], to=[body["to"]], headers=same_mail(message)).send()


def _send_push(message: OutboxMessage, body: dict[str, str]) -> None:
    webpush.send(body["subscription"], body["payload"])


def _send_webhook(message: OutboxMessage, body: dict[str, str]) -> None:
    payload, timestamp = body["payload"].encode(), int(clock.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(body["secret"], message.id, timestamp, payload),
    }
    sending.post(message.target, content=payload, headers=headers).raise_for_status()


SENDERS: dict[str, Callable[[OutboxMessage, dict[str, str]], None]] = {
    OutboxMessage.Channel.MAIL: _send_mail, OutboxMessage.Channel.PUSH: _send_push, OutboxMessage.Channel.WEBHOOK: _send_webhook,
}  # fmt: skip
"""How a channel sends; a room may add its own. A sender raises where it was not taken."""
TRIED: list[Callable[[OutboxMessage, str], None]] = []
"""Called after every try, with what went wrong ('' where it was delivered), in the transaction that notes the try."""


def _what_went_wrong(message: OutboxMessage, error: Exception) -> str:
    """Its kind and words; of a message to a person only its kind, since mail servers repeat the address."""
    return type(error).__name__ if message.target == SEALED else f"{type(error).__name__}: {error}"[:300]


def _claim() -> OutboxMessage | None:
    """Takes the next message that is due, so that no other worker sends it."""
    with turn(), transaction.atomic():
        now = clock.now()
        due = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            if connection.features.has_select_for_update_skip_locked
            else OutboxMessage.objects
        )
        message = due.filter(state__in=OutboxMessage.OPEN, next_at__lte=now).order_by("next_at").first()
        if message is not None:
            message.attempts += 1
            message.next_at = now + LEASE
            message.save(update_fields=["attempts", "next_at"])
        return message


def deliver_due(limit: int = 100) -> tuple[int, int]:
    """Sends what is due; returns (delivered, failed tries)."""
    delivered = failed = 0
    for _ in range(limit):
        message = _claim()
        if message is None:
            break
        try:
            SENDERS[message.channel](message, msgspec.json.decode(crypto.decrypt(PURPOSE, bytes(message.body))))
        except Exception as error:  # (whatever one message does wrong, the others go on; it is noted and tried again)
            failed += 1
            _note(message, _what_went_wrong(message, error))
        else:
            delivered += 1
            _note(message, "")
    return delivered, failed


def _note(message: OutboxMessage, error: str) -> None:
    """Writes down how a try ended."""
    with turn(), transaction.atomic():
        message.last_error = error
        if not error:
            message.state, message.delivered_at = OutboxMessage.State.DELIVERED, clock.now()
        elif message.attempts > len(BACK_OFF):
            message.state = OutboxMessage.State.FAILED
            log.error("outbox message failed for good", id=message.id, channel=message.channel, error=error.partition(":")[0])
        else:
            message.next_at = clock.now() + dt.timedelta(seconds=BACK_OFF[message.attempts - 1])
        message.save(update_fields=["state", "next_at", "delivered_at", "last_error"])
        for listener in TRIED:
            listener(message, error)
