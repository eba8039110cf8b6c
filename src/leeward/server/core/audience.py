"""Whom a view is for. Every view says so; a guard test refuses one that does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

Audience = Literal["public", "operations", "api", "staff", "demo"]
View = TypeVar("View", bound=Callable[..., Any])


def audience(who: Audience) -> Callable[[View], View]:
    """Marks a view."""

    def mark(view: View) -> View:
        view.audience = who  # type: ignore[attr-defined]
        return view

    return mark
