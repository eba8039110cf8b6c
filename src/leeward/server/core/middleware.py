"""Requests of the API skip what only pages need: sessions, locale, CSRF, messages. They carry a key, never a cookie."""

from __future__ import annotations

from collections.abc import Callable

from django.core.handlers.base import BaseHandler
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

_PREFIX = "/v1/"
_PAGES = ("/v1/docs",)


class ForApiOnly(MiddlewareMixin):
    """Answers API requests here, from Django's handler without the middleware below."""

    sync_capable, async_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        handler = BaseHandler()
        self._answer = handler._get_response  # type: ignore[attr-defined]
        handler._view_middleware, handler._template_response_middleware, handler._exception_middleware = [], [], []  # type: ignore[attr-defined]

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if not request.path_info.startswith(_PREFIX) or request.path_info.startswith(_PAGES):
            return None
        response: HttpResponse = self._answer(request)
        response["Cache-Control"] = "no-store"
        return response
