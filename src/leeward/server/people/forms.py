from __future__ import annotations

from typing import Any

from django import forms

from leeward.server.people import access
from leeward.server.people.models import ApiKey, Service, Staff


class WebhookForm(forms.Form):
    """Where a service is told of holds, reports and decisions."""

    service: forms.ModelChoiceField[Service] = forms.ModelChoiceField(Service.objects.none(), label="Service", empty_label=None)
    url = forms.CharField(max_length=400, label="Address", help_text="https://… It gets signed POST requests (Standard Webhooks).")

    def __init__(self, staff: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = access.services_of(staff)  # type: ignore[attr-defined]


class KeyForm(forms.Form):
    """A new key for a service of one's own organisation."""

    service: forms.ModelChoiceField[Service] = forms.ModelChoiceField(Service.objects.none(), label="Service", empty_label=None)
    name = forms.CharField(max_length=80, label="Name", help_text="Where will it be used? For example: chat backend, live.")
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[ApiKey.Scope.SCREEN], label="May do"
    )
    days = forms.IntegerField(min_value=1, max_value=3650, required=False, label="Ends after days", help_text="Leave empty for no end.")

    def __init__(self, staff: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = access.services_of(staff)  # type: ignore[attr-defined]
