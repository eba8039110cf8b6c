"""What every room leans on: the audit chain, the outbox, counts for rate limits, remembered answers of idempotent requests."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """One link of the chain: its hash covers the one before, so that nothing can be changed or left out unseen."""

    id: models.BigAutoField[int, int]
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120)
    data = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"


class OutboxMessage(models.Model):
    """Something that has to reach somebody outside, written in the transaction that caused it and sent afterwards, once."""

    class Channel(models.TextChoices):
        MAIL = "mail"
        WEBHOOK = "webhook"
        PUSH = "push"
        PARCEL = "parcel"
        REGISTER = "register"

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"

    OPEN = frozenset({State.WAITING})

    id = models.CharField(primary_key=True, max_length=40)
    channel = models.CharField(max_length=10, choices=Channel)
    target = models.CharField(max_length=400)
    body = models.BinaryField()  # encrypted
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, default="")

    class Meta:
        indexes = [models.Index(fields=["state", "next_at"])]

    def __str__(self) -> str:
        return f"{self.channel} {self.id} {self.state}"


class RateCount(models.Model):
    """How often something was done in a window of time, under a keyed hash of who did what when."""

    key = models.BinaryField(primary_key=True)
    count = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.count)


class RememberedAnswer(models.Model):
    """The answer to a request with an Idempotency-Key, replayed for 24 hours."""

    key = models.BinaryField(primary_key=True)  # keyed hash of API key and Idempotency-Key
    request = models.BinaryField()  # hash of what was asked
    status = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"answer {self.status}"
