"""A real Chromium against a real server, where one is installed; else the tests are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.chromium import CHROMIUM, FLAGS
from tests.factories import make_editor

GRAVE = {"serious", "critical"}
# In the words of Chromium's console.
POLICY = "Content Security Policy"
# Without the rules that find nothing grave, which are half of the time.
LOOK = """async ([grave, options]) => {
  const light = axe._audit.rules.filter((rule) => !grave.includes(rule.impact));
  const rules = Object.fromEntries(light.map((rule) => [rule.id, { enabled: false }]));
  return (await axe.run({ rules, ...options })).violations;
}"""


def grave(page: Page, **options: Any) -> list[str]:
    """What axe finds on the whole page that is serious or worse: its rule and where it stands."""
    # It would wait for an answer of the preview's frame, which is a public page and knows no axe,
    # and fetch all style sheets anew for a rule on sounds, of which there are none.
    chosen = {"resultTypes": ["violations"], "iframes": False, "preload": False} | options
    # Half a megabyte to compile: once a page, not once a look.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(LOOK, [list(GRAVE), chosen])
    return [
        f"{one['id']}: {node['target']} {node['html'][:160]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def wait_until(page: Page, condition: str) -> None:
    """Until the JavaScript expression holds. Playwright's own wait has the page evaluate a string,
    which the policy refuses."""
    wait = f"""async () => {{
      const late = Date.now() + 60_000;
      while (!({condition}) && Date.now() < late) await new Promise(requestAnimationFrame);
      return {condition};
    }}"""
    assert page.evaluate(wait), condition


def still(page: Page) -> None:
    """For ten frames more, which are enough for what scrolls by itself."""
    wait = "let frames = 10; while (frames--) await new Promise(requestAnimationFrame);"
    page.evaluate(f"async () => {{ {wait} }}")


def save(page: Page, button: str = "Save") -> None:
    """In place: the page stays, and has what the save made of it."""
    with page.expect_response(lambda got: got.request.headers.get("x-save") == "in-place") as got:
        page.get_by_role("button", name=button, exact=True).first.click()
    assert "json" in got.value.headers["content-type"]
    page.wait_for_load_state("networkidle")


def copied_to_server(page: Page) -> None:
    """What is typed: the page does that every five seconds, by a clock that it was given."""
    page.clock.fast_forward(5_000)
    expect(page.locator(".admin-autosave")).to_contain_text("on the server at")


def settled(page: Page) -> None:
    """Its preview, where it has one, is drawn, and its select2 fields have started."""
    if page.locator(".admin-pane").count():
        expect(page.frame_locator(".admin-pane-page").locator("body")).to_be_visible()
    page.wait_for_load_state("load")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if "live_server" in getattr(item, "fixturenames", ()):
                whole = pytest.mark.django_db(transaction=True, serialized_rollback=True)
                item.add_marker(whole)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium here: apt install chromium"))


@pytest.fixture(scope="session")
def browser(django_db_setup: None) -> Iterator[Browser]:
    expect.set_options(timeout=60_000)
    # Playwright's event loop gives this thread another connection, which must know as well what
    # the migrations wrote, for serialized_rollback to put it back.
    written = getattr(connection, "_test_serialized_contents", None)
    with sync_playwright() as playwright:
        if written is not None:
            connection._test_serialized_contents = written  # type: ignore[attr-defined]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def asked() -> set[Request]:
    """What pages have asked of the server and not got yet."""
    return set()


@pytest.fixture(scope="session")
def refused() -> list[str]:
    """What the browser would not load or run for the site's Content-Security-Policy."""
    return []


@pytest.fixture(scope="session")
def profile(
    browser: Browser, live_server: Any, asked: set[Request], refused: list[str]
) -> Iterator[BrowserContext]:
    """One for all tests, for each would start without its cache: fifty files and their scripts."""
    profile = browser.new_context(base_url=live_server.url)
    profile.set_default_timeout(60_000)
    profile.on("request", lambda request: asked.add(request))
    profile.on("requestfinished", lambda request: asked.discard(request))
    profile.on("requestfailed", lambda request: asked.discard(request))
    profile.on("console", lambda said: refused.append(said.text) if POLICY in said.text else None)
    yield profile
    profile.close()


@pytest.fixture
def context(
    profile: BrowserContext, asked: set[Request], refused: list[str]
) -> Iterator[BrowserContext]:
    yield profile
    # What a page still asks of the server would hold the database while it is being emptied.
    profile.route("**/*", lambda route: route.abort())
    for _pause in range(100):
        if asked and profile.pages:
            profile.pages[0].wait_for_timeout(25)
    for page in profile.pages:
        page.close()
    profile.unroute_all()
    profile.clear_cookies()
    asked.clear()
    found = refused.copy()
    refused.clear()
    assert not found, "the page breaks the site's own policy"


@pytest.fixture
def page(context: BrowserContext, live_server: Any) -> Page:
    """Of a browser that remembers nothing of the last test but files."""
    page = context.new_page()
    cleaner = context.new_cdp_session(page)
    everything = {"origin": live_server.url, "storageTypes": "all"}
    cleaner.send("Storage.clearDataForOrigin", everything)
    cleaner.detach()
    return page


@pytest.fixture
def admin_page(page: Page, live_server: Any) -> Page:
    """A page on which an editor is signed in."""
    client = Client()
    client.force_login(make_editor())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    return page
