"""Small filters of the register's pages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def at(items: Sequence[Any], place: int) -> Any:
    """An item by its place."""
    return items[place]


@register.filter
def named(names: Mapping[str, str], code: str) -> str:
    """The name of a code."""
    return names.get(code, code)


@register.filter
def number(value: float | None) -> str:
    """A number as people write it: no needless places, thousands apart."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4g}"


@register.filter
def shown(value: Any) -> Any:
    """A value in a table of data."""
    return "" if value is None else value


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """A block of linked data: escaped as `json_script` does, so that nothing in it can end the block. No script runs from it."""
    made = json_script(json.loads(json.dumps(data, default=str)))
    return mark_safe(made.replace("application/json", "application/ld+json", 1))  # noqa: S308  (escaped by json_script)
