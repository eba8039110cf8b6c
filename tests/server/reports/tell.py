"""A child at the form: answers one question after the other."""

from __future__ import annotations

import io
import re
from typing import Any

from PIL import Image

ANSWERS: dict[str, dict[str, Any]] = {
    "safe": {"choice": "yes", "country": "DE"},
    "about": {"choice": "me"},
    "age": {"choice": "10-12"},
    "what": {"choice": "conduct.bullying"},
    "where": {"app": "", "username": "Meanie77"},
    "more": {"text": "they laugh at me in the group chat every day"},
    "answer": {"choice": "receipt"},
    "check": {},
}


def address(step: str) -> str:
    return "/tell/" if step == "safe" else f"/tell/{step}/"


def fill(browser: Any, until: str = "check", **answers: dict[str, Any]) -> Any:
    """Goes through the questions up to one; the last answer of the server."""
    answer = None
    for step, data in (ANSWERS | answers).items():
        answer = browser.post(address(step), data)
        if step == until:
            break
    return answer


def tell(browser: Any, **answers: dict[str, Any]) -> str:
    """Tells; returns the receipt."""
    sent = fill(browser, **answers)
    assert sent.status_code == 302 and sent["Location"] == "/tell/sent/", sent.content
    page = browser.get("/tell/sent/").content.decode()
    found = re.search(r'class="receipt" id="receipt">([\d ]+)<', page)
    assert found, page
    return found.group(1)


def look(browser: Any, receipt: str) -> str:
    """Reads the answer."""
    assert browser.post("/answer/", {"receipt": receipt}).status_code == 302
    return str(browser.get("/answer/view/").content.decode())


def png(color: str = "green") -> io.BytesIO:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(out, "PNG")
    out.seek(0)
    out.name = "shot.png"
    return out
