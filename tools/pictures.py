"""Takes the README's pictures: `make run` in one shell, `python tools/pictures.py` in another."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
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


def side_by_side(shots: list[bytes], path: Path) -> None:
    """Pastes pictures beside each other."""
    images = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    sheet = Image.new("RGB", (sum(image.width + 16 for image in images) - 16, max(image.height for image in images)), "#888")
    at = 0
    for image in images:
        sheet.paste(image, (at, 0))
        at += image.width + 16
    sheet.save(path, optimize=True)


def telling(page: Page) -> str:
    """A child tells on a phone; returns the code."""
    shots = []
    page.goto("/tell/")
    shots.append(page.screenshot())
    for name in ("Yes, I am safe", "Me", "10, 11 or 12"):
        page.get_by_role("button", name=name, exact=True).click()
    shots.append(page.screenshot())
    page.get_by_role("button", name="Somebody is mean, or leaves me out").click()
    page.get_by_label("What is that person called there?").fill("Meanie77")
    page.get_by_role("button", name="Next").click()
    page.get_by_label("Do you want to tell more?").fill("they laugh at me in the group every day")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Yes, I will look here").click()
    page.get_by_role("button", name="Send it").click()
    shots.append(page.screenshot())
    side_by_side(shots, PICTURES / "tell-phone.png")
    return str(page.locator("#receipt").inner_text())


def deciding(page: Page) -> None:
    """A moderator decides with six keys."""
    page.goto("/staff/demo/")
    page.get_by_role("button", name="Mara").click()
    page.goto("/desk/")
    for key in ("j", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/desk/case/**")
    page.keyboard.press("t")
    page.locator("#decide").wait_for()
    page.screenshot(path=PICTURES / "desk.png")
    for key in ("a", "r", "s"):
        page.keyboard.press(key)
    page.wait_for_url("**/desk/")


def protected(page: Page, url: str, key: str) -> None:
    """The page of a child."""
    asked = page.request.post(
        f"{url}/v1/people/kid/portal", data={"age_band": "10-12", "zone": "Europe/Berlin"}, headers={"Authorization": f"Bearer {key}"}
    )
    page.goto("/" + asked.json()["url"].split("/", 3)[3])
    page.get_by_role("button", name="Go in").click()
    page.screenshot(path=PICTURES / "my.png")


def main(url: str, key: str) -> None:
    """Saves one picture at desk width and one at phone width."""
    path = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for name, width in (("play", 1280), ("play-phone", 320)):
            page = browser.new_context(viewport={"width": width, "height": 900}, base_url=url).new_page()
            conversation(page)
            page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
        phone = browser.new_context(viewport={"width": 320, "height": 640}, base_url=url).new_page()
        telling(phone)
        deciding(browser.new_context(viewport={"width": 1280, "height": 900}, base_url=url).new_page())
        overview = browser.new_context(viewport={"width": 1280, "height": 1000}, base_url=url).new_page()
        overview.goto("/register/harbour/")
        overview.screenshot(path=PICTURES / "register.png")
        protected(browser.new_context(viewport={"width": 900, "height": 900}, base_url=url).new_page(), url, key)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000", Path("var/demo-key").read_text())
