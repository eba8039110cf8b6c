"""The door to staff pages: signed in, a member of staff, with a second factor."""

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
from leeward.server.people.models import Staff

P = ParamSpec("P")


def staff_page(
    *roles: str,
) -> Callable[[Callable[Concatenate[HttpRequest, Staff, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """A view for staff of these roles (any, where none is named); it gets the member of staff as its second argument."""

    def wrap(view: Callable[Concatenate[HttpRequest, Staff, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @functools.wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            staff = Staff.objects.select_related("organisation").filter(user_id=request.user.pk or 0).first()
            if staff is None or (roles and staff.role not in roles):
                raise PermissionDenied
            if not is_mfa_enabled(request.user):
                return redirect("mfa_activate_totp")
            return view(request, staff, *args, **kwargs)

        guarded: Callable[Concatenate[HttpRequest, P], HttpResponse] = login_required(inner)  # type: ignore[assignment]
        return audience("staff")(guarded)

    return wrap
