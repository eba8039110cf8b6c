"""Who sees what of the register. The public sees what was published, as of any day; a seat sees its own too."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast
from django.http import Http404

from leeward.server.register import rules
from leeward.server.register.models import (
    Action,
    Alliance,
    Comment,
    Commitment,
    CommitmentVersion,
    Consultation,
    Document,
    Evaluation,
    Finding,
    Indicator,
    Meeting,
    Member,
    MemberStep,
    Observation,
    Pledge,
    Purpose,
    Recommendation,
    Resolution,
    Round,
    RoundReport,
    Seat,
    SigningKey,
)

State = CommitmentVersion.State
Stamp = tuple[Any, ...]
REMEMBERED = 8
"""Days whose rows one worker remembers."""


def end_of(day: dt.date) -> dt.datetime:
    """The first moment after a day, in UTC."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


def alliance(slug: str) -> Alliance:
    """An alliance; all of them are public."""
    found = Alliance.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def purpose_on(of: Alliance, day: dt.date) -> Purpose | None:
    """The statement of purpose that held on a day."""
    return of.purposes.filter(published_on__lte=day).last()


def actions_on(of: Alliance, day: dt.date) -> list[Action]:
    """The actions of that statement."""
    purpose = purpose_on(of, day)
    return list(purpose.actions.all()) if purpose else []


def members_on(of: Alliance, day: dt.date) -> list[tuple[Member, str]]:
    """Every member that had joined by a day, with the state that it had then. Applicants and the refused are not public."""
    states: dict[int, str] = {}
    for step in MemberStep.objects.filter(member__alliance=of, on__lte=day).order_by("on", "id").values_list("member_id", "state"):
        states[step[0]] = step[1]
    hidden = (Member.State.APPLIED, Member.State.REFUSED)
    return [(member, states[member.pk]) for member in of.members.all() if member.pk in states and states[member.pk] not in hidden]


def member_on(of: Alliance, slug: str, day: dt.date) -> tuple[Member, str]:
    """One of them."""
    for member, state in members_on(of, day):
        if member.slug == slug:
            return member, state
    raise Http404


def versions_on(of: Alliance, day: dt.date) -> QuerySet[CommitmentVersion]:
    """The versions that were public and held on a day."""
    moment = end_of(day)
    return CommitmentVersion.objects.filter(commitment__member__alliance=of, published_at__lt=moment).filter(
        Q(ended_at=None) | Q(ended_at__gte=moment)
    )  # fmt: skip


def withdrawn_on(of: Alliance, day: dt.date) -> QuerySet[CommitmentVersion]:
    """The versions that had been withdrawn by a day."""
    return CommitmentVersion.objects.filter(commitment__member__alliance=of, state=State.WITHDRAWN, ended_at__lt=end_of(day))


@dataclass(slots=True)
class Latest:
    """The newest of an indicator on a day: the last day that is covered, and the newest value that could be shown, with its last day."""

    every_months: int
    unit: str
    last_day: dt.date
    value: float | None = None
    value_day: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One commitment as it stood on a day: what is claimed, what is measured, what was found."""

    pk: int
    code: str
    member: str
    member_name: str
    title: str
    actions: list[int]
    bands: list[str]
    version: int
    is_verifiable: bool
    due: dt.date | None
    target: float | None
    direction: str
    unit: str
    published_on: dt.date
    evidence: rules.Evidence
    value: float | None
    evidence_until: dt.date | None
    found: str
    standing: rules.Standing


def _latest(of: Alliance, day: dt.date, member: Member | None) -> dict[int, list[Latest]]:
    """commitment -> the newest of each of its indicators on a day. A month in which too little happened hides no earlier value."""
    newest = Observation.objects.filter(indicator=OuterRef("pk"), received_at__lt=end_of(day)).order_by("-period_end", "-id")
    valued = newest.exclude(value=None)
    own = {"member": member} if member else {"member__alliance": of}
    tied = Indicator.objects.filter(**own).annotate(
        last_day=Subquery(newest.values("period_end")[:1]), value=Subquery(valued.values("value")[:1]),
        value_day=Subquery(valued.values("period_end")[:1]),
    )  # fmt: skip
    columns = ("pk", "every_months", "unit", "last_day", "value", "value_day")
    values = {pk: Latest(*rest) for pk, *rest in tied.exclude(last_day=None).values_list(*columns)}
    found: dict[int, list[Latest]] = defaultdict(list)
    for indicator, commitment in Indicator.commitments.through.objects.filter(
        **{f"indicator__{name}": value for name, value in own.items()}
    ).values_list("indicator_id", "commitment_id"):
        if indicator in values:
            found[commitment].append(values[indicator])
    return found


def found_on(of: Alliance, day: dt.date) -> dict[int, str]:
    """commitment -> where the newest published evaluation put it on the scale, by a day."""
    rows = Finding.objects.filter(
        evaluation__alliance=of, evaluation__published_at__lt=end_of(day), kind=Finding.Kind.FINDING
    ).exclude(commitment=None).order_by("evaluation__published_at", "number")  # fmt: skip
    return dict(rows.values_list("commitment_id", "scale"))


_COLUMNS = (
    "commitment_id", "commitment__code", "commitment__member__slug", "commitment__member__name", "title", "actions", "bands", "number",
    "is_verifiable", "due", "target", "direction", "unit", "published_at",
)  # fmt: skip


@functools.lru_cache(maxsize=4096)
def _numbers(text: str) -> list[Any]:
    """A list as it is stored. Thousands of commitments share a few dozen of them, and reading JSON was a third of the overview's time."""
    read: list[Any] = json.loads(text)
    return read


_whole: OrderedDict[tuple[int, dt.date], tuple[Stamp, list[Row]]] = OrderedDict()
"""The rows of a whole alliance on a day, as long as nothing that they are made of has come since."""


def forget_rows() -> None:
    """Empties the memory of rows."""
    _whole.clear()


def _stamp() -> Stamp:
    """What changes whenever rows do: nothing published is ever changed in place, so the newest of each kind tells."""
    return (
        Observation.objects.aggregate(Max("pk"))["pk__max"], Indicator.commitments.through.objects.aggregate(Max("pk"))["pk__max"],
        *CommitmentVersion.objects.aggregate(a=Max("published_at"), b=Max("ended_at")).values(),
        Evaluation.objects.aggregate(Max("published_at"))["published_at__max"],
    )  # fmt: skip


def rows_on(of: Alliance, day: dt.date, member: Member | None = None, commitment: Commitment | None = None) -> list[Row]:
    """Every commitment that held on a day, or those of one member, or one, with its three columns. The list is not to be changed."""
    if member is not None or commitment is not None:
        return _rows(of, day, member, commitment)
    stamp, key = _stamp(), (of.pk, day)
    known = _whole.get(key)
    if known is None or known[0] != stamp:
        known = _whole[key] = (stamp, _rows(of, day, None, None))
        while len(_whole) > REMEMBERED:
            _whole.popitem(last=False)
    _whole.move_to_end(key)
    return known[1]


def _rows(of: Alliance, day: dt.date, member: Member | None, commitment: Commitment | None) -> list[Row]:
    only = Q(commitment=commitment) if commitment else Q(commitment__member=member) if member else Q()
    latest, found = _latest(of, day, commitment.member if commitment else member), found_on(of, day)
    columns = [Cast(name, TextField()) if name in ("actions", "bands") else name for name in _COLUMNS]
    rows = []
    for values in versions_on(of, day).filter(only).order_by("commitment__code").values_list(*columns):
        said = _read(values)
        pk, is_verifiable, target, direction, unit = said[0], said[8], said[10], said[11], said[12]
        evidence, value, until = _evidence(latest.get(pk, []), target, direction, unit, day)
        scale = found.get(pk, "")
        said += [evidence, value, until, scale, rules.Standing(is_verifiable, evidence, scale)]
        rows.append(Row(*said))
    return rows


def _read(values: Any) -> list[Any]:
    """A row of _COLUMNS as Row takes it."""
    return [*values[:5], _numbers(values[5]), _numbers(values[6]), *values[7:-1], values[-1].date()]


def _evidence(
    latest: Iterable[Latest], target: float | None, direction: str, unit: str, day: dt.date
) -> tuple[rules.Evidence, float | None, dt.date | None]:
    """What the newest values say of a commitment, the value that is compared with its target, and until when it is fresh."""
    states: list[rules.Evidence] = []
    value, until = None, None
    for item in latest:
        compared = target if item.unit == unit else None
        is_fresh = item.value_day is not None and day <= rules.fresh_until(item.value_day, item.every_months)
        states.append(rules.evidence(day, item.last_day, item.every_months, item.value if is_fresh else None, compared, direction))
        if value is None and compared is not None:
            value = item.value
        ends = rules.fresh_until(item.last_day, item.every_months)
        until = min(ends, until or ends)
    return rules.worst_evidence(states), value, until


def commitment_on(of: Alliance, code: str, day: dt.date) -> Commitment:
    """A commitment of which some version was public by a day."""
    found = (
        Commitment.objects.filter(member__alliance=of, code=code, versions__published_at__lt=end_of(day)).select_related("member").first()
    )
    if found is None:
        raise Http404
    return found


def public_versions(of: Commitment, day: dt.date) -> list[CommitmentVersion]:
    """Its versions that were published by a day, newest first."""
    return list(of.versions.filter(published_at__lt=end_of(day)).order_by("-number"))


def series(of: Indicator, day: dt.date) -> list[Observation]:
    """What counted on a day: for each period the value that came last, by period."""
    by_period: dict[dt.date, Observation] = {}
    for item in of.observations.filter(received_at__lt=end_of(day)).select_related("bundle__key").order_by("received_at", "id"):
        by_period[item.period_start] = item
    return [by_period[start] for start in sorted(by_period)]


def all_series(indicators: QuerySet[Indicator], day: dt.date) -> dict[int, list[Observation]]:
    """indicator -> its series, for many at once."""
    found: dict[int, dict[dt.date, Observation]] = defaultdict(dict)
    rows = Observation.objects.filter(indicator__in=indicators, received_at__lt=end_of(day)).select_related("bundle__key")
    for item in rows.order_by("received_at", "id"):
        found[item.indicator_id][item.period_start] = item
    return {pk: [by_period[start] for start in sorted(by_period)] for pk, by_period in found.items()}


def points(observations: Iterable[Observation]) -> list[rules.Point]:
    """A series as the rules look at it."""
    return [rules.Point(item.period_start, item.period_end, item.value, item.method) for item in observations]


def reports_on(of: Round, day: dt.date) -> list[RoundReport]:
    """The reports of a round that were handed in by a day, the newest version of each member first."""
    reports = (
        of.reports.filter(submitted_at__lt=end_of(day)).select_related("member").prefetch_related("documents", "comments__seat__member")
    )
    return list(reports.order_by("member__name", "-number"))


def due_on(of: Alliance, day: dt.date) -> list[tuple[Round, Member, dt.date | None]]:
    """Every report that was due by a day: of each company that was a member when it was due, with the day when it came first."""
    due = list(of.rounds.filter(due__lte=day).order_by("due"))
    first: dict[tuple[int, int], dt.date] = {}
    handed_in = RoundReport.objects.filter(round__in=due, submitted_at__lt=end_of(day)).order_by("-number")
    for round_id, member_id, at in handed_in.values_list("round_id", "member_id", "submitted_at"):
        if at is not None:
            first[round_id, member_id] = at.date()
    return [
        (round_, member, first.get((round_.pk, member.pk)))
        for round_ in due
        for member, state in members_on(of, round_.due)
        if state == Member.State.ADMITTED and member.category == Member.Category.COMPANY
    ]


def late_on(of: Alliance, day: dt.date, member: Member | None = None) -> list[int]:
    """Days late of every report that was due by a day. One that never came is counted until its round closed."""
    return [
        rules.days_late(round_.due, on, min(day, round_.closes))
        for round_, whose, on in due_on(of, day)
        if member is None or whose.pk == member.pk
    ]


def evaluations_on(of: Alliance, day: dt.date) -> QuerySet[Evaluation]:
    """Those that were published by a day."""
    return of.evaluations.filter(published_at__lt=end_of(day)).order_by("-published_at")


def documents_on(of: Alliance, day: dt.date) -> QuerySet[Document]:
    """Those that were published by a day."""
    return of.documents.filter(published_at__lt=end_of(day))


def document_body(of: Alliance, pk: int) -> Document:
    """A document whose file may be given out to the public."""
    unseen = Q(report__isnull=False, report__submitted_at=None) | Q(evaluation__isnull=False, evaluation__published_at=None)
    found = of.documents.exclude(unseen).filter(pk=pk).select_related("commitment").first()
    if found is None or (found.commitment is not None and not found.commitment.versions.exclude(published_at=None).exists()):
        raise Http404  # it goes with something that is not public yet
    return found


def comments_on(day: dt.date, **about: Any) -> QuerySet[Comment]:
    """Comments about something, by a day."""
    return Comment.objects.filter(at__lt=end_of(day), **about).select_related("seat__member", "seat__alliance")


# -- seats: what somebody who signed in sees besides


def seats_of(user_id: int | None) -> list[Seat]:
    """The seats that somebody has now."""
    return list(Seat.objects.filter(user_id=user_id or 0, ended_at=None).select_related("alliance", "member", "user").order_by("pk"))


def _one(found: Any) -> Any:
    """Http404 for what does not exist as for what may not be seen."""
    if found is None:
        raise Http404
    return found


def own_commitments(seat: Seat) -> QuerySet[Commitment]:
    """An editor's own; for the secretariat those of the alliance of which something was handed in; for others what is public."""
    mine = Commitment.objects.filter(member__alliance=seat.alliance).select_related("member")
    if seat.role == Seat.Role.EDITOR:
        return mine.filter(member_id=seat.member_id or 0)
    if seat.role == Seat.Role.SECRETARIAT:
        return mine.exclude(versions__state=State.DRAFT, versions__number=1, versions__submitted_at=None).distinct()
    return mine.exclude(versions__published_at=None).distinct()


def commitment(seat: Seat, pk: int) -> Commitment:
    """One of them."""
    found: Commitment = _one(own_commitments(seat).filter(pk=pk).first())
    return found


def version(seat: Seat, pk: int) -> CommitmentVersion:
    """A version: an editor sees every one of their member's, the secretariat those that were handed in."""
    rows = CommitmentVersion.objects.filter(commitment__in=own_commitments(seat)).select_related("commitment__member__alliance")
    if seat.role != Seat.Role.EDITOR:
        rows = rows.exclude(submitted_at=None)
    found: CommitmentVersion = _one(rows.filter(pk=pk).first())
    return found


def applicants(seat: Seat) -> QuerySet[Member]:
    """Who waits to be decided upon: for the secretariat, and for companies, which vote."""
    if seat.role not in (Seat.Role.SECRETARIAT, Seat.Role.EDITOR):
        return Member.objects.none()
    return seat.alliance.members.filter(state=Member.State.APPLIED)


def member(seat: Seat, pk: int) -> Member:
    """Any member of the seat's alliance; applicants and the refused only for whom they may be seen by."""
    rows = seat.alliance.members.all()
    if seat.role == Seat.Role.EDITOR:
        rows = rows.exclude(state=Member.State.REFUSED)
    elif seat.role != Seat.Role.SECRETARIAT:
        rows = rows.exclude(state__in=(Member.State.APPLIED, Member.State.REFUSED))
    found: Member = _one(rows.filter(pk=pk).first())
    return found


def indicator(seat: Seat, pk: int) -> Indicator:
    """An indicator of one's own member."""
    found: Indicator = _one(Indicator.objects.filter(member_id=seat.member_id or 0, pk=pk).select_related("member").first())
    return found


def key(seat: Seat, pk: int) -> SigningKey:
    """A signing key of one's own member."""
    found: SigningKey = _one(SigningKey.objects.filter(member_id=seat.member_id or 0, pk=pk).select_related("member").first())
    return found


def in_alliance(seat: Seat, model: Any, pk: int, path: str = "alliance") -> Any:
    """A row of the seat's alliance that everybody with a seat may see."""
    return _one(model.objects.filter(**{path: seat.alliance_id}, pk=pk).first())


def round_(seat: Seat, pk: int) -> Round:
    """A round."""
    found: Round = in_alliance(seat, Round, pk)
    return found


def report(seat: Seat, pk: int) -> RoundReport:
    """A report that was handed in."""
    rows = RoundReport.objects.filter(round__alliance=seat.alliance, pk=pk).exclude(submitted_at=None)
    found: RoundReport = _one(rows.select_related("round", "member").first())
    return found


def comment(seat: Seat, pk: int) -> Comment:
    """A comment on one's own member's report or commitment."""
    about = Q(report__member=seat.member_id) | Q(commitment__member=seat.member_id)
    found: Comment = _one(
        Comment.objects.filter(about, pk=pk).select_related("report__member", "commitment__member").first() if seat.member_id else None
    )
    return found


def evaluation(seat: Seat, pk: int) -> Evaluation:
    """An evaluation: one's own for an evaluator; for others those that run, of which they see no finding but their own in the check."""
    rows = Evaluation.objects.filter(alliance=seat.alliance)
    if seat.role == Seat.Role.EVALUATOR:
        rows = rows.filter(seat=seat)
    found: Evaluation = _one(rows.filter(pk=pk).first())
    return found


def finding(seat: Seat, pk: int) -> Finding:
    """A finding: of one's own evaluation for an evaluator; about one's own member, in the factual check, for an editor."""
    rows = Finding.objects.select_related("evaluation", "member", "commitment__member")
    if seat.role == Seat.Role.EVALUATOR:
        rows = rows.filter(evaluation__seat=seat)
    else:
        rows = rows.filter(member_id=seat.member_id or 0, evaluation__state=Evaluation.State.CHECK)
    found: Finding = _one(rows.filter(pk=pk).first())
    return found


def recommendation(seat: Seat, pk: int) -> Recommendation:
    """A recommendation of a published evaluation of the alliance."""
    rows = Recommendation.objects.filter(evaluation__alliance=seat.alliance, evaluation__state=Evaluation.State.PUBLISHED)
    found: Recommendation = _one(rows.filter(pk=pk).select_related("evaluation", "member").first())
    return found


def meeting(seat: Seat, pk: int) -> Meeting:
    """A meeting."""
    found: Meeting = in_alliance(seat, Meeting, pk)
    return found


def resolution(seat: Seat, pk: int) -> Resolution:
    """A decision or action of a meeting."""
    found: Resolution = in_alliance(seat, Resolution, pk, "meeting__alliance")
    return found


def consultation(seat: Seat, pk: int) -> Consultation:
    """A consultation."""
    found: Consultation = in_alliance(seat, Consultation, pk)
    return found


def pledge(seat: Seat, pk: int) -> Pledge:
    """A youth pledge."""
    found: Pledge = in_alliance(seat, Pledge, pk, "member__alliance")
    return found


def document(seat: Seat, pk: int) -> Document:
    """A document: an editor's own member's, any for the secretariat."""
    rows = seat.alliance.documents.all()
    if seat.role == Seat.Role.EDITOR:
        rows = rows.filter(member_id=seat.member_id or 0)
    found: Document = _one(rows.filter(pk=pk).first())
    return found


def seat(mine: Seat, pk: int) -> Seat:
    """A seat of the alliance, for the secretariat."""
    rows = Seat.objects.filter(alliance=mine.alliance, ended_at=None) if mine.role == Seat.Role.SECRETARIAT else Seat.objects.none()
    found: Seat = _one(rows.filter(pk=pk).select_related("member", "alliance").first())
    return found
