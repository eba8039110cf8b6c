"""POST /v1/reports, GET /v1/reports/{id}, GET /v1/held/{event}, and a person's own data."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

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
from leeward.server.reports.models import Case, Outcome, Receipt, Report
from leeward.server.reports.told import MAX_LINE, MAX_TEXT, Place, Told

router = Router(tags=["reports"])
Body = TypeVar("Body", bound=msgspec.Struct)
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


_encode = msgspec.json.Encoder().encode


def _openapi(asked: type | None, properties: dict[str, Any], status: int = 200) -> dict[str, Any]:
    answer = {"description": "OK", "content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}
    found: dict[str, Any] = {"responses": {status: answer, **problems.OPENAPI}}
    if asked is not None:
        _, components = msgspec.json.schema_components([asked], ref_template="#/components/schemas/{name}")
        schema = components[asked.__name__]
        if asked is NewReport:
            schema["properties"]["reporter"] = components["Reporter"]
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return found


_TEXT = {"type": "string"}
_REPORT = {"report": _TEXT, "case": _TEXT, "state": _TEXT, "says": _TEXT, "next_by": {"type": ["string", "null"]}}
_YES_NO = {"type": "boolean"}
_STANDS = _REPORT | {
    "question": _TEXT, "answer": _TEXT, "can_reply": _YES_NO, "can_ask_again": _YES_NO, "helped": {"type": ["boolean", "null"]},
}  # fmt: skip


def _decoded(body: bytes, kind: type[Body]) -> Body:
    """A body of this kind; raises Problem, naming what is wrong."""
    if len(body) > MAX_BODY:
        raise Problem("too_large", f"The body may have {MAX_BODY} bytes, this has {len(body)}.")
    try:
        found = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise Problem("invalid_request", str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Problem("not_json", str(error)) from error
    return found


def _no_nul(*texts: str) -> None:
    if any("\x00" in text for text in texts):
        raise Problem("invalid_request", "A text has a NUL character.")


def _read(body: bytes) -> NewReport:
    found = _decoded(body, NewReport)
    if found.harm and found.harm not in harms.BY_CODE:
        raise Problem("invalid_request", f"`harm` is {found.harm!r}: leave it out, or use a code of docs/glossary.md.")
    _no_nul(found.text, found.target, found.link, found.reporter.ref)
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
            "report": filed.report.pk, "case": case.pk, "state": access.public_state(filed.report), "level": level,
            "receipt": filed.receipt,
            "says": access.answer_of(filed.report).says, "next_by": case.next_by, "help": help_for(new.reporter.country),
        }  # fmt: skip
        return HttpResponse(_encode(body), status=201, content_type="application/json")

    return idempotency.once(request, key.id, answer)


@router.get("/reports/{report_id}", summary="Where a report stands", operation_id="report_read", openapi_extra=_openapi(None, _STANDS))
def read(request: HttpRequest, report_id: str) -> HttpResponse:
    """The state of a report that your service filed, its sentence for the child, the moderators' question where one waits, and the answer
    in the child's words once there is one. Scope: report."""
    return _stands(_own(request, report_id))


def _own(request: HttpRequest, report_id: str) -> Report:
    report = access.report_of_service(key_of(request, "report").service_id, report_id[:80])
    if report is None:
        raise Problem("not_found")
    return report


def _stands(report: Report) -> HttpResponse:
    answer = access.answer_of(report)
    body = {
        "report": report.pk, "case": report.case_id, "state": access.public_state(report), "says": answer.says, "next_by": answer.next_by,
        "question": answer.question, "answer": answer.statement, "can_reply": answer.can_reply, "can_ask_again": answer.can_ask_again,
        "helped": answer.helped,
    }  # fmt: skip
    return HttpResponse(_encode(body), content_type="application/json")


class Words(msgspec.Struct, forbid_unknown_fields=True):
    """What the user writes back."""

    text: Annotated[str, msgspec.Meta(max_length=actions.MAX_REPLY)] = ""


class Helped(msgspec.Struct, forbid_unknown_fields=True):
    """Whether the answer helped."""

    helped: bool


def _act(request: HttpRequest, report_id: str, kind: type[Body], act: Callable[[Receipt, Body], None]) -> HttpResponse:
    """Does for a service's user what the page /answer does, and says where the report stands now."""
    report = _own(request, report_id)
    asked = _decoded(request.body or b"{}", kind)
    _no_nul(getattr(asked, "text", ""))
    try:
        act(access.receipt_of(report), asked)
    except actions.NotPossible as error:
        raise Problem("not_now", str(error)) from error
    return _stands(_own(request, report_id))


@router.post(
    "/reports/{report_id}/reply", summary="The user writes back", operation_id="report_reply", openapi_extra=_openapi(Words, _STANDS)
)
def reply(request: HttpRequest, report_id: str) -> HttpResponse:
    """Answers the moderators' question, or tells more while the case is open. Scope: report."""
    return _act(request, report_id, Words, lambda receipt, asked: actions.reply(receipt, asked.text))


@router.post(
    "/reports/{report_id}/again", summary="The user asks again", operation_id="report_again", openapi_extra=_openapi(Words, _STANDS)
)
def again(request: HttpRequest, report_id: str) -> HttpResponse:
    """Once, within six months of the answer; another person looks at it. `text` may stay empty. Scope: report."""
    return _act(request, report_id, Words, lambda receipt, asked: actions.ask_again(receipt, asked.text))


@router.post("/reports/{report_id}/helped", summary="Did it help?", operation_id="report_helped", openapi_extra=_openapi(Helped, _STANDS))
def helped(request: HttpRequest, report_id: str) -> HttpResponse:
    """What the user says to “Did this help?”. Scope: report."""
    return _act(request, report_id, Helped, lambda receipt, asked: actions.helped(receipt, asked.helped))


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
    "/people/{path:ref}/data", summary="What a user of yours told", operation_id="person_data",
    openapi_extra=_openapi(None, {"ref": _TEXT, "reports": {"type": "array"}}),
)  # fmt: skip
def person_data(request: HttpRequest, ref: str) -> HttpResponse:
    """Everything that this user told through your service, to answer their request for their data (GDPR Art. 15). Scope: report."""
    key = key_of(request, "report")
    found = access.reports_of_person(key.service_id, ref)
    actions.note_export(people.service(key.service_id), len(found), f"key:{key.id}")
    body = {"ref": ref, "reports": found}
    return HttpResponse(_encode(body), content_type="application/json")


@router.delete(
    "/people/{path:ref}/data", summary="Erase what a user of yours told", operation_id="person_erase",
    openapi_extra=_openapi(None, {"ref": _TEXT, "erased": {"type": "integer"}, "kept": {"type": "integer"}}),
)  # fmt: skip
def person_erase(request: HttpRequest, ref: str) -> HttpResponse:
    """Erases it (GDPR Art. 17). Open cases and those under legal hold keep what they need (`kept`): ask again once they are decided.
    Scope: report."""
    key = key_of(request, "report")
    erased, kept = actions.erase_person(people.service(key.service_id), ref, f"key:{key.id}")
    return HttpResponse(_encode({"ref": ref, "erased": erased, "kept": kept}), content_type="application/json")
