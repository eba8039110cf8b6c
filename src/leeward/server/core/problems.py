"""Problem details (RFC 9457). A `code` never changes its meaning; each is explained in docs/errors.md (a test checks it)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.http import HttpResponse

DOCS = "urn:leeward:error:"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: HTTP status, what happened, and what to do next."""

    status: int
    title: str
    next: str


KINDS: dict[str, Kind] = {
    "invalid_event": Kind(422, "The event cannot be screened.", "Mend the field that `detail` names; the fields stand in docs/api.md."),
    "invalid_request": Kind(422, "The request is not as the API expects it.", "Mend what `detail` names; see /v1/docs."),
    "not_json": Kind(400, "The body is not JSON.", "Send one JSON value in UTF-8 with Content-Type: application/json."),
    "too_large": Kind(413, "The request is too large.", "Send less at once: `detail` names the limit."),
    "too_many_items": Kind(422, "The batch has too many items.", "Send at most 1,000 events at once."),
    "key_missing": Kind(401, "There is no valid API key.", "Send `Authorization: Bearer lw_…`; make a key with `leeward keys create`."),
    "key_revoked": Kind(401, "The API key was revoked or has ended.", "Make a new one with `leeward keys create`."),
    "scope_missing": Kind(403, "The API key may not do this.", "Make a key with the scope that `detail` names."),
    "rate_limited": Kind(429, "Too many requests.", "Wait for the seconds in `Retry-After`, then send the request again."),
    "idempotency_conflict": Kind(409, "This Idempotency-Key was used for another request.", "Use a new key for a new request."),
    "internal": Kind(500, "Leeward made a mistake.", "Send it again; if it fails again, tell who runs this Leeward when it happened."),
    "not_now": Kind(409, "This cannot be done now.", "`detail` says why; read where it stands, and go on from there."),
    "not_found": Kind(404, "There is nothing here.", "Check the address; all of them stand in /v1/docs."),
    "signature_wrong": Kind(
        401,
        "The signature is not one that this register knows.",
        "Sign the bytes of the body with a key that stands in the register for this member and alliance, and is not revoked.",
    ),
    "bundle_invalid": Kind(
        422, "That is not a bundle that this register can read.", "Mend what `detail` names; the format stands in docs/api.md."
    ),
    "bundle_replayed": Kind(409, "A newer bundle came already.", "Nothing: the register has what was measured later."),
    "unit_differs": Kind(
        422, "A value has another unit than the register keeps.", "Define a new indicator in the register for the new unit."
    ),
    "busy": Kind(503, "The database is busy.", "Send the same request again in a moment; nothing was stored."),
}
"""code -> kind."""

OPENAPI = {
    status: {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {"schema": {"type": "object"}}}}
    for status in sorted({kind.status for kind in KINDS.values()})
}
"""The answers that any route may give besides its own, for its OpenAPI."""


class Problem(Exception):
    """An error that becomes an answer."""

    def __init__(self, code: str, detail: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(detail or KINDS[code].title)
        self.code, self.detail, self.headers = code, detail, headers or {}

    def body(self) -> dict[str, object]:
        """The JSON of the problem."""
        kind = KINDS[self.code]
        detail = self.detail or kind.title
        return {
            "type": f"{DOCS}{self.code}",
            "title": kind.title,
            "status": kind.status,
            "code": self.code,
            "detail": detail,
            "next": kind.next,
        }

    def response(self) -> HttpResponse:
        """The HTTP answer."""
        content = json.dumps(self.body(), ensure_ascii=False)
        response = HttpResponse(content, status=KINDS[self.code].status, content_type="application/problem+json")
        if KINDS[self.code].status == 401:
            response["WWW-Authenticate"] = "Bearer"
        for name, value in self.headers.items():
            response[name] = value
        return response
