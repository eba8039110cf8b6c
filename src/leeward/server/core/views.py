"""Addresses for whoever operates the server."""

from __future__ import annotations

from django.db import connection
from django.db.utils import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from leeward.server.core.audience import audience


@audience("operations")
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@audience("operations")
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers and has its tables."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM screening_decisionrecord WHERE 1 = 0")
    except DatabaseError as error:
        return JsonResponse({"status": "not ready", "why": f"The database does not answer as it should: {error}"}, status=503)
    return JsonResponse({"status": "ready"})


@audience("operations")
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics of this worker process. Shield it from the public (docs/operations.md)."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
