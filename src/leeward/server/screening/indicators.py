"""What screening measures for the register."""

from __future__ import annotations

from django.db.models import Count, Q

from leeward.server.core.indicators import Observation, Period, count, indicator, share
from leeward.server.screening.models import DecisionRecord


def _records(service_id: int, period: Period):  # type: ignore[no-untyped-def]
    return DecisionRecord.objects.filter(service_id=service_id, at__gte=period.start, at__lt=period.end)


@indicator("screening.events", "Events screened", "events", "none", "Decision records in the period, by age band of the audience.")
def screened(service_id: int, period: Period) -> list[Observation]:
    """Events screened, by band."""
    rows = _records(service_id, period).values("audience_band").annotate(n=Count("id")).order_by("audience_band")
    return [count("screening.events", row["n"], band=row["audience_band"]) for row in rows]


@indicator("screening.acted", "Share of events acted upon", "share", "none", "Decisions other than allow, of all decisions in the period.")
def acted(service_id: int, period: Period) -> list[Observation]:
    """Share acted upon, all bands together."""
    found = _records(service_id, period).aggregate(all=Count("id"), acted=Count("id", filter=~Q(action="allow")))
    return [share("screening.acted", found["acted"], found["all"])]


@indicator(
    "screening.harms", "Events acted upon, by harm and action", "events", "down", "Decisions other than allow, by the harm that decided."
)
def harms(service_id: int, period: Period) -> list[Observation]:
    """Counts by harm and action."""
    rows = _records(service_id, period).exclude(action="allow").values("harm", "action").annotate(n=Count("id")).order_by("harm", "action")
    return [count("screening.harms", row["n"], harm=row["harm"], action=row["action"]) for row in rows]


@indicator("screening.support", "Events beside which help was shown", "events", "up", "Decisions with support, in the period.")
def support(service_id: int, period: Period) -> list[Observation]:
    """How often help was shown."""
    return [count("screening.support", _records(service_id, period).filter(support=True).count())]
