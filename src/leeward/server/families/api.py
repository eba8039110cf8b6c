"""POST /v1/family/decide, GET /v1/people/{ref}/protections, POST /v1/people/{ref}/portal."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from ninja import Router

from leeward.server import environment
from leeward.server.core import clock, problems, signing
from leeward.server.core.problems import Problem
from leeward.server.families import access, actions, ages, presets, rules, words
from leeward.server.families.models import Child
from leeward.server.people.auth import Key, key_of

router = Router(tags=["families"])
MAX_BODY = 200_000
MAX_ITEMS = 500
Band = Literal["0-5", "6-9", "10-12", "13-15", "16-17", "adult", "unknown"]
Ref = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Question(msgspec.Struct, forbid_unknown_fields=True):
    """May this person do this now? `used` adds to what was used since the last question."""

    ref: Ref
    subject: Annotated[str, msgspec.Meta(pattern="^[a-z_]{1,20}(:[a-z_]{1,20})?$")]
    used: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 0
    at: dt.datetime | None = None
    age_band: Band = "unknown"


class Entry(msgspec.Struct, forbid_unknown_fields=True):
    """Who comes in by the portal, as far as the service knows."""

    age_band: Band = "unknown"
    assurance: Literal["self", "guardian", "estimated", "verified"] = "self"
    zone: Annotated[str, msgspec.Meta(max_length=40)] = "UTC"
    country: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}$")] = "en"
    region: Annotated[str, msgspec.Meta(pattern="^[A-Z0-9-]{0,8}$")] = ""
    next_band_on: dt.date | None = None


class Age(msgspec.Struct, forbid_unknown_fields=True):
    """What others say of an age: a signed credential with the nonce that it answers to, or what a platform told the app."""

    credential: Annotated[str, msgspec.Meta(max_length=20_000)] = ""
    nonce: Annotated[str, msgspec.Meta(max_length=100)] = ""
    platform: Literal["", "apple", "google"] = ""
    said: dict[str, str | int | None] = {}


class Shown(msgspec.Struct, forbid_unknown_fields=True):
    """A contact as the service shows it."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    since: dt.date | None = None


class Proof(msgspec.Struct, forbid_unknown_fields=True):
    """How well a service knows that a guardian is one."""

    link: Annotated[str, msgspec.Meta(max_length=40)]
    proof: Literal["service", "verified"]


_encode = msgspec.json.Encoder().encode
_questions = msgspec.json.Decoder(list[Question]).decode
_question = msgspec.json.Decoder(Question).decode
_age = msgspec.json.Decoder(Age).decode
_contacts = msgspec.json.Decoder(list[Shown]).decode
_proof = msgspec.json.Decoder(Proof).decode
_entry = msgspec.json.Decoder(Entry).decode
_VERDICT = {"type": "object", "properties": {"effect": {"type": "string"}, "rule": {"type": "string"}, "says": {"type": "string"}}}


def _openapi(asked: type | None, answer: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "responses": {200: {"description": "OK", "content": {"application/json": {"schema": answer}}}, **problems.OPENAPI}
    }
    if asked is not None:
        _, components = msgspec.json.schema_components([asked], ref_template="#/components/schemas/{name}")
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": components[asked.__name__]}}}
    return found


def _read(request: HttpRequest, decode: Any) -> Any:
    if len(request.body) > MAX_BODY:
        raise Problem("too_large", f"The body may have {MAX_BODY} bytes, this has {len(request.body)}.")
    try:
        return decode(request.body or b"{}")
    except msgspec.ValidationError as error:
        raise Problem("invalid_request", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem("not_json", str(error)) from error


def verdict(service_id: int, asked: Question, now: dt.datetime, youngest: str) -> dict[str, Any]:
    """The answer to one question. A person who was never named has the defaults of the given age, or of the service's youngest."""
    at = asked.at or now
    if at.tzinfo is None or abs(at - now) > dt.timedelta(days=2):
        raise Problem("invalid_request", "`at` has a time zone, and lies within two days of now.")
    person = access.person(service_id, asked.ref)
    if person is None:
        band = youngest if asked.age_band == "unknown" else asked.age_band
        child, used = Child(id="", band=band, zone="UTC", preset=""), {}
        plan = rules.Plan(band, "UTC", presets.defaults(band))
    else:
        child = person.child
        if asked.used:
            actions.use(child, asked.subject, asked.used, at)
        plan, used = access.plan_of(child), access.used_by(child, at)
    found = rules.decide(plan, at, asked.subject, used)
    says = words.FINISH.of(child.band) if found.warn == 1 else words.SAYS[found.code].of(child.band)
    return {
        "ref": asked.ref, "subject": asked.subject, "effect": found.effect, "rule": found.rule, "says": says, "left": found.left,
        "warn": found.warn, "why": found.reason or (words.why(asked.subject).of(child.band) if found.rule else ""),
        "next_change_at": found.next_change_at.isoformat(),
    }  # fmt: skip


def _language(request: HttpRequest) -> str:
    return request.headers.get("Accept-Language", "en")[:2].lower()


@router.post(
    "/family/decide", summary="May this person do this now?", operation_id="family_decide", openapi_extra=_openapi(Question, _VERDICT)
)
def decide(request: HttpRequest) -> HttpResponse:
    """allow, ask or deny, with words for the child, what is left, and when it may change at the earliest: keep the answer until then.
    `used` counts minutes (of spending: cents) since the last question, over all devices. Help is always allowed. Scope: family."""
    key = key_of(request, "family")
    asked: Question = _read(request, _question)
    with translation.override(_language(request)):
        return HttpResponse(_encode(verdict(key.service_id, asked, clock.now(), key.youngest_band)), content_type="application/json")


_BATCH = {"type": "object", "properties": {"results": {"type": "array", "items": _VERDICT}}}


@router.post(
    "/family/decide/batch", summary="Up to 500 questions", operation_id="family_decide_batch", openapi_extra=_openapi(None, _BATCH)
)
def decide_batch(request: HttpRequest) -> HttpResponse:
    """Questions in order; `results` has the answers. Scope: family."""
    key = key_of(request, "family")
    asked: list[Question] = _read(request, _questions)
    if len(asked) > MAX_ITEMS:
        raise Problem("too_many_items", f"The batch has {len(asked)} questions, at most {MAX_ITEMS} are taken.")
    now = clock.now()
    with translation.override(_language(request)):
        results = [verdict(key.service_id, item, now, key.youngest_band) for item in asked]
    return HttpResponse(_encode({"results": results}), content_type="application/json")


@router.get(
    "/people/{ref}/protections", summary="Everything that holds for a person", operation_id="protections",
    openapi_extra=_openapi(None, {"type": "object", "properties": {"band": {"type": "string"}, "rules": {"type": "array"}}}),
)  # fmt: skip
def protections(request: HttpRequest, ref: str) -> HttpResponse:
    """Every rule with why and by whom. It carries an ETag; ask again with If-None-Match, or wait for the webhook `protections.changed`.
    Scope: family."""
    key = key_of(request, "family")
    person = access.person(key.service_id, ref[:200])
    if person is None:
        raise Problem("not_found")
    language = _language(request)
    tag = f'"{person.child_id[-8:]}-{person.child.version}-{language}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers={"ETag": tag})
    with translation.override(language):
        body = _encode({"ref": ref, **access.protections(person.child)})
    return HttpResponse(body, content_type="application/json", headers={"ETag": tag})


@router.get(
    "/people/{ref}/snapshot", summary="What holds for the next day, signed", operation_id="snapshot",
    openapi_extra=_openapi(None, {"type": "object", "properties": {"until": {"type": "string"}, "subjects": {"type": "object"}}}),
)  # fmt: skip
def snapshot(request: HttpRequest, ref: str) -> HttpResponse:
    """For when you cannot reach us: by subject, what holds from when on, for 24 hours. `X-Leeward-Signature` is Ed25519 over the body,
    by the key of /v1/signing-key. Scope: family."""
    key = key_of(request, "family")
    person = access.person(key.service_id, ref[:200])
    if person is None:
        raise Problem("not_found")
    body = _encode(access.snapshot(person.child, ref))
    return HttpResponse(body, content_type="application/json", headers={"X-Leeward-Signature": signing.sign(body)})


@router.get("/signing-key", summary="The key that signs", operation_id="signing_key", openapi_extra=_openapi(None, {"type": "object"}))
def signing_key(request: HttpRequest) -> HttpResponse:
    """The public Ed25519 key (base64) with which this server signs snapshots and referrals. Scope: family."""
    key_of(request, "family")
    return HttpResponse(_encode({"key": signing.public_key()}), content_type="application/json")


@router.post(
    "/people/{ref}/portal", summary="Let a user in to its own page", operation_id="portal",
    openapi_extra=_openapi(Entry, {"type": "object", "properties": {"url": {"type": "string"}}}),
)  # fmt: skip
def portal(request: HttpRequest, ref: str) -> HttpResponse:
    """A one-time address, good for fifteen minutes, at which this user sees what protects them, links a guardian and asks for more.
    Scope: family."""
    key = key_of(request, "family")
    entry: Entry = _read(request, _entry)
    return HttpResponse(_encode({"url": _portal_url(key, ref, entry)}), content_type="application/json")


def _portal_url(key: Key, ref: str, entry: Entry) -> str:
    _ref(ref)
    band = key.youngest_band if entry.age_band == "unknown" else entry.age_band
    try:
        person = actions.know_person(
            key.service_id, ref, band, entry.assurance, entry.zone, entry.country, entry.language, entry.region, entry.next_band_on
        )
    except actions.NotPossible as error:
        raise Problem("invalid_request", str(error)) from error
    base = environment.get("LEEWARD_URL", "http://127.0.0.1:8000").rstrip("/")
    return f"{base}/my/enter/{actions.open_portal(person)}/"


_AGE_ANSWER = {"type": "object", "properties": {"band": {"type": "string"}, "assurance": {"type": "string"}, "issuer": {"type": "string"}}}


@router.post(
    "/people/age/nonce", summary="A nonce for an age credential", operation_id="age_nonce",
    openapi_extra=_openapi(None, {"type": "object", "properties": {"nonce": {"type": "string"}, "audience": {"type": "string"}}}),
)  # fmt: skip
def age_nonce(request: HttpRequest) -> HttpResponse:
    """A number to which the credential has to answer, and the audience that it names: once, within ten minutes. Scope: family."""
    key = key_of(request, "family")
    audience = environment.get("LEEWARD_URL", "http://127.0.0.1:8000").rstrip("/")
    return HttpResponse(_encode({"nonce": actions.new_nonce(key.service_id), "audience": audience}), content_type="application/json")


@router.post("/people/{ref}/age", summary="Say how old a user is", operation_id="age", openapi_extra=_openapi(Age, _AGE_ANSWER))
def age(request: HttpRequest, ref: str) -> HttpResponse:
    """By a signed credential (JWT or SD-JWT VC) of a trusted issuer, or by what Apple's or Google's age range told the app. Only band,
    level and issuer are kept; a weaker level never replaces a stronger one. Scope: family."""
    key = key_of(request, "family")
    told: Age = _read(request, _age)
    if bool(told.credential) == bool(told.platform):
        raise Problem("invalid_request", "Send either `credential` with its `nonce`, or `platform` with what it `said`.")
    issuer = ""
    try:
        if told.credential:
            band, issuer = actions.prove_age(key.service_id, told.credential, told.nonce, key.youngest_band)
            level = "verified"
        else:
            said = _platform(told, key.youngest_band)
            known = access.person(key.service_id, ref[:200])
            if said is None and known is not None:  # nothing was told: what is known stays
                return _age_of(known.child)
            band, level = said or (key.youngest_band, "self")
        person = actions.know_person(key.service_id, _ref(ref), band, level, issuer=issuer)
    except actions.NotPossible as error:
        raise Problem("invalid_request", str(error)) from error
    return _age_of(person.child)


def _age_of(child: Child) -> HttpResponse:
    body = {"band": child.band, "assurance": child.assurance, "issuer": child.issuer}
    return HttpResponse(_encode(body), content_type="application/json")


def _platform(told: Age, youngest: str) -> tuple[str, str] | None:
    for name in ("lowerBound", "upperBound", "ageLower", "ageUpper"):
        value = told.said.get(name)
        if value is not None and not (isinstance(value, int) and 0 <= value <= ages.OLDEST):
            raise Problem("invalid_request", f"`said.{name}` is a whole number of years, or null.")
    return ages.from_platform(told.platform, told.said, youngest)


def _ref(ref: str) -> str:
    if not 0 < len(ref) <= 200 or "\x00" in ref:
        raise Problem("invalid_request", "`ref` has 1 to 200 characters.")
    return ref


@router.put(
    "/people/{ref}/contacts",
    summary="With whom a user is in touch",
    operation_id="contacts",
    openapi_extra=_openapi(None, {"type": "object"}),
)
def contacts(request: HttpRequest, ref: str) -> HttpResponse:
    """The contacts as your service shows them, `[{"name": …, "since": …}]`, up to 500; it replaces what stood here. A guardian sees names
    up to nine years, a number up to fifteen, nothing after. Scope: family."""
    key = key_of(request, "family")
    told: list[Shown] = _read(request, _contacts)
    person = access.person(key.service_id, ref[:200])
    if person is None:
        raise Problem("not_found")
    if len(told) > MAX_ITEMS:
        raise Problem("too_many_items", f"There are {len(told)} contacts, at most {MAX_ITEMS} are taken.")
    actions.set_contacts(person, [(item.name, item.since) for item in told])
    return HttpResponse(_encode({"contacts": len(told)}), content_type="application/json")


@router.post("/people/{ref}/proof", summary="Vouch for a guardian", operation_id="proof", openapi_extra=_openapi(Proof, {"type": "object"}))
def proof(request: HttpRequest, ref: str) -> HttpResponse:
    """How well you know that a linked guardian is one: `service` (you checked) or `verified` (by a document or payment). Scope: family."""
    key = key_of(request, "family")
    told: Proof = _read(request, _proof)
    person = access.person(key.service_id, ref[:200])
    if person is None:
        raise Problem("not_found")
    try:
        link = actions.vouch(person, told.link, told.proof)
    except actions.NotPossible as error:
        raise Problem("invalid_request", str(error)) from error
    return HttpResponse(_encode({"link": link.pk, "proof": link.proof}), content_type="application/json")
