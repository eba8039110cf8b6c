"""The invented staff of the demo. Nothing here is reachable unless LEEWARD_DEMO is on."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import get_user_model

from leeward.server.people import actions
from leeward.server.people.models import Organisation, Staff

ORGANISATION = "Pebble Games"
PEOPLE = (("mara", Staff.Role.MODERATOR), ("noor", Staff.Role.MODERATOR), ("lena", Staff.Role.LEAD), ("eike", Staff.Role.ENGINEER))


def address(name: str) -> str:
    """The mail address of an invented person."""
    return f"{name}@pebble.example"


def make_staff() -> Staff | None:
    """Makes them once, with passwords that nobody knows; returns the lead, or None where they are there already."""
    if user_named(PEOPLE[0][0]) is not None:
        return None
    organisation = Organisation.objects.get(name=ORGANISATION)
    actions.set_operator(organisation, "leeward up")
    made = [actions.create_staff(address(name), secrets.token_urlsafe(24), organisation, role, "leeward up") for name, role in PEOPLE]
    for staff in made:
        TOTP.activate(staff.user, generate_totp_secret())
    return next(staff for staff in made if staff.role == Staff.Role.LEAD)


def user_named(name: str) -> Any:
    """The account of one of them; None for anybody else."""
    return get_user_model().objects.filter(email=address(name)).first() if name in dict(PEOPLE) else None
