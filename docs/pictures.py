"""Makes the pictures of the editor's guide: python docs/pictures.py ADDRESS USER PASSWORD

The site at ADDRESS holds the demo log and nothing that matters: drafts are changed on the way.
`make run` serves such a site, and prints the name and the password once.
"""

from __future__ import annotations

import argparse
import io
import shutil
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, FloatRect, Locator, Page, sync_playwright

IMAGES: Final = Path(__file__).parent / "images"
PICTURE: Final = Path(__file__).parents[1] / "bulletin/demo/articles/median.png"
WIDTH: Final = 1280
COLOURS: Final = 255
MARGIN: Final = 12


class Admin:
    """One editor at the admin; each page is a browser of its own, signed in by the same login."""

    def __init__(self, browser: Browser, address: str, user: str, password: str) -> None:
        self.browser = browser
        self.options: dict[str, Any] = {"base_url": address, "locale": "en-GB"}
        self.options["viewport"] = {"width": WIDTH, "height": 900}
        page = browser.new_context(**self.options).new_page()
        page.goto("/admin/")
        page.get_by_label("Username").fill(user)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/")
        self.options["storage_state"] = page.context.storage_state()
        draft = page.locator(".dashboard-side a[href*='/bulletin/bulletin/']").first
        self.draft = draft.get_attribute("href")

    def open(self, path: str | None = None, *, throw_away: bool = True) -> Page:
        """A page of the draft; what an earlier one left typed there is discarded first."""
        page = self.browser.new_context(**self.options).new_page()
        page.goto(path or self.draft or "")
        page.wait_for_load_state("networkidle")
        while throw_away and page.locator("[data-discard]").count():
            gone = page.locator(".admin-autosave-pending").first.element_handle()
            page.locator("[data-discard]").first.click()
            gone.wait_for_element_state("hidden")
        return page


def save(page: Page, name: str, top: Locator, bottom: Locator | None = None) -> None:
    """What `top` spans in width, from its upper edge to the lower edge of `bottom`."""
    first, last = (box_of(one) for one in (top, bottom or top))
    left, above = first["x"] - MARGIN, first["y"] + page.evaluate("scrollY") - MARGIN
    clip: Any = {"x": max(0, left), "y": max(0, above), "width": first["width"] + 2 * MARGIN}
    clip["width"] = min(clip["width"], WIDTH - clip["x"])
    clip["height"] = last["y"] + last["height"] - first["y"] + 2 * MARGIN
    store(page.screenshot(full_page=True, clip=clip), name)


def box_of(part: Locator) -> FloatRect:
    box = part.bounding_box()
    if box is None:
        raise SystemExit(f"{part} is not on the page: is this the demo log?")
    return box


def store(picture: bytes, name: str) -> None:
    """With a palette: screenshots have few colours."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    small = image.quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(IMAGES / f"admin-{name}.png", optimize=True)


def essay(page: Page) -> Locator:
    return page.locator("#id_essay")


def add(page: Page, words: str) -> None:
    """Typed at the end of the essay."""
    essay(page).focus()
    essay(page).press("Control+End")
    page.keyboard.insert_text(words)


def dashboard(admin: Admin) -> None:
    page = admin.open("/admin/")
    page.locator("#id_line").fill("502s in GRU ~30m")
    page.locator("#id_line").press("Enter")
    page.locator(".messagelist .success").wait_for()
    save(page, "dashboard", page.locator(".messagelist"), page.locator(".dashboard-grid"))
    page.get_by_role("button", name="Open the draft").click()
    page.wait_for_url("**/change/")


def bulletin(admin: Admin) -> None:
    page = admin.open()
    page.frame_locator(".admin-pane iframe").locator("main").wait_for()
    page.wait_for_timeout(1000)
    store(page.screenshot(), "bulletin")


def picture(admin: Admin) -> None:
    page = admin.open()
    essay(page).scroll_into_view_if_needed()
    page.locator(".field-essay input[type=file]").set_input_files(PICTURE)
    page.locator("dialog[open] input").fill("Median latency: 3 ms in the outage, 256 ms after it")
    page.wait_for_timeout(300)
    save(page, "picture", page.locator("dialog[open]"))


def offer(admin: Admin) -> None:
    page = admin.open()
    add(page, "\n\nThe drill of this week found two of us asleep.")
    page.get_by_text("on the server at").wait_for()
    page.context.close()
    page = admin.open(throw_away=False)
    page.locator(".admin-autosave-pending summary").first.click()
    save(page, "offer", page.locator(".admin-autosave-pending").first)


def collision(admin: Admin) -> None:
    mine, theirs = admin.open(), admin.open()
    add(theirs, "\n\nNext week: the drill in LAX.")
    theirs.locator("[name=_continue]").click()
    theirs.wait_for_load_state("networkidle")
    add(mine, "\n\nNext week: the drill in FRA.")
    mine.locator("[name=_continue]").first.click()
    mine.locator(".admin-collisions").wait_for()
    save(mine, "collision", mine.locator(".admin-collisions"))
    mine.get_by_label("Keep mine").check()
    mine.locator("[name=_continue]").click()
    mine.wait_for_load_state("networkidle")


def publish(admin: Admin) -> None:
    page = admin.open()
    add(page, "\n\nMore of it [last week](/2024-01-06/).")
    page.locator("[name=_publish]").click()
    page.locator(".sheet").wait_for()
    save(page, "publish", page.locator(".sheet"))


def history(admin: Admin) -> None:
    page = admin.open(f"{(admin.draft or '').removesuffix('change/')}history/")
    revisions = page.locator(".history > ol > li")
    save(page, "history", revisions.first, revisions.nth(1))


SHOTS: Final = (dashboard, bulletin, picture, offer, collision, publish, history)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("address", "user", "password"):
        parser.add_argument(name)
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        admin = Admin(chromium, asked.address, asked.user, asked.password)
        for shot in SHOTS:
            shot(admin)
        chromium.close()


if __name__ == "__main__":
    main()
