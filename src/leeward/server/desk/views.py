"""The desk: a queue ordered by risk to a child, one page a case, referrals, practice. Staff only; keyboard first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leeward.server.desk import access, actions
from leeward.server.desk.forms import AskForm, DecideForm, FilterForm, HandOverForm, PartnerForm, ReferForm
from leeward.server.people.models import Staff
from leeward.server.people.staff import staff_page
from leeward.server.reports.actions import NotPossible
from leeward.server.reports.models import Case
from leeward.server.reports.pictures import covered

desk_page = staff_page(*Staff.MODERATES)


@desk_page
@require_safe
def queue(request: HttpRequest, staff: Staff) -> HttpResponse:
    """What waits, the most urgent first."""
    form = FilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    found = access.queue(
        staff,
        asked.get("view") or "open",
        asked.get("harm", ""),
        asked.get("band", ""),
        asked.get("search", "").strip(),
        asked.get("page") or 1,
    )
    others = request.GET.copy()
    others.pop("page", None)
    context = {
        "items": found.items, "found": found, "others": others.urlencode(), "form": form, "counts": access.counts(staff),
        "care": access.care_of(staff), "staff": staff, "view": asked.get("view") or "open",
    }  # fmt: skip
    return render(request, "desk/queue.html", context)


@desk_page
@require_safe
def counts(request: HttpRequest, staff: Staff) -> HttpResponse:
    """The numbers at the top of the desk, for its script."""
    return JsonResponse(access.counts(staff))


@desk_page
@require_safe
def case(request: HttpRequest, staff: Staff, case_id: str) -> HttpResponse:
    """One case. Opening it is audited."""
    found = access.case_for(staff, case_id)
    actions.open_case(staff, found)
    return _page(request, staff, found, DecideForm(initial=DecideForm.start(found)))


def _page(request: HttpRequest, staff: Staff, found: Case, decide: DecideForm, problem: str = "", act: str = "") -> HttpResponse:
    """The page of a case. Where an act could not be done, its own form opens with what was typed."""
    typed = request.POST if act else None
    context: dict[str, Any] = {
        "sight": access.sight_of(staff, found), "staff": staff, "decide": decide, "connected": actions.can_be_carried_out(found),
        "ask": AskForm(found, typed if act == "ask" else None), "refer": ReferForm(staff, typed if act == "refer" else None),
        "hand_over": HandOverForm(staff, typed if act == "hand-over" else None), "care": access.care_of(staff), "problem": problem,
        "act": act, "typed": typed,
    }  # fmt: skip
    response = render(request, "desk/case.html", context, status=422 if problem else 200)
    response["Cache-Control"] = "no-store"
    return response


def _refused(request: HttpRequest, staff: Staff, case_id: str, form: DecideForm, problem: str, act: str = "") -> HttpResponse:
    """The case again, as it is now, with what is wrong. That it was read is audited as any reading is."""
    found = access.case_for(staff, case_id)
    actions.open_case(staff, found)
    return _page(request, staff, found, form, problem, act)


def _take(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.take(found, staff)
    return ""


def _release(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.release(found, staff)
    return "Given back to the queue."


def _ask(request: HttpRequest, staff: Staff, found: Case) -> str:
    form = AskForm(found, request.POST)
    if not form.is_valid():
        raise NotPossible("Write the question, and choose whom to ask.")
    actions.ask(found, staff, form.cleaned_data["report"], form.cleaned_data["question"])
    return "The question is on its way."


def _pass_on(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.pass_on(found, staff, request.POST.get("to", ""), request.POST.get("note", "")[:2_000])
    return "Noted. Who told can see it."


def _note(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.note(found, staff, request.POST.get("note", ""))
    return "Noted."


def _confirm(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.confirm(found, staff)
    return "Confirmed, and told."


def _send_back(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.send_back(found, staff, request.POST.get("why", ""))
    return "Sent back."


def _refer(request: HttpRequest, staff: Staff, found: Case) -> str:
    form = ReferForm(staff, request.POST)
    if not form.is_valid():
        raise NotPossible("Choose a partner, and say why.")
    referral = actions.refer(found, staff, form.cleaned_data["partner"], form.cleaned_data["why"])
    return f"Referral {referral.pk} is made. It stays red until it is delivered."


def _hand_over(request: HttpRequest, staff: Staff, found: Case) -> str:
    form = HandOverForm(staff, request.POST)
    if not form.is_valid():
        raise NotPossible("Choose a colleague.")
    actions.hand_over(found, staff, form.cleaned_data["to"], form.cleaned_data["note"])
    return "Handed over."


def _legal_hold(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.legal_hold(found, staff, not found.legal_hold, request.POST.get("why", ""))
    return "Legal hold changed."


def _stand_back(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.stand_back(found, staff)
    return "You will not see this case again."


def _close(request: HttpRequest, staff: Staff, found: Case) -> str:
    actions.close(found, staff)
    return "Closed."


Act = Callable[[HttpRequest, Staff, Case], str]
ACTS: dict[str, Act] = {
    "take": _take, "release": _release, "ask": _ask, "pass": _pass_on, "note": _note, "confirm": _confirm, "send-back": _send_back,
    "refer": _refer, "hand-over": _hand_over, "legal-hold": _legal_hold, "stand-back": _stand_back, "close": _close,
}  # fmt: skip
LEAVES = frozenset({"release", "stand-back", "send-back", "hand-over", "close", "confirm"})
"""After these the moderator is back at the queue."""


@desk_page
@require_POST
def act(request: HttpRequest, staff: Staff, case_id: str, name: str) -> HttpResponse:
    """One act on a case. What was typed is kept where it cannot be done."""
    if name not in ACTS:
        raise Http404
    found = access.case_for(staff, case_id)
    try:
        said = ACTS[name](request, staff, found)
    except NotPossible as error:
        return _refused(request, staff, case_id, DecideForm(initial=DecideForm.start(found)), str(error), name)
    if said:
        messages.success(request, said)
    return redirect("desk") if name in LEAVES else redirect("desk_case", case_id)


@desk_page
@require_POST
def decide(request: HttpRequest, staff: Staff, case_id: str) -> HttpResponse:
    """Decides; then the next case."""
    found = access.case_for(staff, case_id)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _refused(request, staff, case_id, form, "Choose an outcome.")
    try:
        outcome = actions.decide(found, staff, form.choice())
    except NotPossible as error:
        return _refused(request, staff, case_id, form, str(error))
    waits = outcome.state == outcome.State.PROPOSED
    messages.success(request, "Waits for a second moderator." if waits else "Decided. Everybody who waits is told.")
    return redirect("desk")


@desk_page
@require_safe
def picture(request: HttpRequest, staff: Staff, evidence_id: str) -> HttpResponse:
    """A picture: covered, unless `clear` is asked for, which is audited."""
    evidence = access.evidence_for(staff, evidence_id)
    body = actions.look_at(staff, evidence) if request.GET.get("clear") == "1" else covered(access.picture_of(evidence))
    return HttpResponse(body, content_type="image/jpeg", headers={"Cache-Control": "no-store", "Content-Disposition": "inline"})


# --- referrals ----------------------------------------------------------------------------------------------------------------------


@desk_page
@require_safe
def referrals(request: HttpRequest, staff: Staff) -> HttpResponse:
    """All referrals; those without a delivery are red."""
    stuck = access.failed_for_good(staff)
    found = [
        (item, any(entry.succeeded for entry in item.deliveries.all()), item.message in stuck) for item in access.referrals(staff)[:200]
    ]
    found.sort(key=lambda pair: pair[1])
    return render(request, "desk/referrals.html", {"referrals": found, "staff": staff})


@desk_page
@require_POST
def download(request: HttpRequest, staff: Staff, referral_id: str) -> HttpResponse:
    """The package, to hand it over oneself."""
    referral = access.referral_for(staff, referral_id)
    name, body = actions.read_package(referral, staff)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(body, content_type="application/octet-stream" if name.endswith(".age") else "application/zip", headers=headers)


@desk_page
@require_POST
def referral_again(request: HttpRequest, staff: Staff, referral_id: str) -> HttpResponse:
    """Tries a referral that failed for good once more."""
    try:
        actions.send_again(access.referral_for(staff, referral_id), staff)
    except NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "It is on its way again.")
    return redirect("desk_referrals")


@desk_page
@require_POST
def handed_over(request: HttpRequest, staff: Staff, referral_id: str) -> HttpResponse:
    """Notes a delivery by hand."""
    try:
        actions.handed_over(access.referral_for(staff, referral_id), staff, request.POST.get("how", ""))
    except NotPossible as error:
        messages.error(request, str(error))
    return redirect("desk_referrals")


@staff_page(*Staff.LEADS)
@require_http_methods(["GET", "POST"])
def partners(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Who takes referrals."""
    form = PartnerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            partner = actions.create_partner(staff, **form.cleaned_data)
        except NotPossible as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{partner.name} takes referrals now.")
            return redirect("desk_partners")
    return render(request, "desk/partners.html", {"partners": access.partners(staff), "form": form}, status=422 if form.errors else 200)


# --- practice -----------------------------------------------------------------------------------------------------------------------


@desk_page
@require_http_methods(["GET", "POST"])
def practice(request: HttpRequest, staff: Staff) -> HttpResponse:
    """Golden cases: decide invented cases, and see what was agreed."""
    if request.method == "POST":
        try:
            actions.answer_golden(staff, request.POST.get("golden", ""), request.POST.get("kind", ""), request.POST.get("harm", ""))
        except NotPossible as error:
            messages.error(request, str(error))
        return redirect("desk_practice")
    answered = access.golden_answers(staff)
    golden = access.golden_cases()
    done = [(golden[name], answer) for name, answer in answered.items() if name in golden]
    following = next((item for name, item in golden.items() if name not in answered), None)
    context = {
        "next": following,
        "done": done,
        "left": len(golden) - len(done),
        "same": sum(item.kind == answer.kind for item, answer in done),
    }
    return render(request, "desk/practice.html", context)
