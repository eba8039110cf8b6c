"""The forms for adults and trusted flaggers: the elements of a notice by DSA Art. 16(2)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from leeward.server.people import countries
from leeward.server.people.models import Service
from leeward.server.reports import access
from leeward.server.reports.told import MAX_LINE, MAX_TEXT, Place, Told

AGAINST_CHILDREN = frozenset({"contact.grooming", "contact.image_request", "contact.extortion", "contact.meet_request", "content.sexual"})
"""A notice of these may come without a name: it may be about an offence against a child (DSA Art. 16(2)(c))."""
KINDS = (
    ("content.sexual", _("Sexual content")),
    ("content.violence", _("Cruelty and gore")),
    ("content.self_harm", _("Praise of self-harm or suicide")),
    ("content.eating_disorder", _("Praise of not eating")),
    ("content.dangerous_challenge", _("Dangerous challenge")),
    ("content.drugs", _("Drugs, vapes and alcohol")),
    ("content.gambling", _("Gambling")),
    ("content.profanity", _("Swearing")),
    ("conduct.bullying", _("Bullying")),
    ("conduct.threat", _("Threat")),
    ("conduct.hate", _("Hate against a group")),
    ("conduct.sexual_harassment", _("Sexual harassment")),
    ("conduct.doxxing", _("Personal data shared")),
    ("contact.age_probe", _("Asks for the age")),
    ("contact.location_probe", _("Asks where somebody is")),
    ("contact.secrecy", _("Asks for secrecy")),
    ("contact.move_platform", _("Wants to move to another app")),
    ("contact.image_request", _("Asks for a picture")),
    ("contact.meet_request", _("Wants to meet")),
    ("contact.gift_offer", _("Offers gifts or money")),
    ("contact.extortion", _("Extortion")),
    ("contact.grooming", _("Risky relationship over time")),
    ("consumer.scam", _("Scam")),
    ("consumer.spam", _("Spam")),
    ("consumer.gambling_like", _("Paid chance in a game")),
    ("wellbeing.distress", _("Distress")),
)
"""What an adult can tell of, by harm: every harm but `content.known`, which only a bank knows."""


class NoticeForm(forms.Form):
    """A notice by an adult."""

    service: forms.ModelChoiceField[Service] = forms.ModelChoiceField(Service.objects.none(), required=False, label=_("Service"))
    link = forms.URLField(max_length=MAX_LINE, required=False, label=_("Exact address of the content"), assume_scheme="https")
    username = forms.CharField(max_length=MAX_LINE, required=False, label=_("Name of the account"))
    harm = forms.ChoiceField(choices=(("", "–"), *KINDS), label=_("What is it?"))
    band = forms.ChoiceField(
        choices=(("unknown", _("I do not know")), ("6-9", _("9 or younger")), ("10-12", "10–12"), ("13-15", "13–15"), ("16-17", "16–17")),
        label=_("How old is the child concerned?"),
    )
    danger = forms.BooleanField(required=False, label=_("Somebody’s life or safety is in danger now"))
    law = forms.CharField(
        max_length=MAX_TEXT, label=_("Why do you think that this is illegal or against the rules?"), widget=forms.Textarea({"rows": 5})
    )
    country = forms.ChoiceField(choices=(("", "–"), *countries.COUNTRIES), required=False, label=_("Country"))
    name = forms.CharField(max_length=120, required=False, label=_("Your name"))
    mail = forms.EmailField(required=False, label=_("Your e-mail address"))
    good_faith = forms.BooleanField(label=_("I believe in good faith that what I say here is accurate and complete."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = access.services()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Where it is, and who says so unless it may be about an offence against a child."""
        data = super().clean() or {}
        if not data.get("link") and not data.get("username"):
            self.add_error("link", _("Give the exact address, or the name of the account."))
        if data.get("harm") and data["harm"] not in AGAINST_CHILDREN and not (data.get("name") and data.get("mail")):
            self.add_error("name", _("Give your name and e-mail address. Only notices of offences against children may come without."))
        return data

    def told(self, language: str, source: str) -> Told:
        """The report that the notice makes."""
        data = self.cleaned_data
        service: Service | None = data["service"]
        return Told(
            about="seen", band="adult", child=data["band"], harm=data["harm"], danger=data["danger"], country=data["country"],
            language=language,
            service_id=service.pk if service else None, place=Place(link=data["link"], username=data["username"]), text=data["law"],
            channel="mail" if data["mail"] else "receipt", mail=data["mail"], source=source, name=data["name"], law=data["law"],  # type: ignore[arg-type]
        )  # fmt: skip


class FlaggerForm(NoticeForm):
    """A notice by a trusted flagger (DSA Art. 22), who proves to be one by a code."""

    code = forms.CharField(max_length=80, label=_("Your code as a trusted flagger"), widget=forms.PasswordInput({"autocomplete": "off"}))
    field_order = ("code",)
