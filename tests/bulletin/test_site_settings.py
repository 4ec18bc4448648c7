"""The site's own words: an editor's to change, shown at once, read once a request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import clear_script_prefix, set_script_prefix
from reversion.models import Revision, Version

from bulletin.models import SiteSettings
from bulletin.models.site import Link, parse_links, site_settings, validate_links
from bulletin.views import errors
from tests.factories import make_account, make_bulletin
from tests.pages import form_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/bulletin/sitesettings/1/change/"
TYPED = {
    "name": "The Marram Log",
    "tagline": "What broke & why",
    "about": "All of it.",
    "header_links": "Status page https://status.example.org",
    "import_headings": "Dispatches",
    "footer_links": "All of 2024 /archive/2024/\n\nWrite to us  mailto:log@example.org\n",
}


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_account("ana", "Editors"))
    SiteSettings.objects.create()
    return client


def admin_url(address: str) -> str:
    return Client().get(address).content.decode()


def test_what_an_editor_saves_stands_on_every_page_at_once(staff: Client) -> None:
    make_bulletin()
    tag = Client().get("/archive/")["ETag"]
    assert staff.post(PAGE, form_of(staff.get(PAGE)) | TYPED).status_code == 302
    assert Client().get("/archive/", headers={"if-none-match": tag}).status_code == 200
    for address in ("/", "/archive/", "/incidents/", "/nothing"):
        page = admin_url(address)
        assert "The Infra Log" not in page
        assert '<p class="tagline"><bdi>What broke &amp; why</bdi></p>' in page
        head, _main, foot = page.partition("</header>")
        assert '<a href="https://status.example.org"><bdi>Status page</bdi></a>' in head
        assert '<a href="/archive/2024/"><bdi>All of 2024</bdi></a>' in foot
        assert '<a href="mailto:log@example.org"><bdi>Write to us</bdi></a>' in foot
    home = admin_url("/")
    assert '<h1><a href="/2024-07-06/" rel="bookmark"><bdi>June 30–July 6, 2024' in home
    assert "The Marram Log" in home
    assert '<meta name="description" content="What broke &amp; why">' in home
    assert "The Marram Log" in staff.get("/admin/").content.decode()


def test_feeds_have_the_name_and_the_tagline_without_what_xml_refuses() -> None:
    make_bulletin()
    SiteSettings.objects.create(name="The\x01 Marram Log", tagline="What broke.\x02")
    for address in ("/feed.xml", "/rss.xml", "/feed.json"):
        feed = admin_url(address)
        assert "June 30–July 6, 2024" in feed
        assert "What broke." in feed
        assert "The Infra Log" not in feed


def test_empty_texts_are_those_of_the_settings_and_none() -> None:
    stored = SiteSettings.objects.create()
    assert (stored.site_name, stored.tagline, stored.about_html) == (
        "The Infra Log",
        "",
        "",
    )
    page = admin_url("/")
    assert "tagline" not in page
    assert 'content="Every incident of the week, what it was, and what was built."' in page


def test_a_page_reads_the_site_settings_once() -> None:
    SiteSettings.objects.create(name="Once")
    make_bulletin()
    with CaptureQueriesContext(connection) as queries:
        admin_url("/archive/")
    assert sum("bulletin_sitesettings" in query["sql"] for query in queries.captured_queries) == 1


def test_the_page_of_an_error_asks_nothing_of_the_database(
    rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        assert errors.server_error(rf.get("/")).status_code == 500


def test_the_preview_is_the_home_page_with_what_is_typed(staff: Client) -> None:
    make_bulletin()
    typed = form_of(staff.get(PAGE)) | TYPED | {"footer_links": "Bad javascript:alert(1)"}
    answer = staff.post(PAGE.replace("change", "preview"), typed).json()
    assert "What broke &amp; why" in answer["html"]
    assert "June 30–July 6, 2024" in answer["html"]
    assert "javascript:" not in answer["html"]
    assert "is not a link" in answer["problems"][0]
    assert site_settings().site_name == "The Infra Log"


@pytest.mark.parametrize(
    "line",
    [
        "Run javascript:alert(1)",
        "Run JavaScript:alert(1)",
        "Run data:text/html,hi",
        "Run vbscript:x",
        "Plain http://example.org",
        "Elsewhere //evil.example",
        "Elsewhere /\\evil.example",
        "Beside archive/",
        "Quote /a\u2028b",
        "Mail mailto:nobody",
        "Broken https://",
        "https://example.org",
        "Only words",
    ],
)
def test_an_address_that_leads_nowhere_or_runs_something_is_refused(line: str) -> None:
    with pytest.raises(ValidationError, match=r"is not a link\. Write"):
        validate_links(f"Fine /archive/\n{line}")


def test_links_to_this_site_are_under_its_prefix() -> None:
    links = parse_links("A /archive/\nB /infra-log/archive/\nC https://example.org/archive/")
    assert links[0] == Link("A", "/archive/")
    set_script_prefix("/infra-log/")
    hrefs = [link.href for link in links]
    clear_script_prefix()
    assert hrefs[0] == hrefs[1] == "/infra-log/archive/"
    assert hrefs[2] == "https://example.org/archive/"
    assert links[0].href == "/archive/"


def test_a_revision_from_before_there_were_names_is_no_change_and_can_be_restored(
    staff: Client,
) -> None:
    row = SiteSettings.objects.get()
    old = [{"model": "bulletin.sitesettings", "pk": 1, "fields": {"about": "Old."}}]
    Version.objects.create(
        revision=Revision.objects.create(date_created="2024-07-01T00:00Z"),
        object_id="1",
        content_type=ContentType.objects.get_for_model(SiteSettings),
        db="default",
        format="json",
        serialized_data=json.dumps(old),
        object_repr="The standing notice",
    )
    SiteSettings.objects.filter(pk=row.pk).update(about="Old.")
    staff.post(PAGE, form_of(staff.get(PAGE)) | {"name": "New"})
    (_, changes), (oldest, _) = staff.get(PAGE.replace("change", "history")).context["entries"]
    assert [(one.label, one.old, one.new) for one in changes] == [("Name", "", "New")]
    form = form_of(staff.get(PAGE, {"restore": oldest.pk}))
    assert (form["name"], form["about"]) == ([""], ["Old."])


def test_a_writer_reads_the_texts_and_does_not_change_them(client: Client) -> None:
    SiteSettings.objects.create(name="Ours")
    client.force_login(make_account("ben", "Writers"))
    assert "Ours" in client.get(PAGE).content.decode()
    assert client.post(PAGE, TYPED).status_code == 403
