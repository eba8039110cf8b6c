"""The invented people of the demo. Nothing here is reachable unless LEEWARD_DEMO is on."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import get_user_model

from leeward.server.people import actions
from leeward.server.people.models import Organisation, Staff

ORGANISATION = "Pebble Games"


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody invented: what they do, and where they begin after signing in."""

    name: str
    mail: str
    says: str
    begins: str


STAFF = (("mara", Staff.Role.MODERATOR), ("noor", Staff.Role.MODERATOR), ("lena", Staff.Role.LEAD), ("eike", Staff.Role.ENGINEER))
PEOPLE: dict[str, Persona] = {
    name: Persona(name, f"{name}@pebble.example", f"{role.label.lower()} at {ORGANISATION}", "staff_home") for name, role in STAFF
}
"""By name. A room that has people of its own adds them when it is loaded."""


def make_staff() -> Staff | None:
    """Makes the staff once, with passwords that nobody knows; returns the lead, or None where they are there already."""
    if user_named(STAFF[0][0]) is not None:
        return None
    organisation = Organisation.objects.get(name=ORGANISATION)
    actions.set_operator(organisation, "leeward up")
    made = [actions.create_staff(PEOPLE[name].mail, secrets.token_urlsafe(24), organisation, role, "leeward up") for name, role in STAFF]
    for staff in made:
        second_factor(staff.user)
    return next(staff for staff in made if staff.role == Staff.Role.LEAD)


def second_factor(user: Any) -> None:
    """A second factor that nobody holds: the demo's own door does not ask for it."""
    TOTP.activate(user, generate_totp_secret())


def user_named(name: str) -> Any:
    """The account of one of them; None for anybody else."""
    return get_user_model().objects.filter(email=PEOPLE[name].mail).first() if name in PEOPLE else None
