"""What a visitor of the playground may set."""

from __future__ import annotations

from typing import Any, get_args

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from leeward.engine.events import AgeBand, Relationship, Surface
from leeward.server.screening.play import MAX_TEXT, Person, Scene

_BANDS = [(band, {"adult": _("adult"), "unknown": _("unknown age")}.get(band, band)) for band in get_args(AgeBand)]
_RELATIONSHIPS = [
    ("stranger", _("strangers")), ("accepted", _("contact accepted")), ("friend", _("friends")), ("family", _("family")),
    ("school", _("same school")), ("staff", _("staff of the service")), ("unknown", _("not known")),
]  # fmt: skip
_SURFACES = [
    ("dm", _("private chat")), ("group", _("group")), ("public", _("public")), ("livestream", _("live stream")), ("game", _("game")),
]  # fmt: skip
_ACCOUNTS = [("2", _("2 days old")), ("400", _("a year old"))]
_OTHERS = [("0", _("nobody")), ("6", _("6 other children")), ("14", _("14 other children"))]
assert {name for name, _label in _RELATIONSHIPS} == set(get_args(Relationship)) and {n for n, _l in _SURFACES} == set(get_args(Surface))  # noqa: S101

EXAMPLES: list[tuple[str, str, Any]] = [
    ("a", "how old r u? dont tell ur mum, add me on sn4p", _("A stranger asks")),
    ("b", "gg u killed me lol", _("Gaming talk")),
    ("a", "we made a new group without you, nobody will miss you", _("Bullying, no bad word")),
    ("b", "i cant sleep anymore, nobody would notice if i was gone", _("A cry for help")),
    ("b", "no way you're home too, call me on 0151 23456789", _("A phone number")),
]
"""(side, text, name): one tap each."""


_CLOSED = (
    ("", _("nothing")),
    ("contact:stranger", _("talking to strangers")),
    ("content:violence", _("scary and cruel things")),
)


class PlayForm(forms.Form):
    """Scene, conversation and the new message. Nothing of it is stored."""

    a_age = forms.ChoiceField(choices=_BANDS, initial="adult", label=_("Age"))
    b_age = forms.ChoiceField(choices=_BANDS, initial="10-12", label=_("Age"))
    account = forms.ChoiceField(choices=_ACCOUNTS, initial="2", label=_("Account"))
    others = forms.ChoiceField(choices=_OTHERS, initial="0", label=_("Wrote before to"))
    closed = forms.ChoiceField(choices=_CLOSED, required=False, label=_("A parent closed"))
    relationship = forms.ChoiceField(choices=_RELATIONSHIPS, initial="stranger", label=_("They are"))
    surface = forms.ChoiceField(choices=_SURFACES, initial="dm", label=_("Where"))
    language = forms.ChoiceField(choices=settings.LANGUAGES, initial="en", label=_("Words in"))
    policy = forms.CharField(
        required=False, max_length=40_000, strip=False, widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"}), label=_("Policy")
    )
    transcript = forms.CharField(required=False, max_length=60_000, widget=forms.HiddenInput)
    text_a = forms.CharField(required=False, max_length=MAX_TEXT)
    text_b = forms.CharField(required=False, max_length=MAX_TEXT)
    picture_a = forms.FileField(required=False)
    picture_b = forms.FileField(required=False)

    def scene(self) -> Scene:
        """The scene of a valid form."""
        data: dict[str, Any] = self.cleaned_data
        return Scene(
            a=Person("Robin", data["a_age"], int(data["account"])), b=Person("Kim", data["b_age"]), relationship=data["relationship"],
            surface=data["surface"], language=data["language"], others=int(data["others"]), closed=data["closed"],
        )  # fmt: skip
