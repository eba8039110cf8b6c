"""What telling and answering measure for the register."""

from __future__ import annotations

import statistics

from django.db.models import Count, F, Min, Q

from leeward.server.core.indicators import SUPPRESS_BELOW as LEAST
from leeward.server.core.indicators import Observation, Period, count, indicator, share
from leeward.server.reports import rules
from leeward.server.reports.models import Appeal, Case, Report


def _reports(service_id: int, period: Period):  # type: ignore[no-untyped-def]
    return Report.objects.filter(case__service_id=service_id, at__gte=period.start, at__lt=period.end)


def _cases(service_id: int, period: Period):  # type: ignore[no-untyped-def]
    return Case.objects.filter(service_id=service_id, opened_at__gte=period.start, opened_at__lt=period.end)


@indicator(
    "reports.received", "Reports, by harm and age band", "reports", "none", "Reports in the period, by what they tell and who tells."
)
def received(service_id: int, period: Period) -> list[Observation]:
    """Counts by harm and band."""
    rows = _reports(service_id, period).values("harm", "band").annotate(n=Count("pk")).order_by("harm", "band")
    return [count("reports.received", row["n"], harm=row["harm"] or "not sure", band=row["band"]) for row in rows]


def _hours(code: str, cases, moment: str) -> list[Observation]:  # type: ignore[no-untyped-def]
    """Median and 95th percentile of the hours from opening to a moment, by level; not shown for fewer than five cases."""
    by_level: dict[str, list[float]] = {}
    rows = cases.exclude(**{moment: None}).values_list("harm", "band", "danger", "opened_at", moment)
    for harm, band, danger, opened, then in rows:
        by_level.setdefault(rules.level_of(harm, band, danger), []).append((then - opened).total_seconds() / 3600)
    found = []
    for level, hours in sorted(by_level.items()):
        small = len(hours) < LEAST
        for name, at in (("median", 50), ("p95", 95)):
            value = None if small else round(statistics.quantiles(hours, n=100, method="inclusive")[at - 1], 2)
            found.append(Observation(code, value, None if small else len(hours), small, {"level": level, "statistic": name}))
    return found


@indicator(
    "reports.hours_to_answer", "Hours to the first answer", "hours", "down",
    "Cases opened in the period: from opening to the first step that says something, by level; median and 95th percentile.",
)  # fmt: skip
def to_answer(service_id: int, period: Period) -> list[Observation]:
    """Hours to the first answer."""
    return _hours("reports.hours_to_answer", _cases(service_id, period), "first_answer_at")


@indicator(
    "reports.hours_to_decision", "Hours to the decision", "hours", "down",
    "Cases opened in the period: from opening to the first outcome, by level; median and 95th percentile.",
)  # fmt: skip
def to_decision(service_id: int, period: Period) -> list[Observation]:
    """Hours to the decision."""
    cases = _cases(service_id, period).annotate(first_decided_at=Min("outcomes__final_at"))  # asking again makes no decision later
    return _hours("reports.hours_to_decision", cases, "first_decided_at")


@indicator("reports.answered", "Share of cases decided", "share", "up", "Cases opened in the period that have an outcome now.")
def answered(service_id: int, period: Period) -> list[Observation]:
    """Share decided."""
    found = _cases(service_id, period).aggregate(all=Count("pk"), done=Count("pk", filter=Q(decided_at__isnull=False)))
    return [share("reports.answered", found["done"], found["all"])]


@indicator("reports.came_back", "Share who came back for the answer", "share", "up", "Reports of decided cases whose receipt was used.")
def came_back(service_id: int, period: Period) -> list[Observation]:
    """Share who came back."""
    found = (
        _reports(service_id, period)
        .filter(case__decided_at__isnull=False)
        .exclude(channel=Report.Channel.NONE)
        .aggregate(all=Count("pk"), back=Count("pk", filter=Q(returned_at__isnull=False)))
    )
    return [share("reports.came_back", found["back"], found["all"])]


@indicator("reports.helped", "Share who said that the answer helped", "share", "up", "Of those who answered “Did this help?”, by age band.")
def helped(service_id: int, period: Period) -> list[Observation]:
    """Share who said yes, by band."""
    rows = (
        _reports(service_id, period)
        .exclude(helped=None)
        .values("band")
        .annotate(all=Count("pk"), yes=Count("pk", filter=Q(helped=True)))
        .order_by("band")
    )
    return [share("reports.helped", row["yes"], row["all"], band=row["band"]) for row in rows]


@indicator(
    "reports.late", "Share of cases answered late", "share", "down", "First answers after the clock of the case’s level, of all answered."
)
def late(service_id: int, period: Period) -> list[Observation]:
    """Share late."""
    rows = _cases(service_id, period).exclude(first_answer_at=None).values_list("harm", "band", "danger", "opened_at", "first_answer_at")
    over = sum(then - opened > rules.CLOCK[rules.level_of(harm, band, danger)] for harm, band, danger, opened, then in rows)
    return [share("reports.late", over, len(rows))]


@indicator("reports.appeals", "Appeals, and how many changed the outcome", "appeals", "none", "Appeals in the period, by side and result.")
def appeals(service_id: int, period: Period) -> list[Observation]:
    """Counts by side and result."""
    rows = (
        Appeal.objects.filter(case__service_id=service_id, at__gte=period.start, at__lt=period.end)
        .values("side", result=F("state"))
        .annotate(n=Count("pk"))
        .order_by("side", "result")
    )
    return [count("reports.appeals", row["n"], side=row["side"], result=row["result"]) for row in rows]
