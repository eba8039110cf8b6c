"""The HTTP API: one NinjaAPI, a router a room, every error a problem (RFC 9457)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.docs import Swagger

from leeward import __version__
from leeward.server.core import problems
from leeward.server.families.api import router as families_router
from leeward.server.people.api import router as people_router
from leeward.server.people.auth import ApiKeyAuth
from leeward.server.register.api import router as register_router
from leeward.server.reports.api import router as reports_router
from leeward.server.screening.api import router as screening_router

api = NinjaAPI(
    title="Leeward",
    version=__version__,
    description="Protects the minors on an online service. Errors are problems (RFC 9457); their codes are explained in docs/errors.md.",
    openapi_url="/openapi.json",
    docs_url="/docs",
    docs=Swagger(settings={"persistAuthorization": False}),
    auth=ApiKeyAuth(),
    urls_namespace="api",
)
api.add_router("", people_router)
api.add_router("", screening_router)
api.add_router("", reports_router)
api.add_router("", families_router)
api.add_router("", register_router)


@api.exception_handler(problems.Problem)
def _problem(request: HttpRequest, error: problems.Problem) -> HttpResponse:
    return error.response()


@api.exception_handler(AuthenticationError)
def _unauthenticated(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.Problem("key_missing").response()


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    where = ".".join(str(part) for part in first.get("loc", ()))
    return problems.Problem("invalid_request", f"{where}: {first.get('msg', '')}").response()


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.Problem("invalid_request", str(error)).response()
