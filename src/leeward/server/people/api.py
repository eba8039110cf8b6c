"""API for a service about itself: its indicators."""

from __future__ import annotations

import datetime as dt

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from leeward.server.core import clock, indicators, problems
from leeward.server.core.problems import Problem
from leeward.server.people.auth import key_of

router = Router(tags=["indicators"])
MAX_DAYS = 366
_ANSWERS = {"responses": problems.OPENAPI}


@router.get("/indicators", summary="What the tools measured for your service", operation_id="indicators", openapi_extra=_ANSWERS)
def read_indicators(request: HttpRequest, days: int = 30) -> HttpResponse:
    """Every indicator over the last `days` days (1 to 366). Small counts are suppressed. Scope: read."""
    key = key_of(request, "read", parameters=("days",))
    if not 1 <= days <= MAX_DAYS:
        raise Problem("invalid_request", f"`days` is from 1 to {MAX_DAYS}, this is {days}.")
    end = clock.now()
    period = indicators.Period(end - dt.timedelta(days=days), end)
    body = {
        "period": {"start": period.start.isoformat(), "end": period.end.isoformat()},
        "indicators": [
            {
                "code": item.code, "title": item.title, "unit": item.unit, "direction": item.direction, "method": item.method,
                "version": item.version, "observations": item.measure(key.service_id, period),
            }
            for item in indicators.REGISTRY.values()
        ],
    }  # fmt: skip
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")
