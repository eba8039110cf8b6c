"""Children and their guardians. A child is known by the refs of its services; names and birthdays are not kept."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from leeward.server.people.models import AgeBand, Assurance, Service


class Child(models.Model):
    """One child over all its services and devices: one plan, one budget."""

    id = models.CharField(primary_key=True, max_length=40)
    band = models.CharField(max_length=8, choices=AgeBand)
    assurance = models.CharField(max_length=10, choices=Assurance, default=Assurance.SELF)
    issuer = models.CharField(max_length=200, blank=True)  # who vouches for the band; nothing else of a credential is kept
    next_band_on = models.DateField(null=True)  # when the band changes, where a service says so
    band_announced = models.BooleanField(default=False)  # that it will change has been said to both
    zone = models.CharField(max_length=40, default="UTC")
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=8, blank=True)
    language = models.CharField(max_length=8, default="en")
    preset = models.CharField(max_length=8, choices=AgeBand, blank=True)  # '' while the defaults of the band hold
    version = models.PositiveIntegerField(default=1)  # grows with every change of what holds: the ETag
    look_again_on = models.DateField(null=True)  # of the family agreement
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.id


class Person(models.Model):
    """A child at one service: a keyed hash of its ref, and the ref itself encrypted, to tell the service whom something is about."""

    key = models.BinaryField(primary_key=True)
    service = models.ForeignKey(Service, models.CASCADE, related_name="people")
    service_id: int
    ref = models.BinaryField()
    child = models.ForeignKey(Child, models.CASCADE, related_name="people")
    child_id: str
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"a person of {self.service_id}"


class Portal(models.Model):
    """A one-time address with which a service lets its user in."""

    hash = models.BinaryField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "portal"


class Guardian(models.Model):
    """A parent or carer, who signs in with a code sent by e-mail."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="guardian")
    user_id: int
    language = models.CharField(max_length=8, default="en")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"guardian {self.pk}"


class SignInCode(models.Model):
    """Six digits that were sent by mail, as a keyed hash; five tries, ten minutes."""

    mail = models.BinaryField(primary_key=True)  # keyed hash of the address
    code = models.BinaryField()
    tries = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "code"


class LinkCode(models.Model):
    """What a child shows or says to be linked, as a keyed hash: once, for ten minutes."""

    hash = models.BinaryField(primary_key=True)
    child = models.ForeignKey(Child, models.CASCADE)
    child_id: str
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "link code"


class Link(models.Model):
    """A guardian of a child. It begins when both have said yes."""

    class State(models.TextChoices):
        ASKED = "asked"
        ACTIVE = "active"
        REFUSED = "refused"
        ENDED = "ended"

    class Proof(models.TextChoices):
        CLAIMED = "claimed"
        SHARED_CODE = "shared_code"
        SERVICE = "service"
        VERIFIED = "verified"

    id = models.CharField(primary_key=True, max_length=40)
    child = models.ForeignKey(Child, models.CASCADE, related_name="links")
    child_id: str
    guardian = models.ForeignKey(Guardian, models.CASCADE, related_name="links")
    guardian_id: int
    called = models.BinaryField()  # what the child calls this guardian, encrypted
    proof = models.CharField(max_length=12, choices=Proof)
    state = models.CharField(max_length=8, choices=State)
    asked_at = models.DateTimeField()
    active_at = models.DateTimeField(null=True)
    end_asked_by = models.CharField(max_length=8, blank=True)  # child or guardian, where the other has to agree
    ended_at = models.DateTimeField(null=True)
    shares = models.BooleanField(default=False)  # from 16 on a child may share what it need not

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class PlanRule(models.Model):
    """A rule that a guardian set. Never changed: it ends, and another begins, so that the child can see every change."""

    id = models.CharField(primary_key=True, max_length=40)
    child = models.ForeignKey(Child, models.CASCADE, related_name="plan_rules")
    child_id: str
    guardian = models.ForeignKey(Guardian, models.PROTECT)
    guardian_id: int
    subject = models.CharField(max_length=40)
    effect = models.CharField(max_length=6)
    intervals = models.JSONField(default=list)  # [start, end, [days]]
    calendar = models.CharField(max_length=8, default="any")
    budget = models.PositiveIntegerField(null=True)
    reason = models.BinaryField(default=b"")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["child", "until"])]

    def __str__(self) -> str:
        return f"{self.effect} {self.subject}"


class Request(models.Model):
    """A child asks for more, with a reason; a guardian answers in words."""

    class State(models.TextChoices):
        WAITING = "waiting"
        YES = "yes"
        NO = "no"

    id = models.CharField(primary_key=True, max_length=40)
    child = models.ForeignKey(Child, models.CASCADE, related_name="requests")
    child_id: str
    subject = models.CharField(max_length=40)
    minutes = models.PositiveIntegerField()
    reason = models.BinaryField(default=b"")
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    answered_by = models.ForeignKey(Guardian, models.SET_NULL, null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return f"{self.subject} {self.state}"


class GivenGrant(models.Model):
    """More than the rules allow, until it ends."""

    id = models.CharField(primary_key=True, max_length=40)
    child = models.ForeignKey(Child, models.CASCADE, related_name="grants")
    child_id: str
    guardian = models.ForeignKey(Guardian, models.PROTECT)
    subject = models.CharField(max_length=40)
    minutes = models.PositiveIntegerField()
    start = models.DateTimeField()
    end = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.minutes} of {self.subject}"


class AgeIssuer(models.Model):
    """Who is trusted to vouch for an age, with its public keys (JWK)."""

    issuer = models.CharField(max_length=200, unique=True)  # as it stands in `iss`
    keys = models.JSONField(default=list)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.issuer


class AgeNonce(models.Model):
    """A number that a credential has to answer to, as a keyed hash: once, for ten minutes."""

    hash = models.BinaryField(primary_key=True)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "nonce"


class SchoolHoliday(models.Model):
    """Days without school in a country, or in one of its regions."""

    id: models.BigAutoField[int, int]
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=8, blank=True)  # '' for the whole country
    name = models.CharField(max_length=80)
    start = models.DateField()
    end = models.DateField()  # the last day

    class Meta:
        constraints = [models.UniqueConstraint(fields=["country", "region", "start", "end"], name="one_holiday_of_a_time")]

    def __str__(self) -> str:
        return f"{self.country} {self.name} {self.start}"


class Contact(models.Model):
    """Somebody a child is in touch with at a service, as the service shows them; replaced as a whole by the service."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="contacts")
    name = models.BinaryField()  # encrypted
    since = models.DateField(null=True)

    def __str__(self) -> str:
        return "contact"


class Usage(models.Model):
    """What was used on a local day, summed over services and devices."""

    child = models.ForeignKey(Child, models.CASCADE, related_name="usage")
    day = models.DateField()
    subject = models.CharField(max_length=40)
    amount = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["child", "day", "subject"], name="one_sum_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.subject} {self.amount}"


class Change(models.Model):
    """What changed, for both to see: who, what, why."""

    id: models.BigAutoField[int, int]
    child = models.ForeignKey(Child, models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    who = models.CharField(max_length=40)  # child, guardian:<link id>, service, leeward
    code = models.CharField(max_length=24)
    subject = models.CharField(max_length=40, blank=True)
    detail = models.BinaryField(default=b"")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}"


class Contest(models.Model):
    """A child finds a rule or a link wrong. No guardian sees it."""

    id = models.CharField(primary_key=True, max_length=40)
    child = models.ForeignKey(Child, models.CASCADE, related_name="contests")
    link = models.ForeignKey(Link, models.CASCADE, null=True)
    subject = models.CharField(max_length=40, blank=True)
    why = models.BinaryField(default=b"")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"contest of {self.subject or 'a link'}"
