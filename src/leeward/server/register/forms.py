"""What is typed into the register. A form checks form; what may be done is decided by the actions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from leeward.server.core import indicators
from leeward.server.people.countries import COUNTRIES
from leeward.server.register import rules
from leeward.server.register.actions.commitments import Text
from leeward.server.register.actions.common import NotPossible
from leeward.server.register.actions.meetings import Point, read_agenda
from leeward.server.register.actions.membership import ActionText, Application
from leeward.server.register.actions.observations import Definition
from leeward.server.register.models import (
    Activity,
    Commitment,
    CommitmentVersion,
    Document,
    Finding,
    Indicator,
    Member,
    MembershipPolicy,
    News,
    Recommendation,
    Resolution,
    Seat,
    ServiceTest,
)

LONG = 20_000


def area(label: str, rows: int = 4, required: bool = True, help_text: str = "") -> forms.CharField:
    """A field for several lines."""
    return forms.CharField(label=label, required=required, max_length=LONG, widget=forms.Textarea({"rows": rows}), help_text=help_text)


def day(label: str, required: bool = True, help_text: str = "") -> forms.DateField:
    """A field for a day."""
    return forms.DateField(label=label, required=required, widget=forms.DateInput({"type": "date"}), help_text=help_text)


def moment(label: str) -> forms.DateTimeField:
    """A field for a moment, in UTC."""
    return forms.DateTimeField(label=f"{label} (UTC)", widget=forms.DateTimeInput({"type": "datetime-local"}))


def line(label: str, most: int = 160, required: bool = True, help_text: str = "") -> forms.CharField:
    """A field for one line."""
    return forms.CharField(label=label, max_length=most, required=required, help_text=help_text)


def choice(label: str, choices: Any, required: bool = True, help_text: str = "") -> forms.ChoiceField:
    """A field for one of several."""
    options = list(choices.choices) if hasattr(choices, "choices") else list(choices)
    return forms.ChoiceField(label=label, choices=options if required else [("", "–"), *[item for item in options if item[0]]],
    required=required,
                             help_text=help_text)  # fmt: skip


class OfficeForm(forms.Form):
    """A form of the office: it knows the seat, and what it is about."""

    def __init__(self, seat: Seat, subject: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seat, self.subject = seat, subject
        self.prepare()

    def prepare(self) -> None:
        """Fills in choices that depend on the seat and the subject."""

    def members(self, required: bool = False, inside: bool = True) -> Any:
        """A field for one of the alliance's members."""
        rows = self.seat.alliance.members.all()
        rows = rows.filter(state__in=Member.INSIDE) if inside else rows
        return forms.ModelChoiceField(rows, required=required, label="Member")

    @staticmethod
    def start(subject: Any) -> dict[str, Any]:
        """What stands in the form at first."""
        return {}


class NothingForm(OfficeForm):
    """A button is enough."""


class WhyForm(OfficeForm):
    """A reason."""

    why = area("Why", 3, help_text="It is shown to the public.")


class ApplyForm(forms.Form):
    """An application for membership."""

    name = line("Name of your organisation")
    category = choice("Category", Member.Category)
    sector = line("Sector", 80, False, "For example: social media, games, telecommunications, child safety")
    country = choice("Country of establishment", COUNTRIES, False)
    website = forms.URLField(label="Website", required=False, assume_scheme="https")
    services = area("Services that minors use, one a line", 3, False)
    about = area("What you do for the protection of minors", 4)
    mail = forms.EmailField(label="Mail address for the answer")

    def application(self) -> Application:
        """What was applied for."""
        data = self.cleaned_data
        services = tuple(item.strip()[:120] for item in data["services"].splitlines() if item.strip())
        return Application(**{**data, "services": services})


class DescribeForm(OfficeForm):
    """What a member says of itself."""

    sector = line("Sector", 80, False)
    country = choice("Country of establishment", COUNTRIES, False)
    website = forms.URLField(label="Website", required=False, assume_scheme="https")
    services = area("Services that minors use, one a line", 3, False)
    about = area("What you do", 4, False)

    def prepare(self) -> None:
        member = self.seat.member
        if member is not None:
            self.initial = {"sector": member.sector, "country": member.country, "website": member.website, "about": member.about,
                            "services": "\n".join(member.services)}  # fmt: skip

    def described(self) -> dict[str, Any]:
        """What was written."""
        services = [item.strip()[:120] for item in self.cleaned_data["services"].splitlines() if item.strip()]
        return {**self.cleaned_data, "services": services}


class SubscribeForm(forms.Form):
    """An address for the newsletter."""

    mail = forms.EmailField(label="Your mail address")


class CommitmentForm(OfficeForm):
    """A commitment, as it is written."""

    edit = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = line("Title")
    text = area("What you promise", 5, help_text="One commitment, one promise: what, for whom, how much, by when.")
    actions = forms.TypedMultipleChoiceField(
        label="Actions of the statement of purpose that it serves", coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    bands = forms.MultipleChoiceField(
        label="Whom it protects (age)", choices=[(band, band) for band in CommitmentVersion.BANDS], required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    direction = choice("Target is", (("up", "at least"), ("down", "at most")), False)
    target = forms.FloatField(label="Target", required=False)
    unit = line("Unit", 40, False, "For example: share, hours, children. A share of 95% is 0.95.")
    baseline = forms.FloatField(label="Baseline: where you stood", required=False)
    baseline_on = day("Day of the baseline", False)
    due = day("Due", False)
    milestones = area("Milestones, one a line: 2027-03-31 what will be done", 3, False)
    change = line("What is new in this version", 300, False)

    def prepare(self) -> None:
        purpose = self.seat.alliance.purposes.last()
        self.fields["actions"].choices = [(a.number, str(a)) for a in purpose.actions.all()] if purpose else []  # type: ignore[attr-defined]

    @staticmethod
    def start(subject: Any) -> dict[str, Any]:
        if not isinstance(subject, CommitmentVersion):
            return {}
        fields = ("edit", "title", "text", "actions", "bands", "direction", "target", "unit", "baseline", "baseline_on", "due", "change")
        lines = "\n".join(f"{on} {what}" for on, what in subject.milestones)
        return {**{name: getattr(subject, name) for name in fields}, "milestones": lines}

    def clean_milestones(self) -> tuple[tuple[str, str], ...]:
        """Days and what will be done."""
        found = []
        for number, text in enumerate((item.strip() for item in self.cleaned_data["milestones"].splitlines() if item.strip()), 1):
            on, _, what = text.partition(" ")
            try:
                found.append((dt.date.fromisoformat(on).isoformat(), what.strip()))
            except ValueError as error:
                raise forms.ValidationError(
                    f"Line {number}: begin with a day, for example “2027-03-31 pilot in three countries”."
                ) from error
        return tuple(found)

    def text_of(self) -> Text:
        """What was written."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "edit"}
        return Text(**{**data, "actions": tuple(data["actions"]), "bands": tuple(data["bands"])})


class IndicatorForm(OfficeForm):
    """What is reported as evidence."""

    title = line("Title")
    code = forms.SlugField(label="Code", max_length=80, help_text="Short, without spaces; it stands in the data.")
    kind = choice("Kind", Indicator.Kind)
    commitments = forms.ModelMultipleChoiceField(Commitment.objects.none(), required=False, widget=forms.CheckboxSelectMultiple)
    tool = choice("Bound to the tools", (), False, "Its values then come signed from your Leeward.")
    by = line("Which of the tool’s values", 160, False, "For example: level=critical, statistic=median")
    unit = line("Unit", 40, False, "Taken from the tool where it is bound.")
    denominator = line("Denominator", 160, False, "Of how many? For example: reports of the period.")
    direction = choice("Better is", (("none", "neither"), ("up", "higher"), ("down", "lower")))
    geography = line("Geography", 80)
    suppression = line("What is not shown", 160)
    every_months = forms.IntegerField(label="Every … months", min_value=1, max_value=24)

    def prepare(self) -> None:
        fields: Any = self.fields
        fields["commitments"].queryset = Commitment.objects.filter(member_id=self.seat.member_id or 0)
        fields["tool"].choices = [("", "No: uploaded or typed"), *((code, item.title) for code, item in indicators.REGISTRY.items())]

    @staticmethod
    def start(subject: Any) -> dict[str, Any]:
        return {"geography": "EU", "suppression": "Counts below 5 are not shown.", "every_months": 1}

    def definition(self) -> Definition:
        """What it is."""
        return Definition(**{name: value for name, value in self.cleaned_data.items() if name != "commitments"})


class ValueForm(OfficeForm):
    """A value that is typed."""

    start_on = day("First day of the period")
    end_on = day("Last day of the period")
    value = forms.FloatField(label="Value", required=False)
    unit = line("Unit", 40, False)
    denominator = forms.IntegerField(label="Denominator", required=False, min_value=0, max_value=2**53)
    narrative = area("Text", 4, False)
    note = line("How it was counted", 300, False)

    @staticmethod
    def start(subject: Any) -> dict[str, Any]:
        return {"unit": subject.unit}


class UploadForm(OfficeForm):
    """Values in a file."""

    file = forms.FileField(label="CSV file", help_text="Columns: period_start, period_end, value, denominator, unit.")


class KeyForm(OfficeForm):
    """A public key."""

    name = line("Name", 80, help_text="For example: production server")
    public = line("Public key", 60, help_text="`leeward register key` prints it.")


class ReportForm(OfficeForm):
    """The fixed template of a report."""

    edit = forms.IntegerField(widget=forms.HiddenInput, required=False)
    done = area("What was done", 6, False)
    planned = area("What is planned", 4, False)
    numbers = area("What you say about your numbers", 3, False)


class FileForm(OfficeForm):
    """A document."""

    kind = choice("Kind", Document.Kind)
    title = line("Title", 200)
    file = forms.FileField(label="File (PDF, PNG, JPEG, text; 5 MB)", required=False)
    url = forms.URLField(label="Or its address", required=False, assume_scheme="https")


class TextForm(OfficeForm):
    """Some words."""

    text = area("Text", 4)


class EndorseForm(OfficeForm):
    """Who endorses."""

    by = line("Name and function of who signs", 120)


class VoteForm(OfficeForm):
    """A vote."""

    yes = choice("Your vote", (("yes", "Yes"), ("no", "No")))
    reason = area("Reason", 2, False)


class ChecksForm(OfficeForm):
    """Which criteria are met."""

    def prepare(self) -> None:
        policy = self.seat.alliance.policies.last()
        self.criteria = policy.criteria.get(self.subject.category, []) if policy else []
        for number, criterion in enumerate(self.criteria):
            met, note = self.subject.checks.get(criterion, [False, ""])
            self.fields[f"met{number}"] = forms.BooleanField(label=criterion, required=False, initial=met)
            self.fields[f"note{number}"] = forms.CharField(
                label=f"What shows it ({number + 1})", required=False, initial=note, max_length=300
            )

    def checks(self) -> dict[str, tuple[bool, str]]:
        """Criterion -> met, and what shows it."""
        data = self.cleaned_data
        return {criterion: (data[f"met{number}"], data[f"note{number}"]) for number, criterion in enumerate(self.criteria)}


class DecideForm(OfficeForm):
    """Where a membership goes."""

    state = choice("Decision", ())
    reason = area("Reason", 3, False, "Needed where it is refused, suspended or ended; shown on the member’s page.")

    def prepare(self) -> None:
        names = dict(Member.State.choices)
        field: Any = self.fields["state"]
        field.choices = [(state, names[Member.State(state)]) for state in sorted(rules.MOVES[self.subject.state])]


class SeatForm(OfficeForm):
    """A seat."""

    mail = forms.EmailField(label="Mail address")
    role = choice("Role", Seat.Role)

    def prepare(self) -> None:
        self.fields["member"] = self.members()


class PurposeForm(OfficeForm):
    """A new version of the statement of purpose."""

    text = area("Text", 6)
    actions = area("Actions, one a line: strand | short name | text", 9)

    def clean_actions(self) -> list[ActionText]:
        """Strand, short name, text."""
        found = []
        for number, text in enumerate((item for item in self.cleaned_data["actions"].splitlines() if item.strip()), 1):
            parts = [part.strip() for part in text.split("|")]
            if len(parts) != 3 or not all(parts):
                raise forms.ValidationError(f"Line {number} needs three parts: strand | short name | text.")
            found.append(ActionText(*parts))
        return found


class PolicyForm(OfficeForm):
    """A new version of the policy of membership."""

    text = area("Text", 6)
    decides = choice("Who decides", MembershipPolicy.Decides)
    company = area("What a company has to meet, one a line", 4)
    associated = area("What an associated member has to meet, one a line", 4)


class RoundForm(OfficeForm):
    """A round."""

    name = line("Name", 80)
    period_start = day("First day reported on")
    period_end = day("Last day reported on")
    due = day("Reports are due")
    closes = day("The round closes", help_text="Until then a report can come late; afterwards none is taken.")


class ConcludeForm(OfficeForm):
    """How an alliance ends."""

    note = line("What is said of its end", 300)
    successor = line("What comes after it", 200, False)
    successor_url = forms.URLField(label="Address of what comes after it", required=False, assume_scheme="https")


class MeetingForm(OfficeForm):
    """A meeting."""

    title = line("Title")
    about = area("What it is for", 3)
    starts_at = moment("Begins")
    ends_at = moment("Ends")
    place = line("Place", 200, False)
    agenda = area("Agenda, one a line: 10:00 20 Welcome | Secretariat", 6, False)

    def clean_agenda(self) -> list[Point]:
        """The points."""
        try:
            return read_agenda(self.cleaned_data["agenda"])
        except NotPossible as error:
            raise forms.ValidationError(str(error)) from error


class ChangeMeetingForm(MeetingForm):
    """Another time, place or agenda."""

    def prepare(self) -> None:
        del self.fields["title"], self.fields["about"]

    @staticmethod
    def start(subject: Any) -> dict[str, Any]:
        lines = [
            " ".join(part for part in (f"{item.starts:%H:%M}" if item.starts else "", str(item.minutes or ""), item.title) if part)
            + (f" | {item.who}" if item.who else "")
            for item in subject.agenda.all()
        ]
        return {"starts_at": subject.starts_at, "ends_at": subject.ends_at, "place": subject.place, "agenda": "\n".join(lines)}


class MinutesForm(OfficeForm):
    """Who was there, and the minutes."""

    members_there = forms.ModelMultipleChoiceField(
        Member.objects.none(), label="Members who were there", required=False, widget=forms.CheckboxSelectMultiple
    )
    guests = area("Guests, by what they are, one a line", 3, False, "Organisations or functions, not names of persons.")
    minutes = area("Minutes", 8)

    def prepare(self) -> None:
        field: Any = self.fields["members_there"]
        field.queryset = self.seat.alliance.members.filter(state__in=Member.INSIDE)


class ResolutionForm(OfficeForm):
    """A decision or action."""

    kind = choice("Kind", Resolution.Kind)
    text = area("What was decided", 3)
    owner = line("Owner", 160, False)
    due = day("Due", False)


class ConsultForm(OfficeForm):
    """A question to all."""

    question = area("Question", 3)
    closes_on = day("Views are collected until")


class NewsForm(OfficeForm):
    """News."""

    kind = choice("Kind", News.Kind)
    on = day("Day")
    title = line("Title", 200)
    text = area("Text", 4, False)
    regulator = line("Regulator", 120, False)
    url = forms.URLField(label="Source", required=False, assume_scheme="https")
    about = forms.ModelMultipleChoiceField(
        Member.objects.none(), label="Members that it is about", required=False, widget=forms.CheckboxSelectMultiple
    )
    topics = line("Topics, separated by commas", 200, False)

    def prepare(self) -> None:
        field: Any = self.fields["about"]
        field.queryset = self.seat.alliance.members.exclude(state__in=(Member.State.APPLIED, Member.State.REFUSED))


class LetterForm(OfficeForm):
    """A newsletter."""

    subject_line = line("Subject", 160)
    text = area("Text", 5)
    since = day("With the news since")


class PracticeForm(OfficeForm):
    """A good practice."""

    title = line("Title")
    problem = area("The problem", 2)
    what = area("What was done", 3)
    evidence = area("What shows that it works", 2)
    transferable = area("Who else can do it, and what they need", 2)
    source = forms.URLField(label="Source", required=False, assume_scheme="https")


class PledgeForm(OfficeForm):
    """A challenge."""

    title = line("Title")
    challenge = area("The challenge", 3)


class StepForm(OfficeForm):
    """Work on a pledge."""

    on = day("Day")
    text = area("What was done", 3)


class VerdictForm(OfficeForm):
    """The verdict of the young people."""

    verdict = area("Your verdict, in your words", 4)

    def prepare(self) -> None:
        for name, question in rules.LUNDY.items():
            self.fields[name] = choice(question, (("yes", "Yes"), ("partly", "Partly"), ("no", "No")))
            self.fields[f"{name}_words"] = line("In your words", 300, False)

    def lundy(self) -> dict[str, tuple[str, str]]:
        """Question -> mark and words."""
        return {name: (self.cleaned_data[name], self.cleaned_data[f"{name}_words"]) for name in rules.LUNDY}


class EvaluationForm(OfficeForm):
    """A new evaluation."""

    title = line("Title")
    evaluator = line("Who evaluates")
    independence = area("Statement of independence", 4, help_text="Who pays you, and what ties you have or had to any member.")
    period_start = day("Covers from")
    period_end = day("to")


class ActivityForm(OfficeForm):
    """How one came to know."""

    kind = choice("Kind", Activity.Kind)
    on = day("Day")
    title = line("Title", 200, help_text="It is published. No names of persons.")
    notes = area("Notes", 5, False, "They are encrypted, stay with you, and are never published.")


class QuestionsForm(OfficeForm):
    """The self-assessment questionnaire."""

    def prepare(self) -> None:
        given = self.subject.assessments.filter(member_id=self.seat.member_id or 0).first()
        for code, question in rules.QUESTIONS.items():
            self.fields[code] = area(question, 3)
            self.fields[code].initial = given.answers.get(code, "") if given else ""


class TestForm(OfficeForm):
    """A point of the checklist."""

    service = line("Service", 120)
    item = choice("What was tried", rules.CHECKLIST.items())
    result = choice("Result", ServiceTest.Result)
    evidence = area("What was seen", 3)
    on = day("Day")

    def prepare(self) -> None:
        self.fields["member"] = self.members(required=True)


class FindingForm(OfficeForm):
    """A finding."""

    kind = choice("Kind", Finding.Kind)
    criterion = choice("Criterion", Finding.Criterion)
    scale = choice("Scale", Finding.Scale, False)
    text = area("What was found", 4)
    evidence = area("What it rests on", 2)

    def prepare(self) -> None:
        self.fields["member"] = self.members(inside=False)
        published = Commitment.objects.filter(member__alliance=self.seat.alliance).exclude(versions__published_at=None).distinct()
        self.fields["commitment"] = forms.ModelChoiceField(published, required=False, label="Commitment")


class ChangeFindingForm(OfficeForm):
    """A finding, changed before the factual check."""

    edit = forms.IntegerField(widget=forms.HiddenInput)
    scale = choice("Scale", Finding.Scale, False)
    text = area("What was found", 4)
    evidence = area("What it rests on", 2)

    @staticmethod
    def start(subject: Any) -> dict[str, Any]:
        return {name: getattr(subject, name) for name in ("edit", "scale", "text", "evidence")}


class SummaryForm(OfficeForm):
    """The summary of an evaluation."""

    summary = area("Summary", 6)


class CheckForm(OfficeForm):
    """A member's factual check."""

    agrees = choice("Are the facts right?", (("yes", "Yes"), ("no", "No")))
    says = area("What is wrong, and what shows it", 3, False, "It is printed beside the finding.")


class RespondForm(OfficeForm):
    """The evaluator's response."""

    response = area("Your response", 3, help_text="It is printed beside the finding and the disagreement.")
    scale = choice("Scale, where it changes", Finding.Scale, False)


class RecommendForm(OfficeForm):
    """A recommendation."""

    text = area("Recommendation", 3)
    addressee = line("To (where it is no member)", 160, False)

    def prepare(self) -> None:
        self.fields["member"] = self.members()


class AnswerForm(OfficeForm):
    """An answer to a recommendation."""

    answer = choice("Answer", [item for item in Recommendation.Answer.choices if item[0]])
    text = area("Why, and what you will do", 3)


class PullForm(OfficeForm):
    """Where a member's bundle is fetched."""

    url = forms.URLField(label="Address of the member’s Leeward", assume_scheme="https")
    token = line("Key of scope `read`", 120)
