"""Idempotency-Key: the same key and request gets the same answer for 24 hours; the same key with another request is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse

from leeward.server.core import clock, crypto
from leeward.server.core.models import RememberedAnswer
from leeward.server.core.problems import Problem

MAX_KEY = 200
PURPOSE = "remembered answer"
"""Answers may hold what nobody else should read, such as a receipt."""


def once(request: HttpRequest, key_id: str, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answers a request once. Without an Idempotency-Key it simply answers.

    Errors are not remembered: they may be mended and sent again.
    """
    name = request.headers.get("Idempotency-Key", "")
    if not name:
        return answer()
    if len(name) > MAX_KEY:
        raise Problem("invalid_request", f"Idempotency-Key has {len(name)} characters, the limit is {MAX_KEY}.")
    key = crypto.keyed_hash("idempotency", key_id, name)
    asked = hashlib.sha256(request.get_full_path().encode() + b"\n" + request.body).digest()
    found = _remembered(key, asked)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            row = RememberedAnswer.objects.create(key=key, request=asked, status=0, body=b"", created_at=clock.now())
            response = answer()
            row.status, row.body = response.status_code, crypto.encrypt(PURPOSE, response.content)
            row.save(update_fields=["status", "body"])
            return response
    except IntegrityError:
        again = _remembered(key, asked)
        if again is None:
            raise
        return again


def _remembered(key: bytes, asked: bytes) -> HttpResponse | None:
    row = RememberedAnswer.objects.filter(key=key).first()
    if row is None:
        return None
    if bytes(row.request) != asked:
        raise Problem("idempotency_conflict")
    response = HttpResponse(crypto.decrypt(PURPOSE, bytes(row.body)), status=row.status, content_type="application/json")
    response["Idempotency-Replayed"] = "true"
    return response
