"""The pages where one tells and reads the answer. No account; they work without JavaScript."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

import icalendar
import msgspec
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leeward.engine.images import ImageError
from leeward.engine.policy.texts import help_for
from leeward.server.core import clock, limits, webpush
from leeward.server.core.audience import audience
from leeward.server.design.words import OLDER
from leeward.server.people import access as people
from leeward.server.people import countries
from leeward.server.reports import access, actions, flow, pictures, rules, words
from leeward.server.reports.forms import FlaggerForm, NoticeForm
from leeward.server.reports.notices import answer_address

COOKIE = "lw_tell"
SENDS_AN_HOUR = 60
"""From one address: a whole school may stand behind it. A trusted flagger has as many for its own code."""
WRONG_AN_HOUR = 100
"""Wrong codes from one address. There are 10**15 codes: this many tries an hour find none, and a class that mistypes is not locked out."""
REMIND_AFTER = dt.timedelta(days=2)


def _draft(request: HttpRequest) -> flow.Answers:
    return access.draft(request.COOKIES.get(COOKIE, ""))


def _keep(request: HttpRequest, response: HttpResponse, answers: flow.Answers) -> HttpResponse:
    """Keeps the answers under the device's cookie; the page itself is never cached."""
    cookie = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(24)
    actions.save_draft(cookie, answers)
    response.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict", secure=settings.HTTPS, path="/tell")
    return response


def _language() -> str:
    return translation.get_language() or "en"


@audience("public")
@require_http_methods(["GET", "POST"])
def tell(request: HttpRequest, step: str = "safe") -> HttpResponse:
    """One question."""
    if step not in flow.STEPS:
        raise Http404
    answers = _draft(request)
    if answers.get("sent") and step != "safe":
        return redirect("tell_sent")
    if step != "safe" and flow.STEPS.index(step) > flow.STEPS.index(flow.first_open(answers)):
        return redirect("tell_step", flow.first_open(answers)) if answers else redirect("tell")
    if request.method == "POST":
        return _answered(request, step, answers)
    return _question(request, step, {} if answers.get("sent") else answers, [])


def _answered(request: HttpRequest, step: str, answers: flow.Answers) -> HttpResponse:
    if step == "safe" and (answers.get("sent") or not answers):
        answers = {"nonce": secrets.token_urlsafe(24)}
    if step == "check":
        return _send(request, answers)
    problems = flow.take(step, request.POST.dict(), answers)
    if step == "more":
        problems += _take_pictures(request, answers)
    if problems:
        return _keep(request, _question(request, step, answers, problems, 422), answers)
    return _keep(request, redirect("tell_step", flow.after(step, answers)), answers)


def _take_pictures(request: HttpRequest, answers: flow.Answers) -> list[str]:
    if request.POST.get("drop_pictures"):
        answers.pop("pictures", None)
    if int(request.headers.get("Content-Length") or 0) > settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        return [_("This picture is too large. Please choose a smaller one, or go on without.")]
    kept = list(answers.get("pictures", []))
    problems = []
    for file in request.FILES.getlist("pictures"):
        if len(kept) >= actions.MAX_PICTURES:
            problems.append(_("We keep up to %(most)s pictures.") % {"most": actions.MAX_PICTURES})
            break
        try:
            picture = actions.check_picture(file.read(), answers.get("harm", ""))
        except actions.MaybeSexual:
            problems.append(_("We did not keep this picture. Please do not send such pictures to anybody."))
        except ImageError:
            problems.append(_("This file is not a picture that we can open. Please choose another."))
        else:
            if picture.sha256 not in {item["sha256"] for item in kept}:  # the same page sent twice
                kept.append({"sha256": picture.sha256, "plain": picture.plain})
    if kept:
        answers["pictures"] = kept
    return list(dict.fromkeys(problems))


def _question(request: HttpRequest, step: str, answers: flow.Answers, problems: list[str], status: int = 200) -> HttpResponse:
    band = flow.band_of(answers)
    names = {str(service.pk): service.name for service in access.services()[:50]}
    context: dict[str, Any] = {
        "step": step, "answers": answers, "problems": problems, "heading": words.HEADINGS[step].of(band), "band": band,
        "older": band in OLDER, "number": flow.STEPS.index(step) + 1, "total": len(flow.STEPS), "before": flow.before(step),
        "countries": countries.COUNTRIES, "services": names, "no_pictures": answers.get("harm", "") in words.NO_PICTURES,
        "kept": len(answers.get("pictures", [])), "most": actions.MAX_PICTURES,
        "country": answers.get("country") or countries.guess(request.headers.get("Accept-Language", ""), _language()),
    }  # fmt: skip
    if step in flow.KEY:
        chosen = answers.get(flow.KEY[step])
        context["choices"] = [(item, item.words.of(band), item.value == chosen) for item in words.choices(step, band)]
    if step == "check":
        context["rows"] = flow.shown(answers, names)
    response = render(request, "reports/tell.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _send(request: HttpRequest, answers: flow.Answers) -> HttpResponse:
    if not limits.spend("tell", limits.address(request), SENDS_AN_HOUR, 3600):
        problems = [_("That was a lot at once. Please wait a little. What you wrote is kept.")]
        return _question(request, "check", answers, problems, 429)
    pictures = [actions.Picture(**item) for item in answers.get("pictures", [])]
    actions.file_report(flow.told(answers, _language()), answers["nonce"], pictures)
    kept = {name: answers.get(name, "") for name in ("nonce", "band", "country", "harm", "channel", "safe")}
    return _keep(request, redirect("tell_sent"), {"sent": True, **kept})


@audience("public")
@require_safe
def tell_help(request: HttpRequest) -> HttpResponse:
    """Where help is now; the form stays open to go on."""
    answers = _draft(request)
    lines = help_for(answers.get("country", ""), answers.get("safe") == "no")
    return render(request, "reports/help.html", {"lines": lines, "danger": answers.get("safe") == "no"})


def _sent(request: HttpRequest) -> flow.Answers:
    answers = _draft(request)
    if not answers.get("sent"):
        raise Http404
    return answers


@audience("public")
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The receipt, and what happens next."""
    answers = _draft(request)
    if not answers.get("sent"):
        return redirect("tell")
    harm, band, receipt = answers.get("harm", ""), flow.band_of(answers), actions.receipt_of(answers["nonce"])
    response = render(request, "reports/sent.html", {
        "receipt": rules.spaced(receipt), "qr": pictures.qr_svg(f"{answer_address()}#{receipt}"),
        "lines": help_for(answers.get("country", ""), answers.get("safe") == "no"), "older": band in OLDER,
        "no_pictures": harm in words.NO_PICTURES, "wants_answer": answers.get("channel") != "none",
        "push_key": webpush.public_key(),
        "hours": int(rules.CLOCK[rules.level_of(harm, band, answers.get("safe") == "no")].total_seconds() // 3600),
    })  # fmt: skip
    response["Cache-Control"] = "no-store"
    return response


@audience("public")
@require_safe
def receipt_picture(request: HttpRequest) -> HttpResponse:
    """The receipt as a picture, under a name that says nothing."""
    body = pictures.receipt_png(actions.receipt_of(_sent(request)["nonce"]), answer_address())
    return HttpResponse(
        body, content_type="image/png", headers={"Content-Disposition": 'attachment; filename="note.png"', "Cache-Control": "no-store"}
    )


@audience("public")
@require_safe
def reminder(request: HttpRequest) -> HttpResponse:
    """A calendar entry in two days that says nothing of what it is about."""
    _sent(request)
    start = (clock.now() + REMIND_AFTER).replace(hour=16, minute=0, second=0, microsecond=0)
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Calendar//EN")
    calendar.add("version", "2.0")
    event = icalendar.Event()
    event.add("uid", f"{secrets.token_hex(8)}@calendar")
    event.add("dtstamp", clock.now())
    event.add("dtstart", start)
    event.add("duration", dt.timedelta(minutes=15))
    event.add("summary", _("Look something up"))
    alarm = icalendar.Alarm()  # without one most calendars stay silent
    alarm.add("action", "DISPLAY")
    alarm.add("description", _("Look something up"))
    alarm.add("trigger", dt.timedelta(0))
    event.add_component(alarm)
    calendar.add_component(event)
    headers = {"Content-Disposition": 'attachment; filename="reminder.ics"', "Cache-Control": "no-store"}
    return HttpResponse(calendar.to_ical(), content_type="text/calendar; charset=utf-8", headers=headers)


@audience("public")
@require_POST
def sent_push(request: HttpRequest) -> HttpResponse:
    """Takes a push subscription right after sending: who closes the page will hear of the answer all the same."""
    receipt = access.by_receipt(actions.receipt_of(_sent(request)["nonce"]))
    if receipt is None:
        raise Http404
    return _subscribe(request, receipt)


@audience("public")
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forgets what was answered on this device."""
    actions.drop_draft(request.COOKIES.get(COOKIE, ""))
    response = redirect("home")
    response.delete_cookie(COOKIE, path="/tell")
    return response


# --- adults and trusted flaggers ----------------------------------------------------------------------------------------------------


@audience("public")
@require_http_methods(["GET", "POST"])
def adult(request: HttpRequest) -> HttpResponse:
    """A notice by an adult (DSA Art. 16)."""
    return _notice(request, NoticeForm, "adult")


@audience("public")
@require_http_methods(["GET", "POST"])
def flagger(request: HttpRequest) -> HttpResponse:
    """A notice by a trusted flagger (DSA Art. 22)."""
    return _notice(request, FlaggerForm, "flagger")


def _notice(request: HttpRequest, form_class: type[NoticeForm], source: str) -> HttpResponse:
    form = form_class(request.POST or None)
    nonce = request.POST.get("nonce") or secrets.token_urlsafe(24)
    status = 200
    if request.method == "POST":
        status = 422
        sender = _flagger_of(request.POST.get("code", "")) if source == "flagger" else ""
        if not limits.spend("tell", sender or limits.address(request), SENDS_AN_HOUR, 3600):
            form.add_error(None, _("That was a lot at once. Please wait a little. What you wrote is kept."))
        elif form.is_valid() and _may_flag(form, source, sender):
            told = form.told(_language(), source)
            filed = actions.file_report(told, f"{source} {nonce}", by=sender or "reporter")
            return render(
                request, "reports/noticed.html", {"receipt": rules.spaced(filed.receipt), "mail": told.mail, "report": filed.report}
            )
    return render(request, "reports/notice.html", {"form": form, "nonce": nonce, "source": source}, status=status)


def _flagger_of(code: str) -> str:
    """The trusted flagger of a code, as the audit names it; '' for none, who is then limited by address like anybody."""
    found = people.flagger_of(code)
    return f"flagger:{found.pk}" if found else ""


def _may_flag(form: NoticeForm, source: str, sender: str) -> bool:
    if source != "flagger" or sender:
        return True
    form.add_error("code", _("This code is not known. Ask whoever runs this server."))
    return False


# --- the answer ---------------------------------------------------------------------------------------------------------------------

VISIT = "answer"


def _visit(request: HttpRequest) -> Any:
    """The receipt of this visit; sends those without one to the question for it."""
    raw = request.session.get(VISIT, "")
    receipt = access.receipt_by_hash(bytes.fromhex(raw)) if raw else None
    if receipt is None:
        raise PermissionDenied
    return receipt


@audience("public")
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """Asks for the receipt. Unknown, expired and wrong ones look the same."""
    problem, status = "", 200
    if request.method == "POST":
        typed = request.POST.get("receipt", "")[:80]
        if not limits.left("answer", limits.address(request), WRONG_AN_HOUR, 3600):
            problem, status = _("That was a lot of tries. Please wait a little."), 429
        elif (receipt := access.by_receipt(typed)) is None:
            limits.spend("answer", limits.address(request), WRONG_AN_HOUR, 3600)
            problem, status = _("We did not find this code. Look at each number again."), 422
        else:
            request.session.cycle_key()
            request.session[VISIT] = bytes(receipt.hash).hex()
            request.session.set_expiry(1800)
            actions.came_back(receipt)
            return redirect("answer_view")
    return render(request, "reports/answer.html", {"problem": problem}, status=status)


@audience("public")
@require_safe
def answer_view(request: HttpRequest) -> HttpResponse:
    """The status, the question, the answer."""
    if not request.session.get(VISIT):
        return redirect("answer")
    receipt = _visit(request)
    found = access.answer_for(receipt)
    response = render(request, "reports/answer_view.html", {
        "answer": found, "lines": help_for(found.country), "older": found.band in OLDER, "push_key": webpush.public_key(),
    })  # fmt: skip
    response["Cache-Control"] = "no-store"
    return response


def _done(request: HttpRequest, act: Any, thanks: str) -> HttpResponse:
    """Runs an action of the visit and goes back to the page, with thanks or with what is wrong."""
    try:
        act()
    except actions.NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, thanks)
    return redirect("answer_view")


@audience("public")
@require_POST
def reply(request: HttpRequest) -> HttpResponse:
    """The child writes back."""
    receipt = _visit(request)
    return _done(request, lambda: actions.reply(receipt, request.POST.get("text", "")), _("Thank you. We got it."))


@audience("public")
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Ask again."""
    receipt = _visit(request)
    return _done(request, lambda: actions.ask_again(receipt, request.POST.get("why", "")), _("A new person will look at it again."))


@audience("public")
@require_POST
def helped(request: HttpRequest) -> HttpResponse:
    """Did this help?"""
    receipt = _visit(request)
    return _done(request, lambda: actions.helped(receipt, request.POST.get("helped") == "yes"), _("Thank you for telling us."))


@audience("public")
@require_POST
def push(request: HttpRequest) -> HttpResponse:
    """Takes a push subscription of the browser."""
    return _subscribe(request, _visit(request))


def _subscribe(request: HttpRequest, receipt: Any) -> HttpResponse:
    try:
        actions.be_told(receipt, msgspec.json.decode(request.POST.get("subscription", "{}")[:2000], type=dict[str, Any]))
    except (msgspec.DecodeError, actions.NotPossible) as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@audience("public")
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Ends the visit."""
    request.session.flush()
    return redirect("home")


@audience("public")
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that shows a push; served here, so that it may only reach the answer's pages."""
    return render(request, "reports/worker.js", content_type="text/javascript")
