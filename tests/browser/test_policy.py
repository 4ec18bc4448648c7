"""Every page under the site's Content-Security-Policy: whatever the browser refuses to load or run
fails the test in which it happens (conftest.py)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from bulletin import review
from bulletin.models import Article, Bulletin, Status
from tests.browser.conftest import settled
from tests.factories import make_article, make_bulletin, make_incident

CODE = "```python\nprint('x')\n```\n\n| a | b |\n|:-:|--:|\n| 1 | 2 |"


@pytest.fixture
def log(live_server: Any) -> Bulletin:
    incident = make_incident(regions="GRU", services="api", body=CODE)
    make_article(incidents=[incident])
    return make_bulletin(essay=f"## Racks\n\n{CODE}")


# Without PNG and the sitemap, which Chromium shows by viewers of its own that style themselves.
PUBLIC = [
    *("/", "/2024-07-06/", "/archive/", "/archive/2024/", "/articles/the-switch/"),
    *("/incidents/", "/search/?q=switch", "/subscribe/", "/trends/", "/nothing/"),
    *("/2024-07-06/grid.svg", "/feed.xml", "/rss.xml", "/feed.json"),
    *("/incidents.json", "/incidents.xml", "/robots.txt", "/healthz"),
]
# Those that test_axe.py does not come by, whose browser looks out for the same.
ADMIN = [
    *("bulletin/bulletin/?status=draft", "bulletin/article/add/", "incidents/region/"),
    *("incidents/region/add/", "auth/user/", "auth/user/add/", "auth/group/add/"),
    "password_change/",
]


def test_public_pages_pictures_and_feeds_keep_to_the_policy(page: Page, log: Bulletin) -> None:
    for path in PUBLIC:
        page.goto(path)


def test_the_pages_of_the_admin_keep_to_the_policy(admin_page: Page, log: Bulletin) -> None:
    article = make_article(slug="b", status=Status.DRAFT, publish_at=None)
    rows = [f"bulletin/article/{article.pk}/change/", f"bulletin/article/{article.pk}/history/"]
    rows += [f"incidents/incident/{make_incident(publish_at=None).pk}/history/"]
    rows += [f"bulletin/article/{article.pk}/delete/"]
    rows += [f"bulletin/article/publish/?pk={article.pk}"]
    for path in ADMIN + rows:
        answer = admin_page.goto(f"/admin/{path}")
        assert answer, path
        assert answer.status == 200, path
        settled(admin_page)


def test_the_widgets_of_the_admin_keep_to_the_policy(admin_page: Page, log: Bulletin) -> None:
    admin_page.goto("/admin/incidents/incident/add/")
    admin_page.locator(".datetimeshortcuts a").first.click()
    with admin_page.expect_popup() as opened:
        admin_page.locator(".related-widget-wrapper-link.add-related").first.click()
    expect(opened.value.locator("form#region_form, form#service_form").first).to_be_visible()
    opened.value.close()
    make_article(slug="b", status=Status.DRAFT, publish_at=None)
    Article.objects.exclude(slug="b").delete()
    admin_page.goto("/admin/bulletin/article/")
    admin_page.locator("#action-toggle").check()
    admin_page.locator("select[name=action]").select_option("delete_selected")
    admin_page.locator("button[name=index]").click()
    expect(admin_page.locator("input[name=post]")).to_be_attached()


def test_a_draft_under_a_review_link_keeps_to_the_policy(page: Page, log: Bulletin) -> None:
    Bulletin.objects.update(status=Status.DRAFT, publish_at=None)
    address = review.address(log, datetime(2100, 1, 1, tzinfo=UTC))
    answer = page.goto(urlsplit(address).path)
    assert answer
    assert answer.status == 200


def test_what_a_page_may_not_do_is_seen_and_not_done(
    page: Page, log: Bulletin, refused: list[str]
) -> None:
    page.goto("/")
    page.evaluate("""() => {
        document.body.insertAdjacentHTML("beforeend",
            '<p id="p" style="color: red" onclick="window.ran = 1">x</p>');
        const script = document.createElement("script");
        script.textContent = "window.ran = 1";
        document.body.append(script);
        document.querySelector("#p").click();
    }""")
    assert page.evaluate("window.ran") is None
    with pytest.raises(Exception, match="Failed to fetch"):
        page.evaluate("fetch('http://127.0.0.2:1/')")
    told = " ".join(refused)
    assert all(f"{kind}-src" in told for kind in ("style", "script", "connect"))
    refused.clear()
