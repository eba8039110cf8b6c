"""Pages for staff: where one is, and the API keys."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leeward.server.core import outbox
from leeward.server.core.audience import audience
from leeward.server.people import access, actions, demo
from leeward.server.people.forms import KeyForm, WebhookForm
from leeward.server.people.models import Staff
from leeward.server.people.staff import staff_page

SHOWN = 100
"""Deliveries on the page of webhooks."""


@audience("demo")
@require_http_methods(["GET", "POST"])
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in as one of the demo's invented people. Exists in the demo only."""
    if not settings.DEMO:
        raise PermissionDenied
    if request.method == "POST":
        user = demo.user_named(request.POST.get("who", ""))
        if user is None:
            raise PermissionDenied
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect(demo.PEOPLE[request.POST["who"]].begins)
    return render(request, "people/demo.html", {"people": [item for item in demo.PEOPLE.values() if demo.user_named(item.name)]})


@staff_page()
@require_safe
def home(request: HttpRequest, staff: Staff) -> HttpResponse:
    """What a member of staff can do."""
    return render(request, "people/home.html", {"staff": staff, "services": access.services_of(staff)})


@staff_page(*Staff.MANAGES_KEYS)
def keys(request: HttpRequest, staff: Staff) -> HttpResponse:
    """The keys of the organisation, and a form for a new one. A new key is shown once, in the answer itself."""
    form = KeyForm(staff, request.POST or None)
    made = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = actions.create_key(data["service"], data["name"], data["scopes"], f"staff:{staff.pk}", data["days"])
        form = KeyForm(staff)
    response = render(request, "people/keys.html", {"staff": staff, "keys": access.keys_of(staff), "form": form, "made": made})
    response["Cache-Control"] = "no-store"
    return response


@staff_page(*Staff.MANAGES_KEYS)
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Where services are told, and every delivery with its tries. A new secret is shown once, in the answer itself."""
    form = WebhookForm(staff, request.POST or None)
    made = ""
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.set_webhook(form.cleaned_data["service"], form.cleaned_data["url"], f"staff:{staff.pk}")
        except actions.NotPossible as error:
            form.add_error("url", str(error))
    rows = [(message, access.kind_of(message)) for message in access.deliveries_of(staff)[:SHOWN]]
    context = {"staff": staff, "services": access.services_of(staff), "form": form, "made": made, "rows": rows}
    response = render(request, "people/webhooks.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


@staff_page(*Staff.MANAGES_KEYS)
@require_POST
def webhook_again(request: HttpRequest, staff: Staff, message_id: str) -> HttpResponse:
    """Sends a webhook that failed for good once more."""
    message = access.deliveries_of(staff).filter(pk=message_id).first()
    if message is None:
        raise Http404
    outbox.send_again(message, f"staff:{staff.pk}")
    messages.success(request, "It is on its way again.")
    return redirect("staff_webhooks")


@staff_page(*Staff.MANAGES_KEYS)
@require_POST
def revoke(request: HttpRequest, staff: Staff, key_id: str) -> HttpResponse:
    """Ends a key."""
    key = access.key_for(staff, key_id)
    actions.revoke_key(key, f"staff:{staff.pk}")
    messages.success(request, f"{key} is revoked. It stops working within ten seconds.")
    return redirect("staff_keys")
