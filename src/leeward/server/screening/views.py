"""The playground's page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_http_methods

from leeward.engine.images import ImageError, ImageModel, fingerprint
from leeward.engine.policy import PolicyError, load_policy
from leeward.engine.policy.load import DIRECTORY
from leeward.engine.screen import Engine
from leeward.server.core import clock
from leeward.server.core.audience import audience
from leeward.server.screening import play
from leeward.server.screening.engine import engine
from leeward.server.screening.forms import EXAMPLES, PlayForm

_pictures = ImageModel()


@audience("demo")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Two people chat; each sees what Leeward lets through. Open in the demo only."""
    if not settings.DEMO:
        raise PermissionDenied
    if request.method == "GET":
        data = QueryDict(mutable=True)
        data.update({name: str(field.initial) for name, field in PlayForm.base_fields.items() if field.initial is not None})
        language = translation.get_language() or "en"
        data["language"] = language if language in dict(settings.LANGUAGES) else "en"
        form = PlayForm(data)
    else:
        form = PlayForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "screening/play.html", {"form": form, "problems": _problems(form), "examples": EXAMPLES}, status=422)
    return render(request, _template(request), _context(request, form))


def _template(request: HttpRequest) -> str:
    return "screening/stage.html" if request.headers.get("X-Part") == "stage" else "screening/play.html"


def _problems(form: PlayForm) -> list[str]:
    return [f"{form.fields[name].label or name}: {error}" for name, errors in form.errors.items() for error in errors]


def _context(request: HttpRequest, form: PlayForm) -> dict[str, Any]:
    problems: list[str] = []
    chosen, policy_error = _engine(form.cleaned_data["policy"])
    messages = play.parse(form.cleaned_data["transcript"])
    texts = {"a": form.cleaned_data["text_a"], "b": form.cleaned_data["text_b"]}
    _take(request, form, messages, texts, problems)
    shown = play.run(chosen, form.scene(), messages)
    last = shown[-1] if shown else None
    return {
        "form": form, "examples": EXAMPLES, "shown": shown, "last": last, "problems": problems,
        "policy_error": policy_error, "texts": texts,
        "transcript": play.dump(messages), "scores": play.top_scores(last.decision) if last else [],
        "event_json": play.pretty(last.event) if last else "", "decision_json": play.pretty(last.decision) if last else "",
        "policy_is_own": chosen is not engine() or bool(policy_error),
        "policy_reference": chosen.policy.reference, "policy_text": form.cleaned_data["policy"] or _default_text(),
        "total": sum(factor.weight for factor in last.decision.factors) if last else 0, "bias": chosen.policy.document.contact.bias,
    }  # fmt: skip


def _default_text() -> str:
    return (DIRECTORY / "default.yaml").read_text(encoding="utf-8")


def _engine(text: str) -> tuple[Engine, str]:
    """(engine with the visitor's policy, '') or (engine as it runs, what is wrong with the visitor's policy)."""
    text = text.replace("\r\n", "\n")
    if not text.strip() or text.strip() == _default_text().strip():
        return engine(), ""
    try:
        return Engine(load_policy("your-policy.yaml", text), engine().text, engine().bank), ""
    except PolicyError as error:
        return engine(), str(error)


def _take(request: HttpRequest, form: PlayForm, messages: list[play.Message], texts: dict[str, str], problems: list[str]) -> None:
    """Does what the pressed button asks: send, send an example, send anyway, change, start again."""
    button = request.POST
    if "clear" in button:
        messages.clear()
    elif (place := button.get("confirm", "")).isdigit() and int(place) < len(messages):
        messages[int(place)].confirmed = True
    elif (place := button.get("change", "")).isdigit() and int(place) < len(messages):
        taken = messages.pop(int(place))
        texts[taken.side] = taken.text
    elif (place := button.get("example", "")).isdigit() and int(place) < len(EXAMPLES):
        side, text, _ = EXAMPLES[int(place)]
        messages.append(play.Message("a" if side == "a" else "b", text, clock.now()))
    elif (who := button.get("send")) in ("a", "b"):
        _send(form, "a" if who == "a" else "b", messages, texts, problems)


def _send(form: PlayForm, side: play.Side, messages: list[play.Message], texts: dict[str, str], problems: list[str]) -> None:
    text, picture = form.cleaned_data[f"text_{side}"], form.cleaned_data[f"picture_{side}"]
    message = play.Message(side, text, clock.now())
    if picture is not None:
        try:
            data = picture.read()
            message.media = [fingerprint(data)]
            message.pictured = {code: round(score, 4) for code, score in _pictures.scores(data).items()}
        except ImageError as error:
            problems.append(str(error))
            return
    texts[side] = ""
    if text or message.media:
        messages.append(message)
