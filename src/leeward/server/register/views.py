"""The public pages of the register. Each is one sheet in three faces (faces.py); the rest are files, feeds and two forms."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_http_methods, require_safe

from leeward.server.core import clock, limits
from leeward.server.core.audience import audience
from leeward.server.register import access, calendars, catalogue, report, rules, sheets
from leeward.server.register.actions import membership, stories
from leeward.server.register.actions.common import NotPossible
from leeward.server.register.faces import public_page
from leeward.server.register.forms import ApplyForm, SubscribeForm
from leeward.server.register.models import Alliance, Document
from leeward.server.register.sheets import Sheet

APPLICATIONS_AN_HOUR = 5


def _number(raw: str | None) -> int | None:
    return int(raw) if raw and raw.isdigit() and len(raw) < 6 else None


@audience("public")
@require_safe
def alliances(request: HttpRequest) -> HttpResponse:
    """All alliances of this register."""
    return render(request, "register/alliances.html", {"alliances": Alliance.objects.order_by("is_archive", "name")})


@public_page("overview")
def overview(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Who promised what, and whether it is true, in ten seconds."""
    sheet = sheets.overview(of, day)
    sheet.extra["about"] = catalogue.organisation(of)
    return sheet


@public_page("purpose")
def purpose(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """The statement of purpose and the policy of membership."""
    return sheets.actions(of, day)


@public_page("members")
def members(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Members."""
    return sheets.members(of, day)


@public_page("member")
def member(request: HttpRequest, of: Alliance, day: dt.date, member: str) -> Sheet:
    """A member."""
    sheet = sheets.member(of, day, member)
    sheet.extra.update(evidences=rules.EVIDENCE, founds=sheets.FOUND_NAMES)
    return sheet


@public_page("commitments")
def commitments(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """All commitments, filtered."""
    asked = request.GET
    page = _number(asked.get("page")) or 1
    return sheets.commitments(
        of, day, _number(asked.get("action")), asked.get("member", ""), asked.get("evidence", ""), asked.get("found", ""), page
    )


@public_page("commitment")
def commitment(request: HttpRequest, of: Alliance, day: dt.date, code: str) -> Sheet:
    """A commitment."""
    return sheets.commitment(of, day, code)


@public_page("compare")
def compare(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """The same indicator of several members."""
    return sheets.compare(of, day)


@public_page("table")
def observations(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Every value."""
    return sheets.observations(of, day)


@public_page("table")
def findings(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Every finding."""
    return sheets.findings(of, day)


@public_page("table")
def reports(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Every report that was due."""
    return sheets.reports(of, day)


@public_page("evaluations")
def evaluations(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Evaluations."""
    return sheets.evaluations(of, day)


@public_page("evaluation")
def evaluation(request: HttpRequest, of: Alliance, day: dt.date, evaluation: str) -> Sheet:
    """An evaluation."""
    return sheets.evaluation(of, day, evaluation)


@public_page("rounds")
def rounds(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Rounds of reporting."""
    return sheets.rounds(of, day)


@public_page("round")
def round_(request: HttpRequest, of: Alliance, day: dt.date, round_: str) -> Sheet:
    """A round."""
    return sheets.round_(of, day, round_)


@public_page("meetings")
def meetings(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Meetings."""
    return sheets.meetings(of, day)


@public_page("meeting")
def meeting(request: HttpRequest, of: Alliance, day: dt.date, number: int) -> Sheet:
    """A meeting."""
    return sheets.meeting(of, day, number)


@public_page("pledges")
def pledges(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """The youth pledge."""
    return sheets.pledges(of, day)


@public_page("practices")
def practices(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Good practices."""
    return sheets.practices(of, day)


@public_page("news")
def news(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """News."""
    sheet = sheets.news(of, day)
    sheet.extra["form"] = SubscribeForm()
    return sheet


@public_page("timeline")
def timeline(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """The timeline."""
    return sheets.timeline(of, day)


@public_page("search")
def search(request: HttpRequest, of: Alliance, day: dt.date) -> Sheet:
    """Search."""
    return sheets.search(of, day, request.GET.get("q", ""))


# -- files and feeds


@audience("public")
@require_safe
def evaluation_pdf(request: HttpRequest, slug: str, evaluation: str) -> HttpResponse:
    """The report as a PDF."""
    of = access.alliance(slug)
    sheet = sheets.evaluation(of, clock.now().date(), evaluation)
    response = HttpResponse(report.pdf(of, sheet.data, f"{catalogue.base(of)}evaluations/{evaluation}/"), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{evaluation}.pdf"'
    return response


@audience("public")
@require_safe
def calendar(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """All meetings, or one, for a calendar."""
    of = access.alliance(slug)
    found = of.meetings.all() if number is None else of.meetings.filter(number=number)
    if number is not None and not found:
        raise Http404
    return HttpResponse(calendars.calendar(of, found), content_type="text/calendar; charset=utf-8")


@audience("public")
@require_safe
def catalog(request: HttpRequest, slug: str) -> HttpResponse:
    """The catalogue of the data, in DCAT."""
    response = JsonResponse(catalogue.dcat(access.alliance(slug)), json_dumps_params={"indent": 1}, content_type="application/ld+json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@audience("public")
@require_safe
@xframe_options_exempt
def badge(request: HttpRequest, slug: str, member: str) -> HttpResponse:
    """A badge to embed: it says how many commitments have fresh evidence, and turns grey when none has."""
    of = access.alliance(slug)
    data = sheets.member(of, clock.now().date(), member).data
    says, tone = rules.badge(rules.Cell(**data["total"]), data["state"])
    context = {"says": says, "tone": tone, "name": of.name, "width": 30 + round(6.4 * max(len(says), len(of.name)))}
    response = render(request, "register/badge.svg", context, content_type="image/svg+xml")
    response["Cache-Control"] = "public, max-age=3600"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@audience("public")
@require_safe
def document(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """A document's file; where it was withdrawn, the reason instead (410)."""
    of = access.alliance(slug)
    found: Document = access.document_body(of, pk)
    if found.withdrawn_at is not None or found.body is None:
        return render(request, "register/withdrawn.html", {"alliance": of, "document": found}, status=410)
    response = HttpResponse(bytes(found.body), content_type=found.media_type)
    response["Content-Disposition"] = f'attachment; filename="document-{found.pk}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


# -- two forms


@audience("public")
@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, slug: str) -> HttpResponse:
    """Apply for membership."""
    of = access.alliance(slug)
    policy = of.policies.last()
    form = ApplyForm(request.POST or None)
    done = ""
    if request.method == "POST" and form.is_valid():
        if not limits.spend("apply", limits.address(request), APPLICATIONS_AN_HOUR, 3600):
            form.add_error(None, "There were several applications from here within the last hour: please try again later.")
        else:
            try:
                done = membership.apply(of, form.application()).name
            except NotPossible as error:
                form.add_error(None, str(error))
    context: dict[str, Any] = {"alliance": of, "policy": policy, "form": form, "done": done}
    return render(request, "register/apply.html", context, status=422 if form.errors else 200)


@audience("public")
@require_http_methods(["GET", "POST"])
def newsletter(request: HttpRequest, slug: str, what: str = "ask", token: str = "") -> HttpResponse:
    """Subscribe, confirm, leave. Confirming and leaving are a button, so that a mail scanner that opens links does neither."""
    of = access.alliance(slug)
    form = SubscribeForm(request.POST or None) if what == "ask" else None
    says, problem = "", ""
    if request.method == "POST":
        try:
            if form is not None and form.is_valid():
                if not limits.spend("newsletter", limits.address(request), APPLICATIONS_AN_HOUR, 3600):
                    raise NotPossible("That was asked several times from here within the last hour: please try again later.")
                stories.subscribe(of, form.cleaned_data["mail"])
                says = "If you have not subscribed yet, a mail is on its way. Open its link to confirm."
            elif what == "yes":
                stories.confirm(of, token)
                says = "You will get the newsletter. Every letter has a link to leave."
            elif what == "no":
                stories.unsubscribe(of, token)
                says = "Your address is deleted. You will get no more letters."
        except NotPossible as error:
            problem = str(error)
    context = {"alliance": of, "form": form, "says": says, "problem": problem, "what": what}
    return render(request, "register/newsletter.html", context, status=422 if problem or (form is not None and form.errors) else 200)
