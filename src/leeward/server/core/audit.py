"""The audit chain. `record` is called by actions inside their transaction; `verify` proves that nothing was changed."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import connection, transaction

from leeward.server.core import clock
from leeward.server.core.models import AuditEntry

GENESIS = "0" * 64


def _digest(entry: AuditEntry) -> str:
    fields = [entry.previous, entry.at.isoformat(), entry.actor, entry.action, entry.subject, entry.data]
    return hashlib.sha256(json.dumps(fields, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def record(actor: str, action: str, subject: str, **data: Any) -> AuditEntry:
    """Adds a link. Must run in the transaction of what it records. `data` holds no text of a person and no secret."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("audit.record belongs into the transaction of what it records.")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(7153)")  # one link after the other
    last = AuditEntry.objects.order_by("-id").values_list("hash", flat=True).first()
    entry = AuditEntry(at=clock.now(), actor=actor, action=action, subject=subject, data=data, previous=last or GENESIS)
    entry.hash = _digest(entry)
    entry.save(force_insert=True)
    return entry


def verify() -> tuple[int, int | None]:
    """(links checked, id of the first link that does not hold or None)."""
    previous, count = GENESIS, 0
    for entry in AuditEntry.objects.order_by("id").iterator():
        count += 1
        if entry.previous != previous or entry.hash != _digest(entry):
            return count, entry.id
        previous = entry.hash
    return count, None


def head() -> str:
    """Hash of the last link: published elsewhere, it proves that the chain was not cut off."""
    return AuditEntry.objects.order_by("-id").values_list("hash", flat=True).first() or GENESIS
