"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from leeward import __version__

QUICK_EXIT = "https://www.wikipedia.org/"
"""Where the quick exit leads: a page that nobody asks questions about."""


def page(request: HttpRequest) -> dict[str, Any]:
    """For base.html."""
    return {"demo": settings.DEMO, "version": __version__, "quick_exit": QUICK_EXIT, "languages": settings.LANGUAGES}
