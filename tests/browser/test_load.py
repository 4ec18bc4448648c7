"""What a first visit fetches, and what moves meanwhile."""

from __future__ import annotations

import gzip
from base64 import b64decode
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, CDPSession, Page, Route

from tests.browser.conftest import wait_until
from tests.factories import make_bulletin, make_incident

MOST_BYTES = 100_000
SHIFTS = """window.shifts = [];
new PerformanceObserver((seen) => shifts.push(...seen.getEntries().map((one) => one.value)))
  .observe({ type: "layout-shift", buffered: true });"""
ESSAY = "## Racks → `rack`\n\nWe *moved* a **rack**. ½ → ≈\n\n" + "It took us a morning. " * 400


@pytest.mark.parametrize("width", [1280, 390])
def test_a_first_visit_is_light_and_nothing_moves(
    browser: Browser, live_server: Any, width: int
) -> None:
    make_incident(title="Fast `disks`", body="They were *too* fast → ≈ **5**.")
    for week in range(11):
        last = date(2024, 7, 6) - timedelta(weeks=week)
        make_bulletin(
            date=last, period_first=last - timedelta(days=6), period_last=last, essay=ESSAY
        )
    with browser.new_context(viewport={"width": width, "height": 800}) as visit:
        page, answers = visit.new_page(), []
        page.add_init_script(SHIFTS)
        page.on("response", lambda answer: answers.append(answer))
        fonts: list[Route] = []
        send = fonts.append
        page.route("**/*.woff2", lambda route: send(route))
        page.goto(live_server.url, wait_until="domcontentloaded")
        # They come after the first paint, as on a slow line.
        wait_until(page, "performance.getEntriesByName('first-contentful-paint').length > 0")
        send = Route.continue_
        for font in fonts:
            send(font)
        page.evaluate("document.fonts.ready.then(() => null)")
        page.wait_for_load_state("networkidle")
        fetched = {answer.url: answer.body() for answer in answers}
        assert page.evaluate("shifts") == []
        sized = "[...document.images].every((one) => one.width && one.getAttribute('height'))"
        assert page.evaluate(sized)
    assert len([url for url in fetched if url.endswith(".woff2")]) >= 4
    # As they are sent: fonts and pictures are compressed already.
    assert sum(min(len(body), len(gzip.compress(body))) for body in fetched.values()) < MOST_BYTES


def test_text_is_shown_while_its_fonts_are_awaited(browser: Browser, live_server: Any) -> None:
    make_bulletin(title="The week of the racks")
    with browser.new_context() as visit:
        page = visit.new_page()
        page.route("**/*.woff2", lambda _route: None)
        page.goto(live_server.url, wait_until="domcontentloaded")
        title = page.locator("h1").bounding_box() or {}
        session = visit.new_cdp_session(page)
        # A browser hides text for a moment before it falls back to another font.
        shown = any(contrast(screenshot(session, title)) > 100 for _ in frames(page, 600))
    assert shown


def frames(page: Page, most: int) -> Iterator[int]:
    for frame in range(most):
        yield frame
        page.evaluate("new Promise(requestAnimationFrame)")


def screenshot(session: CDPSession, box: Any) -> Image.Image:
    """Playwright's own waits for the fonts."""
    taken = session.send("Page.captureScreenshot", {"clip": {**box, "scale": 1}})
    return Image.open(BytesIO(b64decode(taken["data"]))).convert("L")


def contrast(picture: Image.Image) -> float:
    darkest, lightest = picture.getextrema()
    return lightest - darkest
