"""The door to the office: signed in, with a seat in the alliance, and with a second factor."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from leeward.server.core.audience import audience
from leeward.server.register import access
from leeward.server.register.models import Seat

P = ParamSpec("P")
Inner = Callable[Concatenate[HttpRequest, Seat, P], HttpResponse]


def seat_page(view: Inner[P]) -> Callable[Concatenate[HttpRequest, str, P], HttpResponse]:
    """A view for whoever has a seat in the alliance that the address names; it gets the seat as its second argument."""

    @functools.wraps(view)
    def inner(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        seat = next((seat for seat in access.seats_of(request.user.pk) if seat.alliance.slug == slug), None)
        if seat is None:
            raise PermissionDenied
        if not is_mfa_enabled(request.user):
            return redirect("mfa_activate_totp")
        response = view(request, seat, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    guarded: Callable[Concatenate[HttpRequest, str, P], HttpResponse] = login_required(inner)  # type: ignore[assignment]
    return audience("staff")(guarded)
