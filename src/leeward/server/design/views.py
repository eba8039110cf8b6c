"""The home page, and the pages for when something goes wrong."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from leeward.server.core.audience import audience
from leeward.server.core.problems import Problem

API_PREFIX = "/v1/"


@audience("public")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What Leeward is and where to begin."""
    return render(request, "home.html")


@audience("public")
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return render(request, "error.html", {"status": 400}, status=400)


@audience("public")
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return render(request, "error.html", {"status": 403}, status=403)


@audience("public")
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; a problem where the API was asked."""
    if request.path.startswith(API_PREFIX):
        return Problem("not_found").response()
    return render(request, "error.html", {"status": 404}, status=404)


@audience("public")
def broken(request: HttpRequest) -> HttpResponse:
    """500; a problem where the API was asked."""
    if request.path.startswith(API_PREFIX):
        return Problem("internal").response()
    return render(request, "error.html", {"status": 500}, status=500)
