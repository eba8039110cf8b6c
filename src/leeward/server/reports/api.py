"""POST /v1/reports, GET /v1/reports/{id}, GET /v1/held/{event}, and a person's own data."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from leeward.engine import harms
from leeward.engine.policy.texts import help_for
from leeward.server.core import idempotency, problems
from leeward.server.core.problems import Problem
from leeward.server.people import access as people
from leeward.server.people.auth import Key, key_of
from leeward.server.reports import access, actions, rules
from leeward.server.reports.models import Case, Outcome
from leeward.server.reports.told import MAX_LINE, MAX_TEXT, Place, Told

router = Router(tags=["reports"])
MAX_BODY = 100_000
Line = Annotated[str, msgspec.Meta(max_length=MAX_LINE)]
Ref = Annotated[str, msgspec.Meta(max_length=200, min_length=1)]
Code = Annotated[str, msgspec.Meta(max_length=80)]


class Reporter(msgspec.Struct, forbid_unknown_fields=True):
    """Who tells: the service's own opaque ref, and the age band."""

    ref: Ref
    age_band: Literal["0-5", "6-9", "10-12", "13-15", "16-17", "adult", "unknown"] = "unknown"
    country: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2}(-[A-Za-z]{2,4})?$")] = "en"


class NewReport(msgspec.Struct, forbid_unknown_fields=True):
    """A report by somebody who is logged in at the service."""

    reporter: Reporter
    about: Literal["me", "friend", "seen"] = "me"
    harm: Code = ""
    danger: bool = False
    target: Annotated[str, msgspec.Meta(max_length=200)] = ""
    link: Line = ""
    events: Annotated[list[Code], msgspec.Meta(max_length=50)] = []
    text: Annotated[str, msgspec.Meta(max_length=MAX_TEXT)] = ""
    no_guardian: bool = False


_decode = msgspec.json.Decoder(NewReport).decode
_encode = msgspec.json.Encoder().encode


def _openapi(asked: type | None, properties: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = {"description": "OK", "content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}
    found: dict[str, Any] = {"responses": {status: answer, **problems.OPENAPI}}
    if asked is not None:
        _, components = msgspec.json.schema_components([asked], ref_template="#/components/schemas/{name}")
        reporter, report = components["Reporter"], components["NewReport"]
        report["properties"]["reporter"] = reporter
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": report}}}
    return found


_TEXT = {"type": "string"}
_REPORT = {"report": _TEXT, "case": _TEXT, "state": _TEXT, "says": _TEXT, "next_by": {"type": ["string", "null"]}}


def _read(body: bytes) -> NewReport:
    if len(body) > MAX_BODY:
        raise Problem("too_large", f"The body may have {MAX_BODY} bytes, this has {len(body)}.")
    try:
        found = _decode(body)
    except msgspec.ValidationError as error:
        raise Problem("invalid_request", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem("not_json", str(error)) from error
    if found.harm and found.harm not in harms.BY_CODE:
        raise Problem("invalid_request", f"`harm` is {found.harm!r}: leave it out, or use a code of docs/glossary.md.")
    if "\x00" in found.text + found.target + found.link + found.reporter.ref:
        raise Problem("invalid_request", "A text has a NUL character.")
    return found


def _told(key: Key, new: NewReport) -> Told:
    reporter = new.reporter
    band = key.youngest_band if reporter.age_band == "unknown" else reporter.age_band
    return Told(
        about=new.about, band=band, harm=new.harm, danger=new.danger, country=reporter.country, language=reporter.language,  # type: ignore[arg-type]
        service_id=key.service_id, place=Place(link=new.link, ref=new.target), text=new.text, events=new.events,
        reporter_ref=reporter.ref, channel="service", no_guardian=new.no_guardian, source="service",
    )  # fmt: skip


@router.post("/reports", summary="File a report of a user", operation_id="report_create", openapi_extra=_openapi(NewReport, _REPORT, 201))
def create(request: HttpRequest) -> HttpResponse:
    """Files what one of your users tells. Every step comes back as a webhook (`report.*`); `receipt` lets the user read the answer on the
    page /answer as well. Screening never delays a report. Scope: report."""
    key = key_of(request, "report")
    new = _read(request.body)

    def answer() -> HttpResponse:
        filed = actions.file_report(_told(key, new), f"{key.service_id} {secrets.token_hex(16)}")
        case, level = filed.report.case, rules.level_of(filed.report.case.harm, filed.report.case.band, filed.report.case.danger)
        body = {
            "report": filed.report.pk, "case": case.pk, "state": case.state, "level": level, "receipt": filed.receipt,
            "says": access.sentence(case, filed.report), "next_by": case.next_by, "help": help_for(new.reporter.country),
        }  # fmt: skip
        return HttpResponse(_encode(body), status=201, content_type="application/json")

    return idempotency.once(request, key.id, answer)


@router.get("/reports/{report_id}", summary="Where a report stands", operation_id="report_read", openapi_extra=_openapi(None, _REPORT))
def read(request: HttpRequest, report_id: str) -> HttpResponse:
    """The state of a report that your service filed, and its sentence for the child. Scope: report."""
    key = key_of(request, "report")
    report = access.report_of_service(key.service_id, report_id[:80])
    if report is None:
        raise Problem("not_found")
    case = report.case
    body = {"report": report.pk, "case": case.pk, "state": case.state, "says": access.sentence(case, report), "next_by": case.next_by}
    return HttpResponse(_encode(body), content_type="application/json")


@router.get(
    "/held/{event}", summary="What became of an event that was held", operation_id="held_read",
    openapi_extra=_openapi(None, {"event": _TEXT, "state": _TEXT, "case": _TEXT}),
)  # fmt: skip
def held(request: HttpRequest, event: str) -> HttpResponse:
    """`waiting`, `released` or `removed`, for an event that was answered with hold or escalate. Scope: screen."""
    key = key_of(request, "screen")
    case = access.held_event(key.service_id, event[:80])
    if case is None:
        raise Problem("not_found")
    return HttpResponse(_encode({"event": event, "state": fate(case), "case": case.pk}), content_type="application/json")


def fate(case: Case) -> str:
    """What becomes of a held event."""
    if case.state in Case.OPEN:
        return "waiting"
    return "removed" if case.outcomes.filter(state=Outcome.State.FINAL, kind=Outcome.Kind.ACTION_TAKEN).exists() else "released"


@router.get(
    "/people/{ref}/data", summary="What a user of yours told", operation_id="person_data",
    openapi_extra=_openapi(None, {"ref": _TEXT, "reports": {"type": "array"}}),
)  # fmt: skip
def person_data(request: HttpRequest, ref: str) -> HttpResponse:
    """Everything that this user told through your service, to answer their request for their data (GDPR Art. 15). Scope: report."""
    key = key_of(request, "report")
    body = {"ref": ref, "reports": access.reports_of_person(key.service_id, ref[:200])}
    return HttpResponse(_encode(body), content_type="application/json")


@router.delete(
    "/people/{ref}/data", summary="Erase what a user of yours told", operation_id="person_erase",
    openapi_extra=_openapi(None, {"ref": _TEXT, "erased": {"type": "integer"}}),
)  # fmt: skip
def person_erase(request: HttpRequest, ref: str) -> HttpResponse:
    """Erases it (GDPR Art. 17). Open cases and those under legal hold keep what they need. Scope: report."""
    key = key_of(request, "report")
    erased = actions.erase_person(people.service(key.service_id), ref[:200], f"key:{key.id}")
    return HttpResponse(_encode({"ref": ref, "erased": erased}), content_type="application/json")
