"""What only the desk needs: partners and referrals with their delivery record, conflicts of interest, care for moderators, golden cases."""

from __future__ import annotations

from django.db import models

from leeward.server.people.models import Organisation, Staff
from leeward.server.reports.models import Case


class Partner(models.Model):
    """A helpline, hotline, authority or other service that takes referrals. `age_key` is its public key (age, X25519)."""

    class Kind(models.TextChoices):
        HELPLINE = "helpline"
        HOTLINE = "hotline"
        AUTHORITY = "authority"
        SERVICE = "service"

    class Channel(models.TextChoices):
        DOWNLOAD = "download"
        MAIL = "mail"
        HTTPS = "https"
        CYBERTIP = "cybertip"

    id: models.BigAutoField[int, int]
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="partners")  # whose partner it is
    organisation_id: int
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind)
    country = models.CharField(max_length=2, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    address = models.CharField(max_length=400, blank=True)
    age_key = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="one_partner_of_a_name")]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"


class Referral(models.Model):
    """A case handed to a partner. It is red on the desk until a delivery succeeded. `package` is encrypted at rest."""

    id = models.CharField(primary_key=True, max_length=40)
    case = models.ForeignKey(Case, models.CASCADE, related_name="referrals")
    case_id: str
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="referrals")
    partner_id: int
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT)
    package = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    message = models.CharField(max_length=40, blank=True, db_index=True)  # in the outbox; '' for a download

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.id} to {self.partner_id}"


class Delivery(models.Model):
    """One attempt to deliver a referral."""

    referral = models.ForeignKey(Referral, models.CASCADE, related_name="deliveries")
    at = models.DateTimeField()
    succeeded = models.BooleanField()
    detail = models.CharField(max_length=300)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{'delivered' if self.succeeded else 'failed'} {self.detail}"


class Conflict(models.Model):
    """A moderator who knows somebody of a case does not see it again."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="conflicts")
    staff = models.ForeignKey(Staff, models.CASCADE)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "staff"], name="one_conflict")]

    def __str__(self) -> str:
        return f"{self.staff_id} stands back"


class Exposure(models.Model):
    """That a moderator opened a case, for their own care. Nobody is ranked by it."""

    staff = models.ForeignKey(Staff, models.CASCADE)
    case = models.ForeignKey(Case, models.CASCADE)
    at = models.DateTimeField()
    is_heavy = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["staff", "at"])]

    def __str__(self) -> str:
        return f"{self.at}"


class GoldenAnswer(models.Model):
    """How a moderator decided a golden case (golden.yaml), to measure agreement."""

    staff = models.ForeignKey(Staff, models.CASCADE)
    golden = models.SlugField(max_length=60)
    kind = models.CharField(max_length=12)
    harm = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "golden"], name="one_answer_a_golden_case")]

    def __str__(self) -> str:
        return f"{self.golden}: {self.kind}"
