"""The back office: one page for each seat, and one form for each thing that can be done (tasks.py)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leeward.server.core.audience import audience
from leeward.server.register import access, forms
from leeward.server.register.actions import commitments, membership, rounds
from leeward.server.register.actions.common import Changed, NotPossible, today
from leeward.server.register.models import Alliance, CommitmentVersion, Evaluation, Finding, Member, Seat
from leeward.server.register.seats import seat_page
from leeward.server.register.tasks import EDITOR, EVALUATOR, SECRETARIAT, TASKS, Task

WRITES_COMMITMENT = frozenset({"commitment", "version"})


@audience("staff")
@login_required
@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """To one's only seat; to a choice where there are several."""
    seats = access.seats_of(request.user.pk)
    if len(seats) == 1:
        return redirect("office", slug=seats[0].alliance.slug)
    return render(request, "register/office_door.html", {"seats": seats}, status=200 if seats else 403)


@seat_page
@require_safe
def home(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What waits for a seat, and what it can do."""
    return render(
        request,
        "register/office.html",
        {"seat": seat, "alliance": seat.alliance, "today": today(), "new_tasks": _new_tasks(seat), **_waiting(seat)},
    )


def _new_tasks(seat: Seat) -> list[tuple[str, str]]:
    """What can be begun by a seat without choosing something first."""
    done = {"start"} if seat.alliance.state != Alliance.State.FORMING else set()
    return [(name, item.title) for name, item in TASKS.items() if seat.role in item.roles and item.load is None and name not in done]


def _waiting(seat: Seat) -> dict[str, Any]:
    """What a seat sees in its office, by its role."""
    of = seat.alliance
    seen: dict[str, Any] = {
        "consultations": of.consultations.filter(closes_on__gte=today()), "meetings": of.meetings.order_by("-on")[:12],
        "recommendations": [r for e in of.evaluations.filter(state=Evaluation.State.PUBLISHED) for r in e.recommendations.all()
                            if seat.role == EVALUATOR or r.member_id == seat.member_id],
    }  # fmt: skip
    if seat.role == SECRETARIAT:
        seen.update(
            applicants=[(m, membership.missing_for_admission(m)) for m in access.applicants(seat)],
            members=of.members.filter(state__in=Member.INSIDE),
            submitted=CommitmentVersion.objects.filter(commitment__member__alliance=of,
            state="submitted").select_related("commitment__member"),
            seats=of.seats.filter(ended_at=None).select_related("user", "member", "alliance"),
            open_consultations=of.consultations.filter(outcome=""),
            pulls=[pull for member in of.members.all() for pull in member.pulls.all()],
        )  # fmt: skip
    elif seat.role == EDITOR and seat.member is not None:
        member = seat.member
        seen.update(
            applicants=access.applicants(seat), commitments=[(c, c.versions.last()) for c in access.own_commitments(seat)],
            indicators=member.indicators.all(), keys=member.signing_keys.all(), pledges=member.pledges.filter(verdict_at=None),
            rounds=[(r, rounds.report_of(r, member)) for r in of.rounds.filter(closes__gte=today() - dt.timedelta(days=60))],
            comments=_unanswered(seat), assessments=of.evaluations.filter(state=Evaluation.State.RUNNING),
            documents=member.documents.filter(withdrawn_at=None),
            checks=Finding.objects.filter(member=member, evaluation__state=Evaluation.State.CHECK, said_at=None), endorsed=_endorsed(seat),
        )  # fmt: skip
    elif seat.role == EVALUATOR:
        seen["evaluations"] = [
            (e, e.findings.select_related("member", "commitment"), e.assessments.select_related("member"))
            for e in of.evaluations.filter(seat=seat)
        ]
    else:
        recent = [report for item in of.rounds.all()[:2] for report in access.reports_on(item, today())]
        seen.update(
            reports=recent, commitments=[(c, None) for c in access.own_commitments(seat)],
            pledges=[p for m in of.members.all() for p in m.pledges.all()], endorsed=_endorsed(seat),
        )  # fmt: skip
    return seen


def _unanswered(seat: Seat) -> list[Any]:
    comments = access.comments_on(today(), report__member=seat.member_id, reply="")
    return [*comments, *access.comments_on(today(), commitment__member=seat.member_id, reply="")]


def _endorsed(seat: Seat) -> bool:
    purpose = seat.alliance.purposes.last()
    return purpose is None or seat.member is None or purpose.endorsements.filter(member=seat.member).exists()


@seat_page
@require_http_methods(["GET", "POST"])
def task(request: HttpRequest, seat: Seat, name: str, pk: int | None = None) -> HttpResponse:
    """One thing to do: its form, and what the actions say to it. Nothing that was typed is lost."""
    found = TASKS.get(name)
    if found is None or seat.role not in found.roles or (found.load is None) != (pk is None):
        raise Http404
    subject = found.load(seat, pk) if found.load is not None and pk is not None else None
    start = _report_start(seat, subject) if name == "report" else found.form.start(subject)
    form = found.form(seat, subject, request.POST or ({} if request.method == "POST" else None), request.FILES or None, initial=start)
    context: dict[str, Any] = {"seat": seat, "alliance": seat.alliance, "task": found, "name": name, "subject": subject}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                found.run(seat, subject, form)
            except Changed as error:
                form = _with_new_edit(found, seat, name, subject, request)
                context.update(problem=str(error), theirs=error.theirs)
            except NotPossible as error:
                context["problem"] = str(error)
            else:
                messages.success(request, found.done)
                return redirect("office", slug=seat.alliance.slug)
    if name in WRITES_COMMITMENT:
        context["gaps"] = _gaps(form, subject)
    return render(request, "register/task.html", {**context, "form": form}, status=status)


def _report_start(seat: Seat, subject: Any) -> dict[str, Any]:
    report = rounds.report_of(subject, seat.member) if seat.member else None
    return {name: getattr(report, name) for name in ("edit", "done", "planned", "numbers")} if report else {}


def _with_new_edit(found: Task, seat: Seat, name: str, subject: Any, request: HttpRequest) -> forms.OfficeForm:
    """The same form with what was typed, on top of what stands there now: saving again is meant."""
    fresh = found.load(seat, subject.pk) if found.load is not None else None
    start = _report_start(seat, fresh) if name == "report" else found.form.start(fresh)
    data = request.POST.copy()
    data["edit"] = str(start.get("edit", ""))
    return found.form(seat, fresh, data, initial=start)


def _gaps(form: Any, subject: Any) -> list[Any]:
    """What the assistant says to what stands in the form."""
    tied = subject.commitment.indicators.count() if isinstance(subject, CommitmentVersion) else 0
    if form.is_bound:
        return commitments.gaps(form.text_of(), tied) if form.is_valid() else []
    return commitments.gaps(commitments.text_of(subject), tied) if isinstance(subject, CommitmentVersion) else []


@seat_page
@require_POST
def assistant(request: HttpRequest, seat: Seat) -> HttpResponse:
    """What the assistant says to a commitment while it is written."""
    form = forms.CommitmentForm(seat, None, request.POST)
    form.fields["title"].required = form.fields["text"].required = False
    if not form.is_valid():
        return JsonResponse(
            {"gaps": [{"says": f"{name}: {text}", "blocks": True} for name, errors in form.errors.items() for text in errors]}
        )
    return JsonResponse({"gaps": [{"says": gap.says, "blocks": gap.blocks} for gap in commitments.gaps(form.text_of(), 1)]})
