"""The three faces of a sheet: a page, JSON and CSV, each at its own address, each as of any day with `?on=YYYY-MM-DD`."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import io
import json
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import urlencode

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

from leeward.server.core import clock
from leeward.server.core.audience import audience
from leeward.server.register import access
from leeward.server.register.models import Alliance
from leeward.server.register.sheets import LICENCE, Sheet

Face = Literal["page", "json", "csv"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NOW_SECONDS, PAST_SECONDS = 60, 86_400


class NoSuchDay(ValueError):
    """`on` is not a day."""


def day_of(request: HttpRequest) -> dt.date:
    """The day that is asked for; today without one. A day to come is today."""
    raw = request.GET.get("on", "")
    today = clock.now().date()
    if not raw:
        return today
    try:
        return min(dt.date.fromisoformat(raw), today)
    except ValueError as error:
        raise NoSuchDay(raw) from error


def _cell(value: Any) -> Any:
    """A value in a CSV. Text that a spreadsheet would run as a formula is quoted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value.isoformat() if hasattr(value, "isoformat") else value


def as_csv(sheet: Sheet) -> str:
    """RFC 4180, with a header."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(sheet.columns)
    writer.writerows([_cell(value) for value in row] for row in sheet.all_rows())
    return out.getvalue()


def as_json(of: Alliance, day: dt.date, sheet: Sheet, permalink: str) -> str:
    """The data with what one needs to cite it."""
    head = {"title": sheet.title, "alliance": of.slug, "as_of": day, "permalink": permalink, "license": LICENCE}
    return json.dumps({**head, **sheet.data, **sheet.more()}, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)


def _addresses(request: HttpRequest, day: dt.date) -> dict[str, str]:
    """Where the other faces are, and the link that always shows this very state."""
    here = request.path.removesuffix(".json").removesuffix(".csv")
    if not here.endswith("/") and here != request.path:
        here = here.removesuffix("overview") if here.endswith("/overview") else f"{here}/"
    stem = f"{here}overview" if here.strip("/").count("/") == 1 else here.rstrip("/")
    asked = {name: value for name, value in request.GET.items() if name not in ("on", "page") and value}
    dated = f"?{urlencode({**asked, 'on': day.isoformat()})}"
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return {"json": f"{stem}.json{query}", "csv": f"{stem}.csv{query}", "permalink": request.build_absolute_uri(here + dated), "page": here}


Maker = Callable[..., Sheet]


def public_page(template: str) -> Callable[[Maker], Callable[..., HttpResponse]]:
    """A view of the register: (request, alliance, day, …) -> Sheet becomes a page, JSON or CSV."""

    def wrap(make: Maker) -> Callable[..., HttpResponse]:
        @functools.wraps(make)
        def view(request: HttpRequest, slug: str, face: Face = "page", **kwargs: Any) -> HttpResponse:
            of = access.alliance(slug)
            try:
                day = day_of(request)
            except NoSuchDay as error:
                context = {"alliance": of, "raw": str(error)}
                return render(request, "register/no_day.html", context, status=400)
            sheet = make(request, of, day, **kwargs)
            where = _addresses(request, day)
            is_past = day < clock.now().date()
            if face == "json":
                response = HttpResponse(as_json(of, day, sheet, where["permalink"]), content_type="application/json")
            elif face == "csv":
                response = HttpResponse(as_csv(sheet), content_type="text/csv; charset=utf-8")
                response["Content-Disposition"] = f'attachment; filename="{of.slug}-{day}.csv"'
            else:
                context = {
                    "alliance": of,
                    "day": day,
                    "is_past": is_past,
                    "sheet": sheet,
                    "data": sheet.data,
                    "where": where,
                    **sheet.extra,
                }
                return render(request, f"register/{template}.html", context)
            response["Access-Control-Allow-Origin"] = "*"
            response["Cache-Control"] = f"public, max-age={PAST_SECONDS if is_past else NOW_SECONDS}"
            return response

        return audience("public")(require_safe(view))

    return wrap


def faces(where: str, view: Callable[..., HttpResponse], name: str) -> list[URLPattern]:
    """The three addresses of a page."""
    stem = where or "overview"
    return [
        path(f"<slug:slug>/{where}/" if where else "<slug:slug>/", view, name=name),
        path(f"<slug:slug>/{stem}.json", view, {"face": "json"}, name=f"{name}_json"),
        path(f"<slug:slug>/{stem}.csv", view, {"face": "csv"}, name=f"{name}_csv"),
    ]
