"""Who promised what, what was measured, and what was found. Three columns that never overwrite each other.

Nothing that was published is changed or deleted: it ends on a day, and something else begins.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from leeward.server.people.models import AgeBand, Organisation, Service


class Alliance(models.Model):
    """Services, NGOs and authorities that promise something together."""

    class State(models.TextChoices):
        FORMING = "forming"
        ACTIVE = "active"
        CONCLUDED = "concluded"

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    about = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.FORMING)
    is_archive = models.BooleanField(default=False)  # a historical alliance, kept with its sources
    started_on = models.DateField(null=True)
    concluded_on = models.DateField(null=True)
    concluded_note = models.CharField(max_length=300, blank=True)
    successor = models.CharField(max_length=200, blank=True)
    successor_url = models.URLField(blank=True, max_length=400)
    sources = models.JSONField(default=list)  # [{title, url, doubt}]

    def __str__(self) -> str:
        return self.name


class Purpose(models.Model):
    """One version of a statement of purpose."""

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="purposes")
    number = models.PositiveSmallIntegerField()
    published_on = models.DateField()
    text = models.TextField()
    source = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["alliance", "number"], name="one_purpose_of_a_number")]

    def __str__(self) -> str:
        return f"statement of purpose, version {self.number}"


class Action(models.Model):
    """One action of a statement of purpose, under a strand."""

    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="actions")
    number = models.PositiveSmallIntegerField()
    strand = models.CharField(max_length=80)
    short = models.CharField(max_length=80)
    text = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["purpose", "number"], name="one_action_of_a_number")]

    def __str__(self) -> str:
        return f"{self.number}. {self.short}"


class MembershipPolicy(models.Model):
    """One version of who can become a member, and how that is decided."""

    class Decides(models.TextChoices):
        SECRETARIAT = "secretariat"
        VOTE = "vote"

    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="policies")
    number = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    text = models.TextField()
    decides = models.CharField(max_length=12, choices=Decides)
    criteria = models.JSONField(default=dict)  # category -> [criterion]
    source = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"membership policy, version {self.number}"


class Member(models.Model):
    """A company or an associated member, from its application on."""

    class Category(models.TextChoices):
        COMPANY = "company", "Company signatory"
        ASSOCIATED = "associated", "Associated member"

    class State(models.TextChoices):
        APPLIED = "applied"
        REFUSED = "refused"
        ADMITTED = "admitted"
        SUSPENDED = "suspended"
        TERMINATED = "terminated"
        LEFT = "left"

    INSIDE = frozenset({State.ADMITTED, State.SUSPENDED})

    id: models.BigAutoField[int, int]
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="members")
    alliance_id: int
    slug = models.SlugField(max_length=80)
    name = models.CharField(max_length=160)
    category = models.CharField(max_length=12, choices=Category)
    sector = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    website = models.URLField(blank=True, max_length=300)
    services = models.JSONField(default=list)  # names of its services
    about = models.TextField(blank=True)
    organisation = models.ForeignKey(Organisation, models.SET_NULL, null=True, blank=True, related_name="memberships")
    contact = models.BinaryField(default=b"")  # mail address of an applicant, encrypted
    checks = models.JSONField(default=dict)  # criterion -> [met, note]
    state = models.CharField(max_length=12, choices=State, default=State.APPLIED)
    joined_on = models.DateField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["alliance", "slug"], name="one_member_of_a_slug")]

    def __str__(self) -> str:
        return self.name


class MemberStep(models.Model):
    """Something that happened to a membership, on a day."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="steps")
    member_id: int
    on = models.DateField()
    state = models.CharField(max_length=12, choices=Member.State)
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.on} {self.state}"


class Endorsement(models.Model):
    """A member endorses a statement of purpose: an act with a name and a day."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="endorsements")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="endorsements")
    by = models.CharField(max_length=120)
    on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "purpose"], name="one_endorsement_of_a_purpose")]

    def __str__(self) -> str:
        return f"{self.by}, {self.on}"


class Vote(models.Model):
    """A member's vote on an applicant."""

    applicant = models.ForeignKey(Member, models.PROTECT, related_name="votes")
    voter = models.ForeignKey(Member, models.PROTECT, related_name="votes_given")
    yes = models.BooleanField()
    reason = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["applicant", "voter"], name="one_vote_of_a_member")]

    def __str__(self) -> str:
        return "yes" if self.yes else "no"


class Seat(models.Model):
    """What somebody may do in an alliance. Signing in needs a second factor, as for staff."""

    class Role(models.TextChoices):
        SECRETARIAT = "secretariat"
        EDITOR = "editor", "Member’s editor"
        ASSOCIATED = "associated", "Associated member"
        EVALUATOR = "evaluator"
        YOUTH = "youth", "Youth panel"

    id: models.BigAutoField[int, int]
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="seats")
    user_id: int
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="seats")
    alliance_id: int
    role = models.CharField(max_length=12, choices=Role)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="seats")  # of an editor or associated member
    member_id: int | None
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "alliance"], condition=models.Q(ended_at=None), name="one_seat_in_an_alliance")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.member or self.alliance}"


class Meeting(models.Model):
    """A meeting, with what was on its agenda and what came of it."""

    class State(models.TextChoices):
        PLANNED = "planned"
        HELD = "held"
        CANCELLED = "cancelled"

    id: models.BigAutoField[int, int]
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="meetings")
    alliance_id: int
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    about = models.TextField()
    on = models.DateField()
    starts_at = models.DateTimeField(null=True)  # unknown in an archive
    ends_at = models.DateTimeField(null=True)
    place = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    minutes = models.TextField(blank=True)
    minutes_at = models.DateTimeField(null=True)
    sequence = models.PositiveSmallIntegerField(default=0)  # of the calendar entry (RFC 5545)

    class Meta:
        ordering = ["on", "number"]
        constraints = [models.UniqueConstraint(fields=["alliance", "number"], name="one_meeting_of_a_number")]

    def __str__(self) -> str:
        return f"Meeting of {self.on}"


class AgendaItem(models.Model):
    """A point of an agenda."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda")
    number = models.PositiveSmallIntegerField()
    starts = models.TimeField(null=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    title = models.CharField(max_length=200)
    who = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    """Who was there: a member, or a guest by what they are. Persons are not named."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attended")
    member = models.ForeignKey(Member, models.PROTECT, null=True)
    guest = models.CharField(max_length=160, blank=True)

    def __str__(self) -> str:
        return str(self.member or self.guest)


class Resolution(models.Model):
    """A decision of a meeting, or an action with an owner."""

    class Kind(models.TextChoices):
        DECISION = "decision"
        ACTION = "action"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="resolutions")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField()
    owner = models.CharField(max_length=160, blank=True)
    due = models.DateField(null=True)
    done_on = models.DateField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class Consultation(models.Model):
    """A question to members and youth, whose views are collected until a day."""

    id: models.BigAutoField[int, int]
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="consultations")
    alliance_id: int
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, related_name="consultations")
    question = models.TextField()
    opened_on = models.DateField()
    closes_on = models.DateField()
    outcome = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.question


class View(models.Model):
    """What somebody answered to a consultation."""

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="views")
    seat = models.ForeignKey(Seat, models.PROTECT)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class Commitment(models.Model):
    """Something that a member promised. What it says stands in its versions."""

    id: models.BigAutoField[int, int]
    member = models.ForeignKey(Member, models.PROTECT, related_name="commitments")
    member_id: int
    code = models.SlugField(max_length=100, unique=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class CommitmentVersion(models.Model):
    """One version. Between `published_at` and `ended_at` it is what holds."""

    class State(models.TextChoices):
        DRAFT = "draft"
        SUBMITTED = "submitted"
        PUBLISHED = "published"
        SUPERSEDED = "superseded"
        WITHDRAWN = "withdrawn"

    OPEN = frozenset({State.DRAFT, State.SUBMITTED})

    id: models.BigAutoField[int, int]
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="versions")
    commitment_id: int
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    text = models.TextField()
    actions = models.JSONField(default=list)  # numbers of the actions that it serves
    bands = models.JSONField(default=list)  # of AgeBand: whom it protects
    baseline = models.FloatField(null=True)
    baseline_on = models.DateField(null=True)
    target = models.FloatField(null=True)
    unit = models.CharField(max_length=40, blank=True)
    direction = models.CharField(max_length=4, choices=(("up", "At least"), ("down", "At most")), blank=True)
    milestones = models.JSONField(default=list)  # [[day, what]]
    due = models.DateField(null=True)
    is_verifiable = models.BooleanField(default=False)
    why_not = models.JSONField(default=list)  # what the assistant found missing
    change = models.CharField(max_length=300, blank=True)  # what is new in this version
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    edit = models.PositiveIntegerField(default=1)  # grows with every save, so that two editors notice each other
    edited_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_why = models.TextField(blank=True)
    returned_why = models.TextField(blank=True)  # why the secretariat gave it back
    source = models.CharField(max_length=400, blank=True)

    BANDS = tuple(band for band in AgeBand.values if band not in (AgeBand.ADULT, AgeBand.UNKNOWN))

    class Meta:
        ordering = ["commitment", "number"]
        constraints = [models.UniqueConstraint(fields=["commitment", "number"], name="one_version_of_a_number")]
        indexes = [models.Index(fields=["published_at", "ended_at"])]

    def __str__(self) -> str:
        return self.title


class Indicator(models.Model):
    """What a member reports as evidence: a number, or a narrative."""

    class Kind(models.TextChoices):
        NUMBER = "number"
        NARRATIVE = "narrative"

    id: models.BigAutoField[int, int]
    member = models.ForeignKey(Member, models.PROTECT, related_name="indicators")
    member_id: int
    commitments = models.ManyToManyField(Commitment, related_name="indicators")
    code = models.CharField(max_length=80)
    title = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NUMBER)
    unit = models.CharField(max_length=40, blank=True)
    denominator = models.CharField(max_length=160, blank=True)
    direction = models.CharField(max_length=4, choices=(("up", "Higher is better"), ("down", "Lower is better"), ("none", "Neither")))
    geography = models.CharField(max_length=80, default="EU")
    suppression = models.CharField(max_length=160, default="Counts below 5 are not shown.")
    tool = models.CharField(max_length=80, blank=True)  # code in the tools' registry, where it is bound to them
    by = models.JSONField(default=dict)  # which of the tool's observations
    every_months = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["member", "code"], name="one_indicator_of_a_code")]

    def __str__(self) -> str:
        return self.title


class SigningKey(models.Model):
    """A public key (Ed25519, base64) with which a member's tools sign what they measured."""

    id: models.BigAutoField[int, int]
    member = models.ForeignKey(Member, models.PROTECT, related_name="signing_keys")
    member_id: int
    name = models.CharField(max_length=80)
    public = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "public"], name="one_key_of_a_member")]

    def __str__(self) -> str:
        return self.name


class Bundle(models.Model):
    """A signed push as it came: whoever doubts a value can check the signature again."""

    id: models.BigAutoField[int, int]
    key = models.ForeignKey(SigningKey, models.PROTECT, related_name="bundles")
    sha256 = models.CharField(max_length=64, unique=True)
    body = models.BinaryField()
    signature = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256


class Observation(models.Model):
    """One value for a period. A later one for the same period stands beside it, and counts from the day it came."""

    class Source(models.TextChoices):
        TOOLS = "tools", "Measured and signed by the tools"
        UPLOAD = "upload", "Uploaded by the member"
        MANUAL = "manual", "Typed by the member"

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="observations")
    indicator_id: int
    period_start = models.DateField()
    period_end = models.DateField()  # the last day
    value = models.FloatField(null=True)
    denominator = models.PositiveBigIntegerField(null=True)
    is_suppressed = models.BooleanField(default=False)
    narrative = models.TextField(blank=True)
    source = models.CharField(max_length=8, choices=Source)
    method = models.CharField(max_length=40, blank=True)  # version of the method
    bundle = models.ForeignKey(Bundle, models.PROTECT, null=True, related_name="observations")
    note = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["period_start", "id"]
        indexes = [models.Index(fields=["indicator", "-period_end", "-id"], name="newest_of_indicator")]

    def __str__(self) -> str:
        return f"{self.period_start} {self.value}"


class Feed(models.Model):
    """The sending side: a service of this server that pushes what its tools measure to a register."""

    id: models.BigAutoField[int, int]
    service = models.ForeignKey(Service, models.CASCADE, related_name="feeds")
    service_id: int
    url = models.URLField(max_length=400)  # of the register
    alliance = models.SlugField(max_length=60)
    member = models.SlugField(max_length=80)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["service", "url", "alliance", "member"], name="one_feed_of_a_service")]

    def __str__(self) -> str:
        return f"{self.member} to {self.url}"


class Pull(models.Model):
    """The asking side: where the register fetches a member's signed bundle by itself."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="pulls")
    url = models.URLField(max_length=400)
    token = models.BinaryField(default=b"")  # encrypted
    asked_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return self.url


class Round(models.Model):
    """A round of reporting by all members."""

    id: models.BigAutoField[int, int]
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="rounds")
    alliance_id: int
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60)
    period_start = models.DateField()
    period_end = models.DateField()
    due = models.DateField()
    closes = models.DateField()

    class Meta:
        ordering = ["-due"]
        constraints = [models.UniqueConstraint(fields=["alliance", "slug"], name="one_round_of_a_slug")]

    def __str__(self) -> str:
        return self.name


class RoundReport(models.Model):
    """What a member reports in a round. Submitted again, it is another version beside the first."""

    id: models.BigAutoField[int, int]
    round = models.ForeignKey(Round, models.PROTECT, related_name="reports")
    round_id: int
    member = models.ForeignKey(Member, models.PROTECT, related_name="round_reports")
    member_id: int
    number = models.PositiveSmallIntegerField(default=1)
    done = models.TextField(blank=True)
    planned = models.TextField(blank=True)
    numbers = models.TextField(blank=True)  # what the member says about its numbers
    edit = models.PositiveIntegerField(default=1)
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["round", "member", "number"]
        constraints = [models.UniqueConstraint(fields=["round", "member", "number"], name="one_report_of_a_number")]

    def __str__(self) -> str:
        return f"{self.round} {self.member}"


class Reminder(models.Model):
    """That a member was reminded, so that it is done once."""

    round = models.ForeignKey(Round, models.PROTECT)
    member = models.ForeignKey(Member, models.PROTECT)
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "member", "kind"], name="one_reminder_of_a_kind")]

    def __str__(self) -> str:
        return self.kind


class Comment(models.Model):
    """What an associated member or the youth panel says to a report or a commitment, and the member's reply."""

    id: models.BigAutoField[int, int]
    report = models.ForeignKey(RoundReport, models.PROTECT, null=True, related_name="comments")
    commitment = models.ForeignKey(Commitment, models.PROTECT, null=True, related_name="comments")
    seat = models.ForeignKey(Seat, models.PROTECT)
    text = models.TextField()
    at = models.DateTimeField()
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class Evaluation(models.Model):
    """An independent evaluation, by somebody who says why they are independent."""

    class State(models.TextChoices):
        RUNNING = "running"
        CHECK = "check", "Factual check"
        PUBLISHED = "published"

    id: models.BigAutoField[int, int]
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="evaluations")
    alliance_id: int
    slug = models.SlugField(max_length=60)
    title = models.CharField(max_length=160)
    evaluator = models.CharField(max_length=160)
    seat = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="evaluations")
    seat_id: int | None
    independence = models.TextField()
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True)
    summary = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    check_until = models.DateField(null=True)
    published_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["alliance", "slug"], name="one_evaluation_of_a_slug")]

    def __str__(self) -> str:
        return self.title


class Activity(models.Model):
    """How the evaluator came to know: an interview, desk work, a workshop. What was said there is the evaluator's own."""

    class Kind(models.TextChoices):
        INTERVIEW = "interview"
        DESK = "desk", "Desk work"
        WORKSHOP = "workshop"
        QUESTIONNAIRE = "questionnaire", "Self-assessment questionnaire"
        TEST = "test", "Test of a service"

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=14, choices=Kind)
    on = models.DateField(null=True)
    title = models.CharField(max_length=200)
    notes = models.BinaryField(default=b"")  # encrypted; never published

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return self.title


class SelfAssessment(models.Model):
    """A member's answers to the evaluator's questionnaire."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="assessments")
    member = models.ForeignKey(Member, models.PROTECT, related_name="assessments")
    member_id: int
    answers = models.JSONField(default=dict)  # question -> text
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["evaluation", "member"], name="one_assessment_of_a_member")]

    def __str__(self) -> str:
        return f"self-assessment of {self.member}"


class ServiceTest(models.Model):
    """One point of a checklist, tried on a service."""

    class Result(models.TextChoices):
        YES = "yes"
        PARTLY = "partly"
        NO = "no"
        NOT_TESTED = "not_tested", "Not tested"

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="tests")
    member = models.ForeignKey(Member, models.PROTECT, related_name="service_tests")
    member_id: int
    service = models.CharField(max_length=120)
    item = models.CharField(max_length=40)  # of rules.CHECKLIST
    result = models.CharField(max_length=10, choices=Result)
    evidence = models.TextField()
    on = models.DateField()

    class Meta:
        ordering = ["member", "id"]

    def __str__(self) -> str:
        return f"{self.item} {self.result}"


class Finding(models.Model):
    """What the evaluator found, on a stated scale; what the member says to it; what the evaluator made of that."""

    class Criterion(models.TextChoices):
        IMPLEMENTATION = "implementation"
        RELEVANCE = "relevance"
        EFFECTIVENESS = "effectiveness"
        IMPACT = "impact"
        COHERENCE = "coherence"
        ADDED_VALUE = "added_value", "EU added value"

    class Scale(models.TextChoices):
        FULLY = "fully", "Fully true"
        LARGELY = "largely", "Largely true"
        PARTLY = "partly", "Partly true"
        NOT = "not", "Not true"
        NO_EVIDENCE = "no_evidence", "No evidence"

    class Kind(models.TextChoices):
        FINDING = "finding"
        STRENGTH = "strength"
        SHORTCOMING = "shortcoming"
        PRACTICE = "practice", "Good practice"

    id: models.BigAutoField[int, int]
    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="findings")
    evaluation_id: int
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.FINDING)
    criterion = models.CharField(max_length=16, choices=Criterion)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="findings")
    member_id: int | None
    commitment = models.ForeignKey(Commitment, models.PROTECT, null=True, related_name="findings")
    commitment_id: int | None
    scale = models.CharField(max_length=12, choices=Scale, blank=True)
    text = models.TextField()
    evidence = models.TextField()  # what it rests on
    edit = models.PositiveIntegerField(default=1)
    agrees = models.BooleanField(null=True)  # the member, in the factual check
    says = models.TextField(blank=True)
    said_at = models.DateTimeField(null=True)
    response = models.TextField(blank=True)  # the evaluator's
    responded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "number"], name="one_finding_of_a_number")]

    def __str__(self) -> str:
        return self.text


class Recommendation(models.Model):
    """What the evaluator recommends to whom, their answer, and what became of it."""

    class Answer(models.TextChoices):
        WAITING = ""
        ACCEPTED = "accepted"
        PARTLY = "partly", "Accepted in part"
        REJECTED = "rejected"

    id: models.BigAutoField[int, int]
    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="recommendations")
    evaluation_id: int
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="recommendations")
    member_id: int | None
    addressee = models.CharField(max_length=160)
    answer = models.CharField(max_length=10, choices=Answer, blank=True, default=Answer.WAITING)
    answer_text = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return self.text


class FollowUp(models.Model):
    """What became of a recommendation."""

    recommendation = models.ForeignKey(Recommendation, models.PROTECT, related_name="follow_ups")
    by = models.CharField(max_length=120)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class Pledge(models.Model):
    """A challenge that young people and a company take up together, and the young people's verdict in their words."""

    id: models.BigAutoField[int, int]
    member = models.ForeignKey(Member, models.PROTECT, related_name="pledges")
    member_id: int
    title = models.CharField(max_length=160)
    challenge = models.TextField()
    begun_on = models.DateField()
    verdict = models.TextField(blank=True)
    lundy = models.JSONField(default=dict)  # space, voice, audience, influence -> [yes|partly|no, in their words]
    verdict_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["begun_on", "id"]

    def __str__(self) -> str:
        return self.title


class PledgeStep(models.Model):
    """Work that was done for a pledge."""

    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="steps")
    on = models.DateField()
    text = models.TextField()

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return self.text


class Practice(models.Model):
    """Something that works, so that others can do it too."""

    id: models.BigAutoField[int, int]
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="practices")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="practices")
    title = models.CharField(max_length=160)
    problem = models.TextField()
    what = models.TextField()
    evidence = models.TextField()
    transferable = models.TextField()
    source = models.CharField(max_length=400, blank=True)
    published_on = models.DateField()

    class Meta:
        ordering = ["-published_on", "-id"]

    def __str__(self) -> str:
        return self.title


class News(models.Model):
    """News of the alliance, or an act of a regulator, linked to members and topics."""

    class Kind(models.TextChoices):
        NEWS = "news"
        ACT = "act", "Act of a regulator"
        MILESTONE = "milestone"

    id: models.BigAutoField[int, int]
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="news")
    alliance_id: int
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NEWS)
    on = models.DateField(null=True)  # unknown where the source gives none
    precision = models.CharField(max_length=5, choices=(("day", "day"), ("month", "month"), ("year", "year")), default="day")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    regulator = models.CharField(max_length=120, blank=True)
    url = models.URLField(blank=True, max_length=400)
    members = models.ManyToManyField(Member, related_name="news")
    topics = models.JSONField(default=list)
    doubt = models.CharField(max_length=200, blank=True)  # what is not certain about it

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return self.title


class Document(models.Model):
    """A file or an address. Withdrawn, its title, its hash and the reason stay."""

    class Kind(models.TextChoices):
        AGENDA = "agenda"
        PRESENTATION = "presentation"
        PURPOSE = "purpose", "Statement of purpose"
        POLICY = "policy", "Membership policy"
        COMMITMENT = "commitment", "Commitments"
        REPORT = "report"
        EVIDENCE = "evidence"
        OTHER = "other"

    id: models.BigAutoField[int, int]
    alliance = models.ForeignKey(Alliance, models.PROTECT, related_name="documents")
    alliance_id: int
    kind = models.CharField(max_length=12, choices=Kind)
    title = models.CharField(max_length=200)
    url = models.URLField(blank=True, max_length=400)
    body = models.BinaryField(null=True)
    media_type = models.CharField(max_length=60, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=300, blank=True)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="documents")
    member_id: int | None
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, related_name="documents")
    report = models.ForeignKey(RoundReport, models.PROTECT, null=True, related_name="documents")
    commitment = models.ForeignKey(Commitment, models.PROTECT, null=True, related_name="documents")
    evaluation = models.ForeignKey(Evaluation, models.PROTECT, null=True, related_name="documents")
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class Subscriber(models.Model):
    """Who gets the newsletter: an address, encrypted, that said yes twice."""

    alliance = models.ForeignKey(Alliance, models.CASCADE, related_name="subscribers")
    key = models.BinaryField(primary_key=True)  # keyed hash of alliance and address
    mail = models.BinaryField()
    token = models.BinaryField(unique=True)  # keyed hash of what stands in the mails' links
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "subscriber"
