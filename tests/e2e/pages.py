"""What every page must hold in a real browser."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def no_barriers(page: Any) -> None:
    """axe finds nothing, in the dark the contrast is enough too, and nothing is wider than the screen."""
    _axe(page, RULES)
    page.emulate_media(color_scheme="dark")
    _axe(page, {"type": "rule", "values": ["color-contrast"]})
    page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], f"{page.url} is wider than the screen"


def _axe(page: Any, only: Any) -> None:
    found = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"], "preload": False})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
