"""POST /v1/screen, /v1/screen/batch, GET /v1/policies/current."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from ninja import Router
from prometheus_client import Counter, Histogram

from leeward.engine import events
from leeward.engine.events import Decision, Event, InvalidEventError
from leeward.server.core import clock, idempotency, problems
from leeward.server.core.problems import Problem
from leeward.server.people.auth import Key, key_of
from leeward.server.screening import actions
from leeward.server.screening.engine import policy

router = Router(tags=["screening"])
MAX_BODY = 200_000
MAX_BATCH_BODY = 4_000_000
MAX_ITEMS = 1_000
_DECISIONS = Counter("leeward_decisions", "Decisions made.", ["action"])
_SECONDS = Histogram(
    "leeward_screen_seconds", "Time to answer a screening request.", buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2)
)
_encode = msgspec.json.Encoder().encode
_items = msgspec.json.Decoder(list[msgspec.Raw])


def _language(request: HttpRequest) -> str | None:
    """The first language of Accept-Language; None where it names none."""
    first = request.headers.get("Accept-Language", "").split(",")[0].split(";")[0].strip().lower()
    return first if first.replace("-", "").isalnum() else None


def _body(request: HttpRequest, limit: int) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > limit:
        raise Problem("too_large", f"The body may have {limit} bytes, this has {length}.")
    return request.body


def _screen(key: Key, items: list[Event], language: str | None) -> list[Decision]:
    try:
        decisions = actions.screen(key.service_id, items, language)
    except OperationalError as error:
        raise Problem("busy", headers={"Retry-After": "1"}) from error
    for decision in decisions:
        _DECISIONS.labels(decision.action).inc()
    return decisions


def _schema(name: str) -> dict[str, Any]:
    """A JSON schema with its parts inside it."""

    def inline(node: Any) -> Any:
        if isinstance(node, dict):
            if "$ref" in node:
                return inline(components[node["$ref"].rpartition("/")[2]])
            return {key: inline(value) for key, value in node.items()}
        return [inline(item) for item in node] if isinstance(node, list) else node

    schemas = events.schemas()
    components = schemas["components"]
    found: dict[str, Any] = inline(schemas[name])
    return found


_EVENT, _DECISION = _schema("event"), _schema("decision")


def _openapi(asked: dict[str, Any], answered: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
        "responses": {200: {"description": "OK", "content": {"application/json": {"schema": answered}}}, **problems.OPENAPI},
    }


@router.post("/screen", summary="Screen one event", operation_id="screen", openapi_extra=_openapi(_EVENT, _DECISION))
def screen(request: HttpRequest) -> HttpResponse:
    """What to do with something said, shown or asked, why, and where help is. Reasons come in the language of `Accept-Language`, else of
    the event. Scope: screen."""
    started = time.perf_counter()
    key = key_of(request, "screen")
    body = _body(request, MAX_BODY)

    def answer() -> HttpResponse:
        try:
            event = actions.prepare(events.parse(body), key.youngest_band, clock.now())
        except InvalidEventError as error:
            raise Problem("not_json" if str(error).startswith("Not JSON") else "invalid_event", str(error)) from error
        decision = _screen(key, [event], _language(request))[0]
        return HttpResponse(_encode(decision), content_type="application/json")

    response = idempotency.once(request, key.id, answer)
    _SECONDS.observe(time.perf_counter() - started)
    return response


_BATCH_ITEM = {"anyOf": [_DECISION, {"type": "object", "properties": {"error": {"type": "object"}}, "required": ["error"]}]}
_BATCH = _openapi(
    {"type": "array", "items": {"description": "An event, as in /v1/screen"}, "maxItems": MAX_ITEMS},
    {"type": "object", "properties": {"results": {"type": "array", "items": _BATCH_ITEM}}, "required": ["results"]},
)


@router.post("/screen/batch", summary="Screen up to 1,000 events", operation_id="screen_batch", openapi_extra=_BATCH)
def screen_batch(request: HttpRequest) -> HttpResponse:
    """Events in order; `results` has for each its decision, or `{"error": problem}`. Scope: screen."""
    key = key_of(request, "screen", cost=0)
    body = _body(request, MAX_BATCH_BODY)

    def answer() -> HttpResponse:
        try:
            raw = _items.decode(body)
        except msgspec.DecodeError as error:
            raise Problem("not_json", f"A batch is a JSON array of events: {error}.") from error
        if len(raw) > MAX_ITEMS:
            raise Problem("too_many_items", f"The batch has {len(raw)} events.")
        key_of(request, "screen", cost=len(raw))
        return HttpResponse(_encode({"results": _results(key, raw, _language(request))}), content_type="application/json")

    return idempotency.once(request, key.id, answer)


def _results(key: Key, raw: list[msgspec.Raw], language: str | None) -> list[Decision | dict[str, Any]]:
    now = clock.now()
    good: list[Event] = []
    places: list[int] = []
    results: list[Any] = [None] * len(raw)
    for place, item in enumerate(raw):
        try:
            good.append(actions.prepare(events.parse(bytes(item)), key.youngest_band, now))
            places.append(place)
        except InvalidEventError as error:
            results[place] = {"error": Problem("invalid_event", str(error)).body()}
    for place, decision in zip(places, _screen(key, good, language) if good else [], strict=True):
        results[place] = decision
    return results


@router.get("/policies/current", summary="The policy in use", operation_id="policy_current", openapi_extra={"responses": problems.OPENAPI})
def policy_current(request: HttpRequest) -> HttpResponse:
    """Its reference, as decisions carry it, and all its rules. Scope: screen."""
    key_of(request, "screen")
    current = policy()
    return HttpResponse(_encode({"reference": current.reference, "policy": current.document}), content_type="application/json")
