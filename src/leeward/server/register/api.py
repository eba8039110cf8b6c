"""API of the register: signed bundles come in, and this server's own bundles and key go out."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.security import APIKeyHeader

from leeward.server.core import limits, problems, signing
from leeward.server.core.problems import Problem
from leeward.server.people.access import service
from leeward.server.people.auth import key_of
from leeward.server.register import bundle
from leeward.server.register.actions import observations
from leeward.server.register.actions.common import today

BUNDLES_AN_HOUR = 600
router = Router(tags=["register"])
_ANSWERS = {"responses": problems.OPENAPI}
_BUNDLE = {
    **_ANSWERS,
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
    "parameters": [
        {
            "name": "Leeward-Signature",
            "in": "header",
            "required": True,
            "schema": {"type": "string"},
            "description": "Ed25519 over the body, base64.",
        }
    ],
}


class MemberKey(APIKeyHeader):
    """`Leeward-Key`: the public key of a member's tools. The signature over the body is checked with it."""

    param_name = "Leeward-Key"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        return key or None


@router.post(
    "/register/observations", auth=MemberKey(), summary="Push what your tools measured, signed", operation_id="push_observations",
    openapi_extra=_BUNDLE,
)  # fmt: skip
def push(request: HttpRequest) -> HttpResponse:
    """A bundle as docs/api.md describes it. The same bundle again changes nothing (`known`); one that a newer one overtook is refused."""
    if int(request.headers.get("Content-Length") or 0) > bundle.MAX_BYTES:
        raise Problem("too_large", f"A bundle has at most {bundle.MAX_BYTES} bytes.")
    if not limits.spend("bundle", limits.address(request), BUNDLES_AN_HOUR, 3600):
        raise Problem("rate_limited", headers={"Retry-After": "600"})
    key, signature = request.auth, request.headers.get("Leeward-Signature", "")  # type: ignore[attr-defined]
    received = observations.receive(request.body, key, signature)
    return HttpResponse(msgspec.json.encode(received), content_type="application/json", status=200 if received.known else 201)


@router.get(
    "/register/bundle", summary="What the tools measured for your service, signed", operation_id="signed_bundle", openapi_extra=_ANSWERS
)
def signed_bundle(request: HttpRequest, alliance: str, member: str) -> HttpResponse:
    """The running month, as a bundle for one member of one alliance: a register fetches it where it is not pushed. Scope: read."""
    key = key_of(request, "read", parameters=("alliance", "member"))
    start, end = observations.periods(today())[-1]
    body = bundle.make(alliance, member, service(key.service_id).name, key.service_id, start, end)
    response = HttpResponse(body, content_type="application/json")
    response["Leeward-Key"], response["Leeward-Signature"] = signing.public_key(), signing.sign(body)
    return response


@router.get("/register/key", summary="The public key of this server", operation_id="register_key", openapi_extra=_ANSWERS)
def public_key(request: HttpRequest) -> HttpResponse:
    """Enter it in the register's office, so that bundles of this server are taken. Scope: read."""
    key_of(request, "read")
    return HttpResponse(msgspec.json.encode({"algorithm": "Ed25519", "public": signing.public_key()}), content_type="application/json")
