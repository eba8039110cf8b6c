"""What screening keeps: decision records without text, and what is known of accounts towards each other, without names."""

from __future__ import annotations

from django.db import models


class DecisionRecord(models.Model):
    """One decision: ids, scores, rule, versions and a keyed hash. No text, no link, no picture (promise 1)."""

    id: models.BigAutoField[int, int]
    at = models.DateTimeField()
    service_id = models.BigIntegerField()
    event = models.CharField(max_length=80)
    kind = models.CharField(max_length=16)
    surface = models.CharField(max_length=12)
    relationship = models.CharField(max_length=10)
    actor = models.BinaryField()  # keyed hash of the ref
    audience = models.BinaryField()
    actor_band = models.CharField(max_length=8)
    audience_band = models.CharField(max_length=8)
    action = models.CharField(max_length=10)
    support = models.BooleanField()
    harm = models.CharField(max_length=32)  # of the rule that decided; '' for allow
    rule = models.CharField(max_length=60)
    details = models.BinaryField()  # msgpack: scores, factors, shadow, models
    policy = models.CharField(max_length=80)
    content = models.BinaryField()  # keyed hash of the text

    class Meta:
        indexes = [models.Index(fields=["service_id", "at"]), models.Index(fields=["at"])]

    def __str__(self) -> str:
        return f"{self.event}: {self.action}"


class ContactState(models.Model):
    """A state of the contact reducer (engine.contact), under a keyed hash of service and refs."""

    key = models.BinaryField(primary_key=True)
    data = models.BinaryField()
    updated_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return bytes(self.key).hex()[:8]
