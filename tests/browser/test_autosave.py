"""Nothing typed is lost, whatever dies: the browser, the server, the login, the other's save."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bulletin.models import Autosave, Bulletin
from incidents.models import Incident
from tests.browser.conftest import copied_to_server, save, wait_until
from tests.factories import make_bulletin, make_editor, make_incident
from tests.installation import running
from tests.servers import KILL

ADD = "/admin/incidents/incident/add/"
PASSWORD = "a long enough password"


def sign_in(page: Page, name: str = "editor", password: str = PASSWORD) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def kept_here(page: Page) -> int:
    script = "Object.keys(localStorage).filter((name) => name.startsWith('autosave:')).length"
    return int(page.evaluate(script))


def forgotten(page: Page) -> None:
    wait_until(page, "Object.keys(localStorage).every((name) => !name.startsWith('autosave:'))")


def press_save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).first.click()


def bring_back(page: Page) -> None:
    page.get_by_role("button", name="Restore").first.click()
    expect(page.locator(".admin-show-only")).to_be_visible()


def edit(bulletin: Bulletin) -> str:
    return f"/admin/bulletin/bulletin/{bulletin.pk}/change/"


@pytest.fixture
def other(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """Another browser, which shares nothing with the first."""
    context = browser.new_context(base_url=live_server.url)
    context.set_default_timeout(60_000)
    yield context
    context.close()


def test_a_browser_that_dies_loses_nothing_and_the_diff_says_what_differs(
    admin_page: Page, context: BrowserContext
) -> None:
    bulletin = make_bulletin(status="draft", publish_at=None, essay="We moved a rack.")
    admin_page.goto(edit(bulletin))
    admin_page.locator("textarea[name=essay]").press_sequentially(" Twice, even.")
    expect(admin_page.locator(".admin-autosave")).to_contain_text("Saved in this browser at")
    # The tab is gone, its page has no time for anything.
    admin_page.route("**/admin/autosave/save/", lambda route: route.abort())
    admin_page.close(run_before_unload=False)

    page = context.new_page()
    page.goto(edit(bulletin))
    offer = page.locator(".admin-autosave-pending")
    expect(offer).to_contain_text("What differs from what is saved: Essay")
    offer.locator("summary").click()
    expect(offer.locator("details")).to_contain_text("Twice, even.")
    bring_back(page)
    expect(page.locator("textarea[name=essay]")).to_have_value(re.compile("Twice, even"))
    bulletin.refresh_from_db()
    assert bulletin.essay == "We moved a rack."
    save(page)
    bulletin.refresh_from_db()
    assert "Twice, even." in bulletin.essay
    page.goto(edit(bulletin))
    expect(page.locator(".admin-autosave-pending")).to_have_count(0)
    forgotten(page)


def test_a_text_of_one_browser_is_found_in_another(admin_page: Page, other: BrowserContext) -> None:
    admin_page.clock.install()
    admin_page.goto(ADD)
    admin_page.locator("[name=title]").fill("Slow disks in GRU")
    admin_page.locator("textarea[name=body]").fill("Reads took seconds.")
    copied_to_server(admin_page)
    page = other.new_page()
    page.goto(ADD)
    sign_in(page)
    bring_back(page)
    expect(page.locator("[name=title]")).to_have_value("Slow disks in GRU")
    expect(page.locator("textarea[name=body]")).to_have_value("Reads took seconds.")


def test_a_save_with_an_expired_login_keeps_the_text(
    admin_page: Page, context: BrowserContext
) -> None:
    admin_page.goto(ADD)
    admin_page.locator("[name=title]").fill("Slow disks in GRU")
    admin_page.locator("[name=started_at_0]").fill("2024-07-02")
    admin_page.locator("[name=started_at_1]").fill("15:00")
    admin_page.locator("textarea[name=body]").fill("Reads took seconds.")
    context.clear_cookies(name="session")
    # Not even this browser's own copy is needed.
    admin_page.evaluate("Storage.prototype.setItem = () => {}; localStorage.clear()")
    press_save(admin_page)
    expect(admin_page.locator(".messagelist")).to_contain_text("Nothing you typed is lost")
    sign_in(admin_page, password="a wrong password")
    sign_in(admin_page)
    bring_back(admin_page)
    expect(admin_page.locator("textarea[name=body]")).to_have_value("Reads took seconds.")
    press_save(admin_page)
    expect(admin_page.locator(".messagelist")).to_contain_text("added successfully")
    assert Incident.objects.get().body == "Reads took seconds."


def test_this_browser_forgets_on_save_and_on_signing_out(
    admin_page: Page, other: BrowserContext
) -> None:
    incident = make_incident(publish_at=None)
    url = f"/admin/incidents/incident/{incident.pk}/change/"
    admin_page.goto(url)
    admin_page.locator("textarea[name=body]").fill("It was two switches.")
    expect(admin_page.locator(".admin-autosave")).to_contain_text("Saved in this browser")
    assert kept_here(admin_page) == 1
    admin_page.get_by_role("button", name="Log out").click()
    expect(admin_page.get_by_text("You are signed out")).to_be_visible()
    forgotten(admin_page)
    # … but what was typed waits on the server.
    page = other.new_page()
    page.goto(url)
    sign_in(page)
    bring_back(page)
    expect(page.locator("textarea[name=body]")).to_have_value("It was two switches.")
    expect(page.locator(".admin-autosave")).to_contain_text("Saved in this browser")
    save(page)
    forgotten(page)
    assert not Autosave.objects.open().exists()


def test_a_text_that_is_thrown_away_is_not_offered_again(admin_page: Page) -> None:
    bulletin = make_bulletin()
    admin_page.clock.install()
    admin_page.goto(edit(bulletin))
    admin_page.locator("textarea[name=essay]").fill("Nonsense.")
    copied_to_server(admin_page)
    admin_page.reload()
    sent: list[str] = []
    admin_page.on("request", lambda asked: sent.append(asked.url))
    admin_page.get_by_role("button", name="Discard").click()
    expect(admin_page.locator(".admin-autosave-pending")).to_have_count(0)
    assert len([url for url in sent if "/discard/" in url]) == 1
    admin_page.reload()
    expect(admin_page.locator(".admin-typing")).to_be_attached()
    expect(admin_page.locator(".admin-autosave-pending")).to_have_count(0)
    forgotten(admin_page)


# Two browsers on one post -------------------------------------------------------------


@pytest.fixture
def second(other: BrowserContext, admin_page: Page) -> Page:
    """Another editor's page."""
    make_editor("colleague")
    page = other.new_page()
    page.goto("/admin/")
    sign_in(page, "colleague")
    page.wait_for_url("**/admin/")
    return page


@pytest.mark.parametrize(
    ("choice", "result"),
    [("Keep mine", "Mine."), ("Keep theirs", "Theirs."), ("Edit", "Mine and theirs.")],
)
def test_the_second_save_is_refused_with_both_texts_and_a_choice(
    admin_page: Page, second: Page, choice: str, result: str
) -> None:
    bulletin = make_bulletin(status="draft", publish_at=None, essay="Before.")
    for page in (admin_page, second):
        page.goto(edit(bulletin))
    second.locator("textarea[name=essay]").fill("Theirs.")
    second.locator("input[name=title]").fill("A title")
    save(second)
    admin_page.locator("textarea[name=essay]").fill("Mine.")
    press_save(admin_page)
    panel = admin_page.locator(".admin-collisions")
    expect(panel).to_contain_text("Theirs.")
    expect(panel).to_contain_text("Mine.")
    bulletin.refresh_from_db()
    assert bulletin.essay == "Theirs."
    expect(panel).to_contain_text("Saved by colleague on")
    expect(panel.locator("input:checked")).to_have_count(0)
    press_save(admin_page)
    expect(panel.locator(".errorlist")).to_contain_text("Choose yours or theirs.")
    expect(admin_page.locator("textarea[name=essay]")).to_have_value("Mine.")
    essay = panel.locator("[data-field=essay]")
    if choice == "Edit":
        essay.get_by_text("Edit").click()
        admin_page.locator("textarea[name=essay]").fill("Mine and theirs.")
    else:
        essay.get_by_label(choice).check()
    save(admin_page)
    bulletin.refresh_from_db()
    # The title, which only the other editor had touched, is theirs without a word.
    assert (bulletin.essay, bulletin.title) == (result, "A title")


def test_different_paragraphs_merge_and_one_click_leads_back_to_what_was_typed(
    admin_page: Page, second: Page
) -> None:
    text = "One.\n\nTwo.\n\nThree."
    bulletin = make_bulletin(status="draft", publish_at=None, essay=text)
    for page in (admin_page, second):
        page.goto(edit(bulletin))
    second.locator("textarea[name=essay]").fill(f"{text} Theirs.")
    save(second)
    essay = admin_page.locator("textarea[name=essay]")
    essay.fill(f"Mine. {text}")
    save(admin_page)
    expect(essay).to_have_value(f"Mine. {text} Theirs.")
    message = admin_page.locator(".messagelist")
    expect(message).to_contain_text("other paragraphs of “Essay” by colleague on")
    message.get_by_role("link", name="Back to what you typed").click()
    expect(essay).to_have_value(f"Mine. {text}")
    save(admin_page)
    bulletin.refresh_from_db()
    assert bulletin.essay == f"Mine. {text}"


# A server of its own, to be killed ----------------------------------------------------


def test_a_server_killed_between_keystroke_and_save_loses_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    with (
        running(tmp_path, demo=False, WEB_CONCURRENCY="1") as site,
        browser.new_context(base_url=site.url) as context,
    ):
        password = re.search(r"Password +(\S+)", site.manage("make_editor"))
        assert password
        page = context.new_page()
        page.clock.install()
        page.goto(ADD)
        sign_in(page, password=password[1])
        page.locator("[name=title]").fill("Slow disks in GRU")
        page.locator("[name=started_at_0]").fill("2024-07-02")
        page.locator("[name=started_at_1]").fill("15:00")
        page.locator("textarea[name=body]").press_sequentially("Reads took seconds.")
        site.server.stop(KILL)
        page.clock.fast_forward(5_000)
        expect(page.locator(".admin-autosave.alarm")).to_contain_text("The server does not answer")
        page.locator("textarea[name=body]").press_sequentially(" Writes, too.")
        press_save(page)
        # The page stays, whatever is pressed.
        expect(page.locator(".admin-autosave.alarm")).to_be_in_viewport()

        site.server.start()
        page.reload()
        bring_back(page)
        expect(page.locator("textarea[name=body]")).to_have_value(
            "Reads took seconds. Writes, too."
        )
        press_save(page)
        expect(page.locator(".messagelist")).to_contain_text("added successfully")
