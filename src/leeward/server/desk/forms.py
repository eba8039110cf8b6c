from __future__ import annotations

from typing import Any

from django import forms

from leeward.engine import harms
from leeward.server.desk import access
from leeward.server.desk.actions import Choice
from leeward.server.desk.models import Partner
from leeward.server.people.countries import COUNTRIES
from leeward.server.people.models import AgeBand, Staff
from leeward.server.reports.models import Case, Outcome, Report

HARMS = (("", "Not sure"), *((harm.code, harm.name) for harm in harms.ALL))


class FilterForm(forms.Form):
    """What to see of the queue."""

    view = forms.ChoiceField(
        choices=(
            ("open", "Open"), ("mine", "Mine"), ("late", "Late"), ("second", "Second reading"), ("appeal", "Asked again"),
            ("decided", "Decided"), ("all", "All"),
        ),
        required=False, label="Show",
    )  # fmt: skip
    harm = forms.ChoiceField(choices=(("", "Any"), ("unsure", "Not sure"), *HARMS[1:]), required=False, label="Harm")
    band = forms.ChoiceField(choices=(("", "Any"), *AgeBand.choices), required=False, label="Age band")
    page = forms.IntegerField(min_value=1, required=False, widget=forms.HiddenInput)
    search = forms.CharField(max_length=80, required=False, label="Case, report or event id, account or link")


class DecideForm(forms.Form):
    """An outcome."""

    kind = forms.ChoiceField(
        choices=(("action_taken", "Action taken"), ("no_action", "No action"), ("not_ours", "Not ours")), label="Outcome",
        widget=forms.RadioSelect,
    )  # fmt: skip
    harm = forms.ChoiceField(choices=HARMS, required=False, label="Harm")
    content = forms.ChoiceField(
        choices=(
            (Outcome.Content.TEXT, "Text"), (Outcome.Content.IMAGE, "Picture"), (Outcome.Content.VIDEO, "Video"),
            (Outcome.Content.AUDIO, "Sound"), (Outcome.Content.SYNTHETIC, "Made by a machine"), (Outcome.Content.APP, "App or game"),
        ),
        required=False, label="Kind of content", initial=Outcome.Content.TEXT,
    )  # fmt: skip
    on_content = forms.ChoiceField(
        choices=(
            ("", "Nothing"), ("DECISION_VISIBILITY_CONTENT_REMOVED", "Removed"), ("DECISION_VISIBILITY_CONTENT_DISABLED", "Hidden"),
            ("DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED", "For adults only"),
            ("DECISION_VISIBILITY_CONTENT_INTERACTION_RESTRICTED", "No replies or sharing"),
            ("DECISION_VISIBILITY_CONTENT_LABELLED", "Labelled"),
        ),
        required=False, label="On the content",
    )  # fmt: skip
    on_account = forms.ChoiceField(
        choices=(
            ("", "Nothing"), ("warned", "Warned"), ("DECISION_ACCOUNT_SUSPENDED", "Suspended"),
            ("DECISION_ACCOUNT_TERMINATED", "Closed for good"),
        ),
        required=False, label="On the account",
    )  # fmt: skip
    ground = forms.ChoiceField(
        choices=((Outcome.Ground.TERMS, "Terms of the service"), (Outcome.Ground.LAW, "Law")), label="Ground", initial=Outcome.Ground.TERMS
    )
    ground_reference = forms.CharField(max_length=200, required=False, label="Which rule or law")
    facts = forms.CharField(
        max_length=5_000, required=False, label="Facts", widget=forms.Textarea({"rows": 3}),
        help_text="For the statement of reasons: no names, no personal data.",
    )  # fmt: skip
    own_words = forms.CharField(
        max_length=600, required=False, label="A sentence of your own for who told", widget=forms.Textarea({"rows": 2}),
        help_text="Optional. It is checked against the reading budget of their age, and for their language.",
    )  # fmt: skip

    carried_out = forms.CharField(max_length=300, required=False, label="Done by", help_text="Who did it, how and when.")

    def clean_content(self) -> str:
        """Text where nothing is chosen: nearly all of it is."""
        return str(self.cleaned_data["content"] or Outcome.Content.TEXT)

    def choice(self) -> Choice:
        """What was decided."""
        return Choice(**self.cleaned_data)

    @staticmethod
    def start(case: Case) -> dict[str, Any]:
        """What can be filled in before: the harm, and the facts as far as they are in the case."""
        name = harms.BY_CODE[case.harm].name if case.harm in harms.BY_CODE else "Conduct"
        how = (
            "found by automated screening and read by a person"
            if case.source == Case.Source.SCREENING
            else "reported by a user and read by a person"
        )
        return {
            "harm": case.harm, "content": Outcome.Content.TEXT, "ground": Outcome.Ground.TERMS,
            "ground_reference": "Community rules: protection of minors",
            "facts": f"{name} towards a minor ({case.band}), {how}.",
        }  # fmt: skip


class AskForm(forms.Form):
    """A question to one who told."""

    report: forms.ModelChoiceField[Report] = forms.ModelChoiceField(Report.objects.none(), label="To", empty_label=None)
    question = forms.CharField(max_length=600, label="Question", widget=forms.Textarea({"rows": 2}))

    def __init__(self, case: Case, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["report"]
        field.queryset = case.reports.exclude(channel=Report.Channel.NONE)
        field.label_from_instance = lambda report: f"{report.band}, writes in {report.language}"


class ReferForm(forms.Form):
    """To whom, and why."""

    partner: forms.ModelChoiceField[Partner] = forms.ModelChoiceField(Partner.objects.none(), label="To", empty_label=None)
    why = forms.CharField(max_length=2_000, label="Why", widget=forms.Textarea({"rows": 2}))

    def __init__(self, staff: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partner"].queryset = access.partners(staff)  # type: ignore[attr-defined]


class HandOverForm(forms.Form):
    """To which colleague."""

    to: forms.ModelChoiceField[Staff] = forms.ModelChoiceField(Staff.objects.none(), label="To", empty_label=None)
    note = forms.CharField(max_length=1_000, required=False, label="Note")

    def __init__(self, staff: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = access.colleagues(staff)  # type: ignore[attr-defined]


class PartnerForm(forms.Form):
    """A new partner."""

    name = forms.CharField(max_length=120, label="Name")
    kind = forms.ChoiceField(choices=Partner.Kind, label="Kind")
    country = forms.ChoiceField(choices=(("", "–"), *COUNTRIES), required=False, label="Country")
    channel = forms.ChoiceField(choices=Partner.Channel, label="How it is sent")
    address = forms.CharField(
        max_length=400, required=False, label="Address", help_text="Mail address or https:// address; empty for a download."
    )
    age_key = forms.CharField(
        max_length=80, required=False, label="age public key", help_text="Begins with age1; needed for mail and HTTPS."
    )
