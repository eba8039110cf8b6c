"""What families measure for the register. Nothing about a single child: small counts are suppressed."""

from __future__ import annotations

import statistics

from django.db.models import Count, Exists, OuterRef

from leeward.server.core.indicators import SUPPRESS_BELOW, Observation, Period, count, indicator, share
from leeward.server.families import access, presets, rules
from leeward.server.families.models import Change, Contest, Link, Person, PlanRule, Request


@indicator("families.linked", "Linked children, by age band", "children", "none", "Children of the service with an active guardian, now.")
def linked(service_id: int, period: Period) -> list[Observation]:
    """Counts by band."""
    rows = (
        Person.objects.filter(service_id=service_id, child__links__state=Link.State.ACTIVE)
        .values("child__band")
        .annotate(n=Count("child", distinct=True))
        .order_by("child__band")
    )
    return [count("families.linked", row["n"], band=row["child__band"]) for row in rows]


@indicator(
    "families.presets_kept", "Share of linked children whose preset was kept as it is", "share", "none",
    "Linked children with a preset and without a guardian’s own rule, of all with a preset.",
)  # fmt: skip
def presets_kept(service_id: int, period: Period) -> list[Observation]:
    """Share kept."""
    chosen = set(Person.objects.filter(service_id=service_id).exclude(child__preset="").values_list("child_id", flat=True))
    changed = set(PlanRule.objects.filter(child_id__in=chosen, until=None).values_list("child_id", flat=True))
    return [share("families.presets_kept", len(chosen - changed), len(chosen))]


@indicator("families.wishes_answered", "Share of wishes that were answered", "share", "up", "Wishes of the period with an answer.")
def wishes(service_id: int, period: Period) -> list[Observation]:
    """Share answered."""
    found = Request.objects.filter(child__people__service_id=service_id, at__gte=period.start, at__lt=period.end)
    return [share("families.wishes_answered", found.exclude(state=Request.State.WAITING).count(), found.count())]


@indicator("families.hours_to_answer", "Median hours until a wish was answered", "hours", "down", "Answered wishes of the period.")
def hours(service_id: int, period: Period) -> list[Observation]:
    """Median hours."""
    rows = Request.objects.filter(child__people__service_id=service_id, at__gte=period.start, at__lt=period.end).exclude(answered_at=None)
    took = [(then - at).total_seconds() / 3600 for at, then in rows.values_list("at", "answered_at") if then is not None]
    small = 0 < len(took) < SUPPRESS_BELOW
    value = round(statistics.median(took), 2) if took and not small else None
    return [Observation("families.hours_to_answer", value, None if small else len(took), small)]


@indicator("families.contested", "Rules and links that children contested", "contests", "down", "Contests of the period.")
def contested(service_id: int, period: Period) -> list[Observation]:
    """Count."""
    found = Contest.objects.filter(child__people__service_id=service_id, at__gte=period.start, at__lt=period.end)
    return [count("families.contested", found.distinct().count())]


def _weighed(service_id: int) -> list[str]:
    """For each guardian's own rule that holds: whether it loosens or tightens what the preset says, or says something new."""
    found = []
    rows = (
        PlanRule.objects.filter(child__people__service_id=service_id, until=None)
        .exclude(child__preset="")
        .select_related("child")
        .distinct()
    )
    for row in rows:
        there = next((rule for rule in presets.preset(row.child.preset) if rule.subject == row.subject), None)
        own = access.as_rule(row)
        found.append("new" if there is None else "loosened" if rules.loosens(there, own) else "tightened")
    return found


@indicator(
    "families.presets_changed", "Guardians’ own rules beside a preset", "rules", "none",
    "Rules that hold now for children with a preset, by whether they loosen it, tighten it, or speak of something new.",
)  # fmt: skip
def presets_changed(service_id: int, period: Period) -> list[Observation]:
    """Counts by direction."""
    found = _weighed(service_id)
    return [count("families.presets_changed", found.count(way), way=way) for way in ("loosened", "tightened", "new")]


@indicator(
    "families.known_to_child", "Share of guardians’ rules that stand where the child sees them", "share", "up",
    "Rules set in the period for which a change is written down on the child’s page, of all. Anything but 1 is a fault.",
)  # fmt: skip
def known_to_child(service_id: int, period: Period) -> list[Observation]:
    """All, or something is wrong."""
    rows = PlanRule.objects.filter(child__people__service_id=service_id, since__gte=period.start, since__lt=period.end).distinct()
    seen = Exists(Change.objects.filter(child=OuterRef("child"), code="rule_set", subject=OuterRef("subject"), at__gte=OuterRef("since")))
    return [share("families.known_to_child", rows.filter(seen).count(), rows.count())]
