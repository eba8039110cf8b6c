"""What people tell, and what is done about it. Everything that somebody wrote is encrypted; who is who is kept as keyed hashes."""

from __future__ import annotations

from typing import Any

from django.db import models

from leeward.server.people.models import AgeBand, Service, Staff


class Draft(models.Model):
    """What a child has answered so far, encrypted, under a random cookie; gone after two hours, or when it is sent."""

    key = models.BinaryField(primary_key=True)  # keyed hash of the cookie
    body = models.BinaryField()
    touched_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return "draft"


class Case(models.Model):
    """What moderators work on: one or many reports about the same account or content, or an event that waits for a person."""

    class State(models.TextChoices):
        RECEIVED = "received"
        BEING_READ = "being_read"
        ASKED = "asked"
        WITH_PLATFORM = "with_platform"
        WITH_HELPLINE = "with_helpline"
        WITH_AUTHORITY = "with_authority"
        ACTION_TAKEN = "action_taken"
        NO_ACTION = "no_action"
        NOT_OURS = "not_ours"
        CLOSED = "closed"

    class Source(models.TextChoices):
        CHILD = "child"
        SERVICE = "service"
        ADULT = "adult"
        FLAGGER = "flagger"
        SCREENING = "screening"

    DECIDED = frozenset({State.ACTION_TAKEN, State.NO_ACTION, State.NOT_OURS})
    OPEN = frozenset({State.RECEIVED, State.BEING_READ, State.ASKED, State.WITH_PLATFORM, State.WITH_HELPLINE, State.WITH_AUTHORITY})
    ELSEWHERE = frozenset({State.WITH_PLATFORM, State.WITH_HELPLINE, State.WITH_AUTHORITY})

    id = models.CharField(primary_key=True, max_length=40)
    service = models.ForeignKey(Service, models.PROTECT, null=True, related_name="cases")
    service_id: int | None
    source = models.CharField(max_length=10, choices=Source)
    opened_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State)  # of the last step: written by actions.step alone
    harm = models.CharField(max_length=32, blank=True)  # '' while nobody is sure
    band = models.CharField(max_length=8, choices=AgeBand)  # of the youngest child concerned
    danger = models.BooleanField(default=False)  # life or safety now: DSA Art. 18
    country = models.CharField(max_length=2, blank=True)
    language = models.CharField(max_length=8)
    target = models.BinaryField(null=True, db_index=True)  # keyed hash of the account or content it is about
    held_event = models.CharField(max_length=80, blank=True)
    next_by = models.DateTimeField(null=True)
    first_answer_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    holder = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="held_cases")
    holder_id: int | None
    held_until = models.DateTimeField(null=True)
    legal_hold = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["state", "opened_at"]), models.Index(fields=["service", "held_event"])]

    def __str__(self) -> str:
        return self.id


class Report(models.Model):
    """One person tells. `told` holds, encrypted, what was written and who it is about; `contact` how to reach who told."""

    class About(models.TextChoices):
        ME = "me"
        FRIEND = "friend"
        SEEN = "seen"
        UNSURE = "unsure"

    class Channel(models.TextChoices):
        NONE = "none"
        RECEIPT = "receipt"
        MAIL = "mail"
        PUSH = "push"
        SERVICE = "service"

    id = models.CharField(primary_key=True, max_length=40)
    case = models.ForeignKey(Case, models.CASCADE, related_name="reports")
    case_id: str
    source = models.CharField(max_length=10, choices=Case.Source)
    at = models.DateTimeField()
    about = models.CharField(max_length=8, choices=About)
    band = models.CharField(max_length=8, choices=AgeBand)  # of the person who told
    harm = models.CharField(max_length=32, blank=True)
    danger = models.BooleanField(default=False)
    language = models.CharField(max_length=8)
    told = models.BinaryField()
    events = models.JSONField(default=list)  # event ids of the service, as context
    reporter = models.BinaryField(null=True, db_index=True)  # keyed hash of the service's ref
    channel = models.CharField(max_length=8, choices=Channel)
    contact = models.BinaryField(default=b"")
    no_guardian = models.BooleanField(default=False)  # "do not tell my parents": holds everywhere
    submission = models.BinaryField(unique=True)  # keyed hash of the form or request: sent twice, it is stored once
    returned_at = models.DateTimeField(null=True)
    helped = models.BooleanField(null=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return self.id


class Receipt(models.Model):
    """The code that finds an answer again, as a keyed hash. `side` says whose it is."""

    class Side(models.TextChoices):
        REPORTER = "reporter"
        TARGET = "target"

    hash = models.BinaryField(primary_key=True)
    side = models.CharField(max_length=8, choices=Side)
    case = models.ForeignKey(Case, models.CASCADE, related_name="receipts")
    case_id: str
    report = models.ForeignKey(Report, models.CASCADE, null=True, related_name="receipts")
    report_id: str | None
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"receipt of {self.case_id}"


class Evidence(models.Model):
    """Something that shows what happened: a text that was held, or a picture. Encrypted, with a day on which it is deleted."""

    class Kind(models.TextChoices):
        TEXT = "text"
        PICTURE = "picture"

    id = models.CharField(primary_key=True, max_length=40)
    case = models.ForeignKey(Case, models.CASCADE, related_name="evidence")
    case_id: str
    report = models.ForeignKey(Report, models.CASCADE, null=True, related_name="evidence")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
    delete_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:8]}"


class StepQuerySet(models.QuerySet["Step"]):
    """Steps are added, never changed: what a case went through can be proven."""

    def update(self, **_: Any) -> int:
        """Refused."""
        raise ValueError("Steps of a case cannot be changed: add another one.")

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refused: steps go with their case alone."""
        raise ValueError("Steps of a case cannot be deleted: they go with their case.")

    def erase_words_of(self, report: Report) -> int:
        """The one exception: what a person wrote goes when they ask for it (GDPR Art. 17); that there was a step stays."""
        return self.filter(report=report).exclude(words=b"")._empty_words()

    def _empty_words(self) -> int:
        return super().update(words=b"")


class Step(models.Model):
    """One step of a case, never changed afterwards. The state of a case is that of its last step.

    `say` is the code of the public sentence (words.SAY); `words` what a moderator or a child wrote to the other; `note` is for staff only.
    """

    class Kind(models.TextChoices):
        OPENED = "opened"
        JOINED = "joined"
        TAKEN = "taken"
        ASKED = "asked"
        REPLIED = "replied"
        PASSED_ON = "passed_on"
        PROPOSED = "proposed"
        SENT_BACK = "sent_back"
        DECIDED = "decided"
        APPEALED = "appealed"
        UPHELD = "upheld"
        REVERSED = "reversed"
        NOTE = "note"
        HELD = "legal_hold"
        CLOSED = "closed"

    id: models.BigAutoField[int, int]
    case = models.ForeignKey(Case, models.CASCADE, related_name="steps")
    case_id: str
    report = models.ForeignKey(Report, models.CASCADE, null=True)  # where the words are between us and one who told
    report_id: str | None
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=16, choices=Case.State)
    actor = models.CharField(max_length=80)
    say = models.CharField(max_length=24, blank=True)
    words = models.BinaryField(default=b"")
    note = models.BinaryField(default=b"")
    reason = models.CharField(max_length=32, blank=True)
    next_by = models.DateTimeField(null=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} -> {self.state}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Steps are added, never changed."""
        if self.pk is not None:
            raise ValueError("A step of a case cannot be changed: add another one.")
        super().save(*args, **kwargs)


class Outcome(models.Model):
    """What was decided and on which ground. Severe ones, and a sample, wait for a second moderator (`confirmed_by`)."""

    class Kind(models.TextChoices):
        ACTION_TAKEN = "action_taken"
        NO_ACTION = "no_action"
        NOT_OURS = "not_ours"

    class State(models.TextChoices):
        PROPOSED = "proposed"
        FINAL = "final"
        SENT_BACK = "sent_back"
        REVERSED = "reversed"

    class Content(models.TextChoices):
        TEXT = "CONTENT_TYPE_TEXT"
        IMAGE = "CONTENT_TYPE_IMAGE"
        VIDEO = "CONTENT_TYPE_VIDEO"
        AUDIO = "CONTENT_TYPE_AUDIO"
        SYNTHETIC = "CONTENT_TYPE_SYNTHETIC_MEDIA"
        APP = "CONTENT_TYPE_APP"

    class OnContent(models.TextChoices):
        NOTHING = ""
        REMOVED = "DECISION_VISIBILITY_CONTENT_REMOVED"
        DISABLED = "DECISION_VISIBILITY_CONTENT_DISABLED"
        AGE_RESTRICTED = "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED"
        INTERACTION = "DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED"
        LABELLED = "DECISION_VISIBILITY_CONTENT_LABELLED"

    class OnAccount(models.TextChoices):
        NOTHING = ""
        WARNED = "warned"
        SUSPENDED = "DECISION_ACCOUNT_SUSPENDED"
        TERMINATED = "DECISION_ACCOUNT_TERMINATED"

    class Ground(models.TextChoices):
        TERMS = "DECISION_GROUND_INCOMPATIBLE_CONTENT"
        LAW = "DECISION_GROUND_ILLEGAL_CONTENT"

    id = models.CharField(primary_key=True, max_length=40)
    case = models.ForeignKey(Case, models.CASCADE, related_name="outcomes")
    case_id: str
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State)
    harm = models.CharField(max_length=32, blank=True)
    content = models.CharField(max_length=30, choices=Content, default=Content.TEXT)  # what kind of content it was about
    on_content = models.CharField(max_length=50, blank=True, choices=OnContent)
    on_account = models.CharField(max_length=50, blank=True, choices=OnAccount)
    ground = models.CharField(max_length=50, choices=Ground)
    ground_reference = models.CharField(max_length=200, blank=True)
    facts = models.BinaryField(default=b"")
    own_words = models.BinaryField(default=b"")  # a sentence of the moderator's for who told
    found_by_machine = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="outcomes")
    by_id: int
    confirmed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="confirmed_outcomes")
    confirmed_by_id: int | None
    final_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Statement(models.Model):
    """The reasons of an outcome, once for each who is told: in words for their age, and as the record of DSA Art. 17."""

    class To(models.TextChoices):
        REPORTER = "reporter"
        TARGET = "target"
        RECORD = "record"

    id: models.BigAutoField[int, int]
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="statements")
    to = models.CharField(max_length=8, choices=To)
    report = models.ForeignKey(Report, models.CASCADE, null=True)
    band = models.CharField(max_length=8, choices=AgeBand)
    language = models.CharField(max_length=8)
    body = models.BinaryField()  # encrypted text; of the record its JSON

    def __str__(self) -> str:
        return f"statement to {self.to}"


class Appeal(models.Model):
    """Ask again: once by each side, within six months, looked at by another person."""

    class State(models.TextChoices):
        WAITING = "waiting"
        UPHELD = "upheld"
        REVERSED = "reversed"

    id = models.CharField(primary_key=True, max_length=40)
    case = models.ForeignKey(Case, models.CASCADE, related_name="appeals")
    case_id: str
    outcome = models.ForeignKey(Outcome, models.CASCADE, related_name="appeals")
    side = models.CharField(max_length=8, choices=Receipt.Side)
    report = models.ForeignKey(Report, models.CASCADE, null=True, related_name="appeals")
    at = models.DateTimeField()
    why = models.BinaryField(default=b"")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["outcome", "side", "report"], name="ask_again_once", nulls_distinct=False)]

    def __str__(self) -> str:
        return f"appeal by {self.side}, {self.state}"
