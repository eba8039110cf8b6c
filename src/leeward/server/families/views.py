"""Pages of a child (/my/) and of a guardian (/family/). A child comes in by its service's portal, a guardian by a code sent by mail."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

import segno
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leeward.engine.policy.texts import help_for
from leeward.server import environment
from leeward.server.core import limits
from leeward.server.core.audience import audience
from leeward.server.families import access, actions, presets, words
from leeward.server.families.models import Child, Guardian, Link

P = ParamSpec("P")
CHILD, GUARDIAN = "family child", "family guardian"
VISIT_SECONDS = 1800
CODES_AN_HOUR = 10
ASKABLE = ("time", "spending", "contact:stranger", "live", "group_add")
"""What a child can ask more of."""


def _never_cached(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def for_child(view: Callable[Concatenate[HttpRequest, Child, P], HttpResponse]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page of the child that came in by the portal; everybody else reads how to get there."""

    @functools.wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        child = access.child_by_id(request.session.get(CHILD, ""))
        if child is None:
            return _never_cached(render(request, "families/closed.html", status=403))
        return _never_cached(view(request, child, *args, **kwargs))

    return audience("public")(inner)


def for_guardian(
    view: Callable[Concatenate[HttpRequest, Guardian, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A page of the guardian who is signed in; everybody else signs in first."""

    @functools.wraps(view)
    def inner(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        guardian = access.guardian_by_id(request.session.get(GUARDIAN, 0))
        return _never_cached(view(request, guardian, *args, **kwargs)) if guardian is not None else redirect("family_sign_in")

    return audience("public")(inner)


def _try(request: HttpRequest, act: Callable[[], Any], thanks: str) -> None:
    """Runs an action; says thanks, or what is wrong."""
    try:
        act()
    except actions.NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, thanks)


# --- the child --------------------------------------------------------------------------------------------------------------------


@audience("public")
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Comes in by a one-time address. It asks for one tap, so that a preview of the link does not use it up."""
    if request.method == "GET":
        return _never_cached(render(request, "families/enter.html"))
    try:
        child = actions.enter_portal(token)
    except actions.NotPossible as error:
        messages.error(request, str(error))
        return _never_cached(render(request, "families/closed.html", status=403))
    request.session.cycle_key()
    request.session[CHILD] = child.pk
    request.session.pop(GUARDIAN, None)
    request.session.set_expiry(VISIT_SECONDS)
    return redirect("my")


@for_child
@require_safe
def my(request: HttpRequest, child: Child) -> HttpResponse:
    """Who is linked and what they see, every rule with its reason, every change, and what to do about it."""
    code = request.session.pop("family code", "")
    base = environment.get("LEEWARD_URL", "http://127.0.0.1:8000").rstrip("/")
    qr = segno.make(f"{base}/family/link/#{code}", error="m").svg_inline(scale=5, border=2, light="#fff") if code else ""
    asks = [(name, words.subject(name).of(child.band)) for name in ASKABLE]
    context = {
        "mine": access.mine(child),
        "code": code,
        "qr": qr,
        "asks": asks,
        "lines": help_for(child.country),
        "left": access.left_words(child),
    }
    return render(request, "families/my.html", context)


@for_child
@require_POST
def my_code(request: HttpRequest, child: Child) -> HttpResponse:
    """Makes a code for a guardian; it is shown once."""
    request.session["family code"] = actions.make_code(child)
    return redirect("my")


@for_child
@require_POST
def my_join(request: HttpRequest, child: Child) -> HttpResponse:
    """Joins this app to another one, by the code from there: one plan for both."""
    try:
        request.session[CHILD] = actions.join(child, request.POST.get("code", "")).pk
    except actions.NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Both apps have one plan now."))
    return redirect("my")


@for_child
@require_POST
def my_link(request: HttpRequest, child: Child, link_id: str) -> HttpResponse:
    """Yes, no, or the end of a link."""
    what = request.POST.get("what", "")
    if what == "yes":
        _try(request, lambda: actions.confirm(child, link_id, request.POST.get("called", "")), _("You are linked now."))
    elif what == "no":
        _try(request, lambda: actions.refuse(child, link_id), _("You said no. That is fine."))
    elif what == "end":
        link = access.link_of_child(child, link_id)
        ended = link is not None and _ended(request, link, "child")
        messages.success(request, _("The link has ended.") if ended else _("Your wish is noted. Your grown-up has to agree."))
    elif what in ("share", "stop"):
        _try(request, lambda: actions.share(child, link_id, what == "share"), _("Done."))
    return redirect("my")


def _ended(request: HttpRequest, link: Link, side: str) -> bool:
    try:
        return actions.end_link(link, side)
    except actions.NotPossible as error:
        messages.error(request, str(error))
        return True


@for_child
@require_POST
def my_wish(request: HttpRequest, child: Child) -> HttpResponse:
    """Asks for more."""
    minutes = request.POST.get("minutes", "")
    subject, reason = request.POST.get("subject", ""), request.POST.get("reason", "")
    _try(
        request,
        lambda: actions.wish(child, subject, int(minutes) if minutes.isdigit() else 0, reason),
        _("You asked. You will see the answer here."),
    )
    return redirect("my")


@for_child
@require_POST
def my_contest(request: HttpRequest, child: Child) -> HttpResponse:
    """Says that a rule or a link is wrong. No guardian sees it."""
    subject, link, why = (request.POST.get(name, "") for name in ("subject", "link", "why"))
    _try(request, lambda: actions.contest(child, subject, link, why), _("We noted it. Your grown-up does not see this."))
    return redirect("my")


# --- the guardian -----------------------------------------------------------------------------------------------------------------


@audience("public")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """An address, then the six digits that were sent to it."""
    mail, code = request.POST.get("mail", "").strip()[:254], request.POST.get("code", "")
    problem, status = "", 200
    if request.method == "POST" and not limits.spend("family", limits.address(request), CODES_AN_HOUR * 2, 3600):
        problem, status = _("That was a lot of tries. Please wait a little."), 429
    elif request.method == "POST" and "@" in mail and not code:
        text = _("Your code is ######. It works for ten minutes. Did you not ask for it? Then do nothing.")
        actions.send_code(mail, translation.get_language() or "en", _("Your code"), text)
    elif request.method == "POST" and code:
        try:
            guardian = actions.sign_in(mail, code, translation.get_language() or "en")
        except actions.NotPossible:
            problem, status = _("This code does not fit. Ask for a new one."), 422
        else:
            request.session.cycle_key()
            request.session[GUARDIAN] = guardian.pk
            request.session.pop(CHILD, None)
            return redirect("family")
    elif request.method == "POST":
        problem, status, mail = _("Please write your e-mail address."), 422, ""
    return _never_cached(render(request, "families/sign_in.html", {"mail": mail, "problem": problem}, status=status))


@for_guardian
@require_safe
def family(request: HttpRequest, guardian: Guardian) -> HttpResponse:
    """The children of a guardian."""
    links = [(link, access.unseal(link.called)) for link in access.links_of(guardian)]
    sights = [access.sight_of(link) for link, _called in links if link.state == Link.State.ACTIVE]
    return render(request, "families/family.html", {"links": links, "sights": sights})


@for_guardian
@require_http_methods(["GET", "POST"])
def link(request: HttpRequest, guardian: Guardian) -> HttpResponse:
    """Types the code of a child."""
    if request.method == "POST":
        if not limits.spend("link", str(guardian.pk), CODES_AN_HOUR, 3600):
            messages.error(request, _("That was a lot of tries. Please wait a little."))
        else:
            _try(request, lambda: actions.claim(guardian, request.POST.get("code", "")), _("Now your child has to say yes."))
        return redirect("family")
    return render(request, "families/link.html")


def _own(guardian: Guardian, link_id: str) -> Link:
    found = access.link_for(guardian, link_id)
    if found is None:
        raise Http404
    return found


@for_guardian
@require_safe
def child(request: HttpRequest, guardian: Guardian, link_id: str) -> HttpResponse:
    """One child: one right choice, its wishes, numbers by age."""
    sight = access.sight_of(_own(guardian, link_id))
    subjects = [(name, item.of("adult")) for name, item in words.SUBJECTS.items()]
    context = {"sight": sight, "bands": presets.BANDS, "right": presets.young(sight.band), "subjects": subjects}
    return render(request, "families/child.html", context)


@for_guardian
@require_safe
def agreement(request: HttpRequest, guardian: Guardian, link_id: str) -> HttpResponse:
    """The plan on one page, to print, sign and hang up."""
    return render(request, "families/agreement.html", {"sight": access.sight_of(_own(guardian, link_id))})


def _number(raw: str) -> int:
    return int(raw) if raw.isdigit() and len(raw) < 6 else 0


def _rule(request: HttpRequest, found: Link) -> None:
    data = request.POST
    days = [int(day) for day in data.getlist("day") if day.isdigit()] or list(range(7))
    stretches = zip(data.getlist("from"), data.getlist("to"), strict=False)
    intervals = [[_minute(start), _minute(end) or 1440, days] for start, end in stretches if start and end]
    budget = _number(data.get("budget", "")) if data.get("effect") == "limit" else None
    actions.set_rule(
        found, data.get("subject", ""), data.get("effect", ""), intervals, data.get("calendar", "any"), budget, data.get("reason", "")
    )


def _minute(clock: str) -> int:
    hours, _colon, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes) if hours.isdigit() and minutes.isdigit() else -1


Act = Callable[[HttpRequest, Link], Any]
ACTS: dict[str, Act] = {
    "preset": lambda request, found: actions.choose_preset(found, request.POST.get("preset", "")),
    "rule": _rule,
    "end-rule": lambda request, found: actions.end_rule(found, request.POST.get("rule", ""), request.POST.get("reason", "")),
    "answer": lambda request, found: actions.answer(
        found, request.POST.get("wish", ""), request.POST.get("says_yes") == "1", request.POST.get("words", "")
    ),
    "grant": lambda request, found: actions.grant(found, request.POST.get("subject", "time"), _number(request.POST.get("minutes", ""))),
    "agreed": lambda request, found: actions.agreed(found),
    "end": lambda request, found: actions.end_link(found, "guardian"),
}


@for_guardian
@require_POST
def act(request: HttpRequest, guardian: Guardian, link_id: str, name: str) -> HttpResponse:
    """One act of a guardian."""
    found = _own(guardian, link_id)
    if name in ACTS:
        _try(request, lambda: ACTS[name](request, found), _("Done. Your child can see it."))
    return redirect("family") if name == "end" else redirect("family_child", link_id)


@audience("public")
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Ends the visit of a child or a guardian."""
    request.session.flush()
    return redirect("home")
