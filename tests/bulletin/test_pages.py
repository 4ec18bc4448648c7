from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_script_prefix, set_script_prefix
from django.utils import timezone

from bulletin import sitemaps
from bulletin.models import Bulletin, SiteSettings, Status
from bulletin.views import posts
from incidents.models import Addendum, Incident
from tests.factories import PUBLISHED, make_article, make_bulletin, make_editor, make_incident

pytestmark = pytest.mark.django_db


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


@pytest.fixture
def log() -> dict[str, Any]:
    """A week, the week before it, and an article, all published."""
    return {
        "incident": make_incident(title="Packets lost by `eth0`", regions="GRU"),
        "before": make_bulletin(
            date=date(2024, 6, 29),
            period_first=date(2024, 6, 23),
            period_last=date(2024, 6, 29),
            publish_at=PUBLISHED - timedelta(days=7),
        ),
        "bulletin": make_bulletin(intro="Welcome."),
        "article": make_article(),
    }


PUBLIC = [
    "/",
    "/2024-07-06/",
    "/2024-07-06/grid.svg",
    "/2024-07-06/grid.png",
    "/2024-07-06/card.png",
    "/grid.png",
    "/archive/",
    "/archive/2024/",
    "/articles/the-switch/",
    "/incidents/",
    "/incidents/2024-07-02-packets-lost-by-eth0/",
    "/incidents.json",
    "/incidents.csv",
    "/incidents.ics",
    "/incidents.xml",
    "/incidents.schema.json",
    "/bulletins.json",
    "/search/?q=rack",
    "/subscribe/",
    "/trends/",
    "/feed.xml",
    "/rss.xml",
    "/feed.json",
    "/sitemap.xml",
    "/sitemap-incidents.xml",
    "/robots.txt",
]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_answers_may_be_shared_and_revalidated(
    client: Client, log: dict[str, Any], path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert not response.cookies
    assert response.get("Vary", "Accept-Encoding") == "Accept-Encoding"
    directives = response["Cache-Control"].split(", ")
    assert "public" in directives
    assert "s-maxage=60" in directives
    assert "stale-while-revalidate=60" in directives
    assert "stale-if-error=604800" in directives
    assert re.fullmatch(r'"[0-9a-f]{32}"', response["ETag"])
    again = client.get(path, headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304
    assert not again.content
    head = client.head(path)
    assert head["ETag"] == response["ETag"]
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", PUBLIC)
def test_an_editors_session_changes_nothing_on_public_pages(
    client: Client, log: dict[str, Any], path: str
) -> None:
    anonymous = client.get(path)
    client.force_login(make_editor())
    response = client.get(path)
    assert response.content == anonymous.content
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("cookie", ["csrf=xx", "session=abc"])
def test_a_malformed_cookie_is_answered_without_one(
    client: Client, log: dict[str, Any], cookie: str
) -> None:
    for path in ("/", "/feed.xml", "/incidents/"):
        response = client.get(path, headers={"cookie": cookie})
        assert not response.cookies, path
        assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_public_pages_are_for_reading(method: str) -> None:
    make_bulletin()
    response = getattr(Client(enforce_csrf_checks=True), method)("/2024-07-06/")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"


def test_a_bulletin_shows_its_title_picture_incidents_and_essay(
    client: Client, log: dict[str, Any]
) -> None:
    page = text(client, "/2024-07-06/")
    assert "July 6, 2024" in page
    assert "Packets lost by <code>eth0</code>" in page
    assert 'id="2024-07-02-packets-lost-by-eth0"' in page
    assert '<time datetime="2024-07-02T15:00:00-04:00">' in page
    assert "15:00 EDT" in page
    assert "This week in infra engineering" in page
    assert "We moved a rack." in page
    assert "Welcome." in page
    assert 'data-slug="2024-07-02-packets-lost-by-eth0"' in page
    assert "Larger boxes are longer, darker boxes are higher-impact" in page
    assert 'href="/2024-06-29/"' in page


def test_the_newest_bulletin_is_the_home_page_and_names_its_own_address(
    client: Client, log: dict[str, Any]
) -> None:
    page = text(client, "/")
    assert "We moved a rack." in page
    assert '<link rel="canonical" href="http://127.0.0.1:8000/2024-07-06/">' in page


def test_an_empty_essay_prints_no_heading(client: Client) -> None:
    make_bulletin(essay="")
    assert "This week in infra engineering" not in text(client, "/2024-07-06/")


def test_an_essay_with_its_own_heading_gets_no_other(client: Client) -> None:
    make_bulletin(essay="## Racks\n\nWe moved one.")
    assert "This week in infra engineering" not in text(client, "/2024-07-06/")


def test_a_quiet_week_says_so(client: Client) -> None:
    make_bulletin()
    assert "No incidents this week." in text(client, "/2024-07-06/")


def test_the_notice_stands_above_every_grid(client: Client, log: dict[str, Any]) -> None:
    SiteSettings.objects.create(about="We *document everything*.")
    for path in ("/", "/2024-07-06/", "/2024-06-29/"):
        page = text(client, path)
        assert page.index("document everything") < page.index("<svg")


def test_late_and_corrected_links_to_its_own_week(client: Client, log: dict[str, Any]) -> None:
    make_bulletin(
        date=date(2024, 7, 13),
        period_first=date(2024, 7, 7),
        period_last=date(2024, 7, 13),
        publish_at=PUBLISHED + timedelta(days=7),
    )
    Addendum.objects.create(
        incident=log["incident"], body="Two switches.", publish_at=PUBLISHED + timedelta(days=1)
    )
    page = text(client, "/2024-07-13/")
    section = page[page.index("Late reports and corrections") :]
    assert "Two switches." in section
    assert "/2024-07-06/#2024-07-02-packets-lost-by-eth0" in section


@pytest.mark.parametrize("status", ["draft", "scheduled"])
def test_a_post_before_its_hour_is_absent_everywhere(client: Client, status: str) -> None:
    hour = timezone.now() + timedelta(days=1) if status == "scheduled" else None
    kind = Status.PUBLISHED if hour else Status.DRAFT
    make_incident(publish_at=None, title="Secret outage")
    make_bulletin(status=kind, publish_at=hour, title="Secret week")
    make_article(status=kind, publish_at=hour, title="Secret article")
    for path in ("/2024-07-06/", "/2024-07-06/grid.svg", "/2024-07-06/card.png", "/grid.png"):
        assert client.get(path).status_code == 404
    assert client.get("/articles/the-switch/").status_code == 404
    assert client.get("/incidents/2024-07-02-secret-outage/").status_code == 404
    for path in ("/", "/archive/", "/incidents/", "/feed.xml", "/rss.xml", "/feed.json"):
        assert "ecret" not in text(client, path)
    assert "2024-07-0" not in text(client, "/sitemap.xml")


def test_the_sitemap_dates_a_page_by_what_changed_on_it(client: Client) -> None:
    added = datetime(2024, 8, 1, 12, tzinfo=UTC)
    incident, bulletin = make_incident(), make_bulletin()
    incident.addenda.create(body="Learned late.", publish_at=added)
    for row in (incident, bulletin):
        type(row).objects.filter(pk=row.pk).update(edited_at=PUBLISHED)
    told = text(client, "/sitemap.xml")
    for row in (incident, bulletin):
        place = f"<loc>http://127.0.0.1:8000{row.get_absolute_url()}</loc>"
        assert f"{place}<lastmod>2024-08-01" in told
    assert client.get("/favicon.ico").headers["Location"] == "/static/touch-icon.png"


def test_the_sitemap_reads_all_weeks_in_whatever_order_they_were_told(client: Client) -> None:
    make_incident(body="Edited since.")
    make_bulletin()
    days = {"period_first": date(2024, 6, 2), "period_last": date(2024, 6, 8)}
    make_bulletin(date=date(2024, 7, 10), **days)
    edited = datetime(2025, 5, 5, 12, tzinfo=UTC)
    Bulletin.objects.update(edited_at=PUBLISHED)
    Incident.objects.update(edited_at=edited)
    told = text(client, "/sitemap.xml")
    assert "/2024-07-06/</loc><lastmod>2025-05-05" in told


def locations(client: Client, path: str) -> list[str]:
    return re.findall(r"<loc>http://127.0.0.1:8000([^<]*)</loc>", text(client, path))


def test_a_large_log_has_an_index_of_short_sitemaps_that_say_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 6):
        make_incident(started_at=datetime(2024, 7, day, 5, tzinfo=UTC))
    make_bulletin()
    make_article()
    whole = locations(client, "/sitemap.xml")
    assert len(whole) == len(set(whole)) > 10
    monkeypatch.setattr(sitemaps.SiteSitemap, "limit", 2)
    maps = locations(client, "/sitemap.xml")
    assert {"/sitemap-bulletins.xml", "/sitemap-incidents.xml?p=3"} < set(maps)
    found = [locations(client, path) for path in maps]
    assert max(map(len, found)) == 2
    assert sorted(path for paths in found for path in paths) == sorted(whole)
    for path in ("/sitemap-2024.xml", "/sitemap-articles.xml?p=9", "/sitemap-articles.xml?p=x"):
        assert client.get(path).status_code == 404


def test_the_sitemap_leaves_the_rows_as_they_are() -> None:
    make_incident(publish_at=datetime(2025, 5, 5, 12, tzinfo=UTC))
    edited_at = make_bulletin().edited_at
    bulletins = sitemaps.sections(datetime(2025, 6, 6, tzinfo=UTC))["bulletins"]
    [bulletin] = bulletins.items()
    assert bulletins.lastmod(bulletin) >= datetime(2025, 5, 5, 12, tzinfo=UTC)
    assert bulletin.edited_at == edited_at


def test_the_archive_turns_back_through_the_years(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "YEARS", 2)
    for day in ("2019-03-02", "2022-03-05", "2023-03-04", "2023-03-11", "2024-03-02"):
        last = date.fromisoformat(day)
        days = {"date": last, "period_first": last - timedelta(days=6), "period_last": last}
        make_bulletin(**days)
    seen, path = [], "/archive/"
    while path:
        page = text(client, path)
        seen.append(re.findall(r'<a href="/archive/(\d{4})/">\d{4}</a>\s*<span>(\d+) ', page))
        further = re.search(r'<a href="([^"]*)" rel="next">', page)
        path = f"/archive/{further[1]}" if further else ""
    assert seen == [[("2024", "1"), ("2023", "2")], [("2022", "1")], [("2019", "1")]]
    for wrong in ("2019", "soon", "0000", "20190", "2019-01-01"):
        assert client.get("/archive/", {"before": wrong}).status_code == 404


def test_an_editor_reads_a_draft_at_its_address_and_nobody_keeps_it(client: Client) -> None:
    make_incident(publish_at=None, title="Secret outage")
    make_bulletin(status=Status.DRAFT, publish_at=None)
    make_article(status=Status.DRAFT, publish_at=None)
    client.force_login(make_editor())
    for path in (
        "/2024-07-06/",
        "/articles/the-switch/",
        "/incidents/2024-07-02-secret-outage/",
    ):
        response = client.get(path)
        assert response.status_code == 200
        assert response["Cache-Control"] == "private, no-store"
        assert "ETag" not in response
        assert 'class="draft' in response.content.decode()
    assert "Secret outage" in text(client, "/2024-07-06/")
    for name in ("grid.png", "grid.svg", "grid.0123.png"):
        assert client.get(f"/2024-07-06/{name}")["Cache-Control"] == "private, no-store"


def test_somebody_with_an_account_but_no_admin_reads_no_draft(client: Client) -> None:
    make_bulletin(status=Status.DRAFT, publish_at=None)
    reader = make_editor("reader")
    reader.is_staff = reader.is_superuser = False
    reader.save()
    client.force_login(reader)
    assert client.get("/2024-07-06/").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/2024-02-30/",
        "/0000-00-00/",
        "/9999-12-31/",
        "/0001-01-01/",
        "/2024-07-06/grid.gif",
        "/2023-01-01/grid.svg",
        "/archive/1999/",
        "/archive/0000/",
        "/articles/none/",
        "/incidents/none/",
        "/incidents/?before=none",
        "/nothing",
    ],
)
def test_what_is_not_there_is_a_404_that_nobody_keeps(client: Client, path: str) -> None:
    make_bulletin()
    response = client.get(path)
    assert response.status_code == 404
    assert response["Cache-Control"] == "private, no-store"


def test_a_date_without_its_slash_redirects(client: Client) -> None:
    make_bulletin()
    response = client.get("/2024-07-06")
    assert response.status_code == 301
    assert response["Location"] == "/2024-07-06/"


def test_the_picture_under_its_digest_is_kept_for_ever_and_an_old_one_leads_to_it(
    client: Client, log: dict[str, Any]
) -> None:
    old = client.get("/2024-07-06/grid.0123456789abcdef.png")
    assert old.status_code == 302
    assert old["Location"].startswith("/2024-07-06/grid.")
    picture = client.get(old["Location"])
    assert picture["Content-Type"] == "image/png"
    assert "immutable" in picture["Cache-Control"]
    assert old["Location"] in text(client, "/archive/2024/")
    make_incident(title="One more")
    assert client.get(old["Location"]).status_code == 302


def test_boxes_link_to_the_bulletin_that_holds_them_or_to_the_incident(
    client: Client, log: dict[str, Any]
) -> None:
    make_bulletin(
        date=date(2024, 7, 20),
        period_first=date(2024, 7, 14),
        period_last=date(2024, 7, 20),
        publish_at=PUBLISHED + timedelta(days=14),
    )
    make_incident(title="In no bulletin", started_at=datetime(2024, 7, 9, 12, tzinfo=UTC))
    later = text(client, "/2024-07-20/grid.svg")
    assert 'href="/incidents/2024-07-09-in-no-bulletin/"' in later
    own = text(client, "/2024-07-06/grid.svg")
    assert 'href="/2024-07-06/#2024-07-02-packets-lost-by-eth0"' in own


def test_what_is_ongoing_is_measured_to_the_hour_of_publication(client: Client) -> None:
    make_incident(minutes=None, precision="ongoing", started_at=PUBLISHED - timedelta(hours=20))
    make_bulletin()
    assert 'data-minutes="1200"' in text(client, "/2024-07-06/grid.svg")


def test_the_page_of_an_incident_names_the_post_that_told_it(
    client: Client, log: dict[str, Any]
) -> None:
    log["article"].incidents.add(log["incident"])
    page = text(client, log["incident"].get_absolute_url())
    assert 'href="/2024-07-06/' in page
    assert 'href="/articles/the-switch/"' in page
    assert "São Paulo" in page


def test_the_line_of_an_article_is_its_first_incidents_start(client: Client) -> None:
    second = make_incident()
    first = make_incident(started_at=datetime(2024, 7, 1, 19, 30, tzinfo=UTC))
    make_article(incidents=[second, first])
    page = text(client, "/articles/the-switch/")
    assert "July 1, 15:30 EDT" in page
    assert page.index("July 1, 15:30 EDT") < page.index("<h1")


def test_the_list_of_incidents_goes_on_where_a_page_ends(client: Client) -> None:
    start = datetime(2024, 7, 2, 12, tzinfo=UTC)
    for minute in range(101):
        make_incident(title=f"Number {minute}", started_at=start + timedelta(minutes=minute))
    first = text(client, "/incidents/")
    assert "Number 100" in first
    assert "Number 0<" not in first
    assert "?before=2024-07-02-number-1" in first
    assert "Number 0<" in text(client, "/incidents/?before=2024-07-02-number-1")


@pytest.mark.parametrize(
    "title",
    [
        "🔥 on fire",
        "שרת נפל",
        "zero\u200bwidth",
        "w" * 200,
        "…!?…",
        "<script>alert(1)</script>",
        "{{ title }} & co",
        "]]>",
    ],
)
def test_any_title_survives_on_page_feed_picture_and_words(client: Client, title: str) -> None:
    incident = make_incident(title=title)
    make_bulletin()
    for path in ("/2024-07-06/", "/feed.xml", "/rss.xml", "/feed.json", "/2024-07-06/grid.svg"):
        page = text(client, path)
        assert path == "/feed.json" or "<script>alert" not in page
        assert incident.slug in page
    assert client.get("/2024-07-06/card.png").status_code == 200


def test_the_number_of_queries_depends_on_no_number_of_rows(
    client: Client, log: dict[str, Any]
) -> None:
    paths = ["/", "/2024-07-06/", "/archive/2024/", "/incidents/", "/feed.xml"]
    paths.append("/articles/the-switch/")

    def count() -> list[int]:
        counts = []
        for path in paths:
            with CaptureQueriesContext(connection) as queries:
                assert client.get(path).status_code == 200
            counts.append(len(queries))
        return counts

    def grow(number: int) -> None:
        incident = make_incident(title=f"More {number}", regions="GRU AMS", services="api dns")
        Addendum.objects.create(incident=incident, body="Late.", publish_at=PUBLISHED)
        log["article"].incidents.add(incident)
        first = date(2024, 1, 7) + timedelta(days=7 * number)
        last = first + timedelta(days=6)
        make_bulletin(
            date=last,
            period_first=first,
            period_last=last,
            publish_at=datetime(last.year, last.month, last.day, 20, tzinfo=UTC),
        )
        make_article(slug=f"article-{number}", incidents=[incident])

    grow(0)
    before = count()
    for number in range(1, 13):
        grow(number)
    assert count() == before
    assert max(before) <= 19


@pytest.mark.parametrize("path", ["/2024-07-06/", "/feed.xml", "/incidents/"])
def test_text_is_packed_for_who_takes_it_under_an_etag_of_its_own(
    client: Client, log: dict[str, Any], path: str
) -> None:
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(packed.content) == plain.content
    assert packed["Content-Encoding"] == "gzip"
    assert plain["Vary"] == packed["Vary"] == "Accept-Encoding"
    assert packed["ETag"] != plain["ETag"]
    asked = {"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]}
    again = client.get(path, headers=asked)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", packed["ETag"])
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip;q=0"})


def test_a_picture_is_sent_as_it_is(client: Client, log: dict[str, Any]) -> None:
    picture = client.get("/2024-07-06/grid.png", headers={"Accept-Encoding": "gzip"})
    assert picture.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_machines_are_told_that_all_is_well(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"


@contextmanager
def script_prefix(prefix: str) -> Iterator[None]:
    set_script_prefix(prefix)
    try:
        yield
    finally:
        clear_script_prefix()


def test_the_whole_site_works_under_a_prefix(log: dict[str, Any], settings: Any) -> None:
    settings.SITE_URL = "http://127.0.0.1:8000/infra-log"
    settings.PREFIX = "/infra-log"
    settings.FORCE_SCRIPT_NAME = "/infra-log"
    with script_prefix("/infra-log/"):
        answers = {path: Client(SCRIPT_NAME="/infra-log").get(path) for path in PUBLIC}
    for path, response in answers.items():
        assert response.status_code == 200, path
        if "png" not in path:
            body = response.content.decode()
            for attribute in ('href="/', 'src="/', 'href="http://127.0.0.1:8000/'):
                for piece in body.split(attribute)[1:]:
                    # The address of static files is fixed when the process starts.
                    assert piece.startswith(("infra-log", "static/")), (path, piece[:60])
