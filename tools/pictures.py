"""Takes the README's pictures: `make run` in one shell, `python tools/pictures.py` in another."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parents[1] / "docs/pictures"
LINES = (
    ("Robin", "hi! ur base is so cool. how old r u?"),
    ("Kim", "thx lol im 11"),
    ("Robin", "dont tell ur mum we talk, add me on sn4p"),
    ("Kim", "no"),
    ("Robin", "come on, send me a pic of you"),
)


def conversation(page: Page) -> None:
    """Lets the two talk."""
    page.goto("/play")
    with page.expect_response("**/play"):
        page.locator("select[name=others]").select_option("6")
    for name, text in LINES:
        before = page.locator(".bubble.mine").count()
        page.get_by_label(f"Message from {name}").fill(text)
        page.keyboard.press("Enter")
        page.locator(".bubble.mine").nth(before).wait_for()


def main(url: str) -> None:
    """Saves one picture at desk width and one at phone width."""
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for name, width in (("play", 1280), ("play-phone", 320)):
            page = browser.new_context(viewport={"width": width, "height": 900}, base_url=url).new_page()
            conversation(page)
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000")
