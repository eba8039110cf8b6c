"""What the register measures of itself: for a service, over the memberships of the organisation that runs it."""

from __future__ import annotations

import datetime as dt

from leeward.server.core.indicators import Observation, Period, indicator
from leeward.server.people.access import service
from leeward.server.register import access, rules
from leeward.server.register.models import Member


def _measures(service_id: int, period: Period) -> rules.Measures:
    """At the last day of the period."""
    day = (period.end - dt.timedelta(microseconds=1)).date()
    standings: list[rules.Standing] = []
    late: list[int] = []
    for member in Member.objects.filter(organisation_id=service(service_id).organisation_id).select_related("alliance"):
        standings += [row.standing for row in access.rows_on(member.alliance, day) if row.member == member.slug]
        late += access.late_on(member.alliance, day, member)
    return rules.measures(standings, late)


def _share(code: str, value: float | None, whole: int) -> list[Observation]:
    """Public figures: nothing is suppressed."""
    return [Observation(code, value, whole, False)] if whole else []


@indicator(
    "register.verifiable", "Share of commitments that can be checked", "share", "up", "Commitments that hold at the end of the period."
)
def verifiable(service_id: int, period: Period) -> list[Observation]:
    """Share verifiable."""
    found = _measures(service_id, period)
    return _share("register.verifiable", found.verifiable, found.commitments)


@indicator(
    "register.fresh", "Share of commitments with fresh evidence", "share", "up", "Commitments that hold at the end of the period."
)  # fmt: skip
def fresh(service_id: int, period: Period) -> list[Observation]:
    """Share with fresh evidence."""
    found = _measures(service_id, period)
    return _share("register.fresh", found.fresh, found.commitments)


@indicator(
    "register.found_true", "Share of commitments that were found true", "share", "up",
    "Fully or largely true in the newest published evaluation, of all commitments that hold at the end of the period.",
)  # fmt: skip
def found_true(service_id: int, period: Period) -> list[Observation]:
    """Share found true."""
    found = _measures(service_id, period)
    return _share("register.found_true", found.found_true, found.commitments)


@indicator(
    "register.days_late", "Median days that reports were late", "days", "down", "Reports that were due by the end of the period; 0 in time."
)
def days_late(service_id: int, period: Period) -> list[Observation]:
    """Median days late."""
    found = _measures(service_id, period)
    return [] if found.median_days_late is None else [Observation("register.days_late", found.median_days_late, None, False)]
