"""What the desk measures for the register."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, Q

from leeward.server.core.indicators import SUPPRESS_BELOW, Observation, Period, indicator, share
from leeward.server.desk import access, rules
from leeward.server.desk.models import Delivery, GoldenAnswer, Referral
from leeward.server.reports.models import Outcome


@indicator(
    "desk.referrals_delivered", "Share of referrals that were delivered", "share", "up", "Referrals of the period with a delivery record."
)
def delivered(service_id: int, period: Period) -> list[Observation]:
    """Share delivered."""
    made = Referral.objects.filter(case__service_id=service_id, at__gte=period.start, at__lt=period.end)
    arrived = Exists(Delivery.objects.filter(referral=OuterRef("pk"), succeeded=True))
    return [share("desk.referrals_delivered", made.filter(arrived).count(), made.count())]


@indicator(
    "desk.golden_agreement", "Agreement on golden cases", "kappa", "up",
    "Cohen’s kappa of the answers given in the period by moderators of the service’s organisation against the agreed outcomes.",
)  # fmt: skip
def agreement(service_id: int, period: Period) -> list[Observation]:
    """Kappa over all moderators together."""
    golden = access.golden_cases()
    rows = GoldenAnswer.objects.filter(
        staff__organisation__services=service_id, at__gte=period.start, at__lt=period.end, golden__in=golden
    ).values_list("golden", "kind")
    answers = [(kind, golden[name].kind) for name, kind in rows]
    small = 0 < len(answers) < SUPPRESS_BELOW
    kappa = None if small else rules.agreement(answers)
    return [Observation("desk.golden_agreement", None if kappa is None else round(kappa, 3), None if small else len(answers), small)]


@indicator("desk.read_twice", "Share of outcomes confirmed by a second moderator", "share", "none", "Final outcomes of the period.")
def read_twice(service_id: int, period: Period) -> list[Observation]:
    """Share read twice."""
    found = Outcome.objects.filter(
        case__service_id=service_id,
        final_at__gte=period.start,
        final_at__lt=period.end,
        state__in=[Outcome.State.FINAL, Outcome.State.REVERSED],
    ).aggregate(all=Count("pk"), twice=Count("pk", filter=Q(confirmed_by__isnull=False)))
    return [share("desk.read_twice", found["twice"], found["all"])]
