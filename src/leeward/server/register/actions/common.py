"""What the register's actions share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Model

from leeward.server.core import clock
from leeward.server.register.models import Alliance, Member, Seat


class NotPossible(ValueError):
    """What was asked cannot be done; the message says what to do instead."""


class Changed(NotPossible):
    """Somebody else changed it meanwhile. `theirs` is what stands there now."""

    def __init__(self, theirs: dict[str, str]) -> None:
        super().__init__("Somebody else changed this while you wrote. Nothing of yours is lost: compare, put it together, and save again.")
        self.theirs = theirs


def today() -> dt.date:
    """The day, in UTC."""
    return clock.now().date()


def actor(seat: Seat) -> str:
    """How a seat stands in the audit chain."""
    return f"seat:{seat.pk}"


def lock(row: Model) -> None:
    """Reads a row anew and holds it to the end of the transaction, so that what is done once is not done twice at the same time."""
    row.refresh_from_db(from_queryset=type(row)._default_manager.select_for_update())


def needs(seat: Seat, *roles: str) -> None:
    """Refuses a seat of another role, or one that has ended."""
    if seat.role not in roles or seat.ended_at is not None:
        raise NotPossible("Your seat in this alliance does not allow that.")


def own(seat: Seat, member: Member) -> None:
    """Refuses what belongs to another member."""
    if seat.member_id != member.pk:
        raise NotPossible("That belongs to another member.")


def inside(member: Member) -> None:
    """Refuses a member that is not one (any more)."""
    if member.state not in Member.INSIDE:
        raise NotPossible(f"{member.name} is not a member: it is {member.get_state_display().lower()}.")


def same_alliance(seat: Seat, alliance_id: int) -> None:
    """Refuses what belongs to another alliance."""
    if seat.alliance_id != alliance_id:
        raise NotPossible("That belongs to another alliance.")


def living(alliance: Alliance) -> None:
    """Refuses to write into an archive or a concluded alliance."""
    if alliance.is_archive or alliance.state == Alliance.State.CONCLUDED:
        raise NotPossible(f"{alliance.name} is concluded: it is kept as it was.")


def mails(alliance: Alliance, roles: Collection[str], member: Member | None = None) -> list[str]:
    """The addresses of the seats of some roles, of one member where it is named."""
    seats = Seat.objects.filter(alliance=alliance, role__in=roles, ended_at=None).select_related("user")
    if member is not None:
        seats = seats.filter(member=member)
    return [seat.user.email for seat in seats]
