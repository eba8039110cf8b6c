"""The questions of /tell, one a page: which comes next, what each takes, and the report that the answers make. Pure but for the wording."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from leeward.engine.harms import BY_CODE
from leeward.server.people import countries
from leeward.server.reports import words
from leeward.server.reports.told import MAX_LINE, MAX_TEXT, Place, Told

STEPS = ("safe", "about", "age", "what", "where", "more", "answer", "check")
KEY = {"safe": "safe", "about": "about", "age": "band", "what": "harm", "answer": "channel"}
"""Questions with choices, and the answer's name."""
Answers = dict[str, Any]


def before(step: str) -> str:
    """The question before; '' for the first."""
    place = STEPS.index(step)
    return STEPS[place - 1] if place else ""


def after(step: str, answers: Answers) -> str:
    """The question after. Who is not safe sees where help is first, and goes on from there."""
    if step == "safe" and answers.get("safe") != "yes":
        return "help"
    return STEPS[STEPS.index(step) + 1]


def first_open(answers: Answers) -> str:
    """The first question that has no answer yet; `check` where all are answered."""
    return next((step for step in STEPS[:-1] if KEY.get(step, step) not in answers), "check")


def band_of(answers: Answers) -> str:
    """The band that was given; unknown before."""
    return str(answers.get("band", "unknown"))


def take(step: str, data: dict[str, str], answers: Answers) -> list[str]:
    """Puts what a form holds into the answers; returns what has to be mended, in plain words."""
    if step in KEY:
        return _take_choice(step, data, answers)
    if step == "where":
        answers["where"] = {name: data.get(name, "").strip()[:MAX_LINE] for name in ("service", "app", "link", "username")}
        return []
    text = data.get("text", "").replace("\r\n", "\n").strip()
    answers["more"] = text[:MAX_TEXT]
    return [_("This is very long. We kept the first part.")] if len(text) > MAX_TEXT else []


def _take_choice(step: str, data: dict[str, str], answers: Answers) -> list[str]:
    chosen = data.get("choice")
    if chosen not in {choice.value for choice in words.choices(step, band_of(answers))}:
        return [_("Please choose one.")]
    if step == "safe":
        answers["country"] = data["country"] if data.get("country") in countries.CODES else ""
    if step == "answer":
        answers["no_guardian"] = bool(data.get("no_guardian"))
        mail = data.get("mail", "").strip()
        if chosen == "mail" and not _is_mail(mail):
            answers["mail"] = mail[:MAX_LINE]
            return [_("Please write your e-mail address. Or choose another way.")]
        answers["mail"] = mail if chosen == "mail" else ""
    if step == "age" and chosen != answers.get("band"):
        answers.pop("harm", None)  # the choices of the next question change with the age
    answers[KEY[step]] = chosen
    if answers.get("harm") in words.NO_PICTURES:
        answers.pop("pictures", None)  # a picture beside this might be of a body: it is not kept
    return []


def _is_mail(address: str) -> bool:
    try:
        validate_email(address)
    except ValidationError:
        return False
    return True


def _channel(answers: Answers) -> Any:
    chosen = answers.get("channel", "unsure")
    return "receipt" if chosen == "unsure" else chosen


def told(answers: Answers, language: str) -> Told:
    """The report that the answers make."""
    where = answers.get("where") or {}
    service = where.get("service", "")
    harm = answers.get("harm", "")
    return Told(
        about=answers.get("about", "me"), band=answers.get("band", "unknown"), harm=harm if harm in BY_CODE else "",
        danger=answers.get("safe") == "no", country=answers.get("country", ""), language=language,
        service_id=int(service) if service.isdigit() else None,
        place=Place(link=where.get("link", ""), username=where.get("username", ""), app=where.get("app", "")),
        text=answers.get("more", ""), channel=_channel(answers), mail=answers.get("mail", ""),
        no_guardian=bool(answers.get("no_guardian")),
    )  # fmt: skip


def shown(answers: Answers, service_names: dict[str, str]) -> list[tuple[str, str, str]]:
    """(question, its heading, the answer in words), to check before sending."""
    band = band_of(answers)
    rows = []
    for step in STEPS[:-1]:
        if step in KEY:
            value = answers.get(KEY[step], "")
            said = next((choice.words.of(band) for choice in words.choices(step, band) if choice.value == value), "")
        elif step == "where":
            where = answers.get("where") or {}
            name = service_names.get(where.get("service", ""), where.get("app", ""))
            said = " · ".join(part for part in (name, where.get("username", ""), where.get("link", "")) if part)
        else:
            pictures = len(answers.get("pictures", []))
            kept = _("Pictures that we have: %(kept)s") % {"kept": pictures} if pictures else ""
            said = " · ".join(part for part in (kept, answers.get("more", "")) if part)
        rows.append((step, words.HEADINGS[step].of(band), said))
    return rows
