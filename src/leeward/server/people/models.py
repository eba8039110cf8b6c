"""Organisations, their services, the staff, and the keys that services use. A service's own users are known only by an opaque ref."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AgeBand(models.TextChoices):
    """Age of a person, as a band. Unknown is treated as the service's youngest plausible band."""

    UNDER_6 = "0-5"
    FROM_6 = "6-9"
    FROM_10 = "10-12"
    FROM_13 = "13-15"
    FROM_16 = "16-17"
    ADULT = "adult"
    UNKNOWN = "unknown"


class Assurance(models.TextChoices):
    """How an age band is known, weakest first."""

    SELF = "self"
    GUARDIAN = "guardian"
    ESTIMATED = "estimated"
    VERIFIED = "verified"


class Organisation(models.Model):
    """Who runs services."""

    name = models.CharField(max_length=120, unique=True)
    country = models.CharField(max_length=2, blank=True)
    is_operator = models.BooleanField(default=False)  # runs this server: its moderators read reports that name no service
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Flagger(models.Model):
    """A trusted flagger (DSA Art. 22), known by a code of which only a keyed hash is stored."""

    name = models.CharField(max_length=120, unique=True)
    code_hash = models.BinaryField(unique=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Service(models.Model):
    """One online product. `webhook_secret` is encrypted; webhooks tell of what a person has to look at."""

    id: models.BigAutoField[int, int]
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="services")
    organisation_id: int
    name = models.CharField(max_length=120)
    youngest_band = models.CharField(max_length=8, choices=AgeBand, default=AgeBand.FROM_10)
    webhook_url = models.URLField(blank=True, max_length=400)
    webhook_secret = models.BinaryField(default=b"")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="one_service_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Staff(models.Model):
    """A person who works with Leeward for an organisation. Signing in needs a second factor."""

    class Role(models.TextChoices):
        ADMIN = "admin"
        ENGINEER = "engineer"
        MODERATOR = "moderator"
        LEAD = "lead"

    MANAGES_KEYS = frozenset({Role.ADMIN, Role.ENGINEER})
    MODERATES = frozenset({Role.MODERATOR, Role.LEAD})
    LEADS = frozenset({Role.LEAD})

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="staff")
    user_id: int
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="staff")
    organisation_id: int
    role = models.CharField(max_length=10, choices=Role)

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"


class ApiKey(models.Model):
    """A key of a service. Only a keyed hash of its secret is stored; `id` is the part of the key that may be shown."""

    class Scope(models.TextChoices):
        SCREEN = "screen"
        REPORT = "report"
        FAMILY = "family"
        LABEL = "label"
        EXCHANGE = "exchange"
        READ = "read"

    id = models.CharField(primary_key=True, max_length=12)
    service = models.ForeignKey(Service, models.CASCADE, related_name="keys")
    service_id: int
    name = models.CharField(max_length=80)
    secret_hash = models.BinaryField()
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"lw_{self.id}_…"
