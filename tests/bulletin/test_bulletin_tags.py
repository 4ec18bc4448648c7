"""How templates say what posts know, and what every page of the site carries."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client

from bulletin.models import Bulletin
from bulletin.templatetags import bulletin_tags as words
from incidents.weeks import Period
from tests.factories import make_bulletin, make_incident

STYLES = Path(settings.BASE_DIR) / "static" / "css"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
ADMIN = {
    "admin-palette.css",
    "admin-base.css",
    "admin-page.css",
    "admin.css",
    "diff.css",
    "dashboard.css",
    "history.css",
    "import.css",
    "publication.css",
    "review.css",
    "autosave.css",
}


def test_a_period_has_its_month_and_year_once() -> None:
    assert words.period(Period(date(2024, 7, 7), date(2024, 7, 13))) == "July 7–13, 2024"
    assert words.period(Period(date(2024, 6, 30), date(2024, 7, 6))) == "June 30–July 6, 2024"
    ends = words.period(Period(date(2023, 12, 31), date(2024, 1, 6)))
    assert ends == "December 31, 2023–January 6, 2024"


@pytest.mark.parametrize(
    ("heading", "essay", "anchor"),
    [
        ("This week in `infra`", "", "this-week-in-infra"),
        ("Incidents", "", "incidents-2"),
        ("Disks", '<h2 id="disks">Disks</h2>', "disks-2"),
    ],
)
def test_the_anchor_of_an_essay_is_unlike_any_other(heading: str, essay: str, anchor: str) -> None:
    assert words.essay_anchor(Bulletin(essay_heading=heading, essay_html=essay)) == anchor


@pytest.mark.django_db
def test_no_id_occurs_twice_on_a_page(client: Client) -> None:
    make_incident(title="Main")
    make_bulletin(
        essay_heading="Incidents",
        essay="Text.\n\n# Main\n\n## Incidents\n\n## Late reports and corrections",
    )
    page = client.get("/2024-07-06/").content.decode()
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids)), ids
    assert {"main", "incidents", "main-2", "2024-07-02-main"} <= set(ids)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/2024-07-06/", "/archive/", "/archive/2024/", "/incidents/"]
)
def test_every_page_can_be_found_and_named(client: Client, path: str) -> None:
    make_bulletin()
    head = client.get(path).content.decode().partition("</head>")[0]
    assert '<html lang="en-us" dir="ltr">' in head
    assert re.search(r"<title>[^<]+</title>", head)
    assert re.search(r'<meta name="description" content="[^"]+">', head)
    assert '<link rel="canonical" href="http://127.0.0.1:8000/' in head
    for feed in ("/feed.xml", "/rss.xml", "/feed.json"):
        assert f'<link rel="alternate" href="{feed}"' in head


@pytest.mark.django_db
def test_a_bulletin_is_shared_with_its_weeks_card(client: Client) -> None:
    make_bulletin()
    head = client.get("/2024-07-06/").content.decode().partition("</head>")[0]
    card = "http://127.0.0.1:8000/2024-07-06/card.png"
    assert f'<meta property="og:image" content="{card}">' in head
    assert re.search(r'<meta property="og:image:alt" content="Incidents of [^"]+">', head)


@pytest.mark.django_db
def test_missing_pages_lead_on_and_have_no_canonical_address(client: Client) -> None:
    page = client.get("/articles/nothing/").content.decode()
    assert 'href="/archive/"' in page
    assert "canonical" not in page


def test_the_page_of_an_error_needs_no_context() -> None:
    assert "The problem is on our side" in render_to_string("500.html")


def test_pages_carry_modules_alone_and_no_inline_style() -> None:
    module = re.compile(r"""<script type="module" src="{% static '(js/[\w-]+\.js)' %}"></script>""")
    modules = set()
    for path in TEMPLATES.rglob("*.html"):
        if not {"admin", "registration"} & set(path.parts):
            source = path.read_text()
            modules |= set(module.findall(source))
            rest = module.sub("", source)
            assert not re.search(r"<script|<style|\sstyle=|\son\w+=", rest), path
    sizes = [(STYLES.parent / name).stat().st_size for name in modules]
    assert 0 < sum(sizes) < 10_000


@pytest.mark.django_db
def test_each_heading_has_a_link_of_its_own_and_each_incident_its_box(client: Client) -> None:
    slug = make_incident().slug
    make_bulletin(essay="## What `we` built\n\nA <b> & c.")
    page = client.get("/").content.decode()
    assert (
        '<h2 id="what-we-built">What <code>we</code> built <a class="anchor" '
        'href="/2024-07-06/#what-we-built" aria-label="Link to “What we built”">#</a></h2>'
    ) in page
    assert f'href="/2024-07-06/#{slug}" aria-label=' in page
    (stamp,) = re.findall(
        r'<a class="stamp" href="/2024-07-06/#picture"[^>]*>(<svg.*?</svg>)', page
    )
    side = re.compile(r'data-minutes.*?<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)"')
    assert f' width="{side.search(page)[1]}"' in stamp  # type: ignore[index]


@pytest.mark.django_db
def test_search_engines_are_told_what_a_page_is(client: Client) -> None:
    slug = make_incident(title="</script><b>", body="It & that.").slug
    post = make_bulletin(title="A week")
    post.authors.create(name="Infra", url="https://infra.example.org")
    pages = {path: client.get(path).content.decode() for path in ("/", f"/incidents/{slug}/")}
    told = {
        path: [json.loads(one) for one in re.findall(r'ld\+json">(.*?)</script>', page)]
        for path, page in pages.items()
    }
    posting = told["/"][0]
    assert posting["@type"] == "BlogPosting"
    assert posting["url"] == "http://127.0.0.1:8000/2024-07-06/"
    assert posting["image"] == "http://127.0.0.1:8000/2024-07-06/card.png"
    assert posting["author"][0]["url"] == "https://infra.example.org"
    (report,) = told[f"/incidents/{slug}/"]
    assert report["headline"] == "</script><b>"
    assert report["temporalCoverage"] == "2024-07-02T15:00:00-04:00/2024-07-02T15:30:00-04:00"
    assert report["image"] == posting["image"]


def test_templates_of_incidents_name_no_page_of_the_posts() -> None:
    for path in (TEMPLATES / "incidents").glob("*.html"):
        named = re.findall(r"""(?:url|include|extends|load) ['"]?([\w./ -]+)""", path.read_text())
        assert not [name for name in named if "bulletin" in name or "trends" in name], path


def test_all_styles_of_the_public_pages_are_under_25_kilobytes() -> None:
    sheets = [path for path in STYLES.glob("*.css") if path.name not in ADMIN]
    assert sum(path.stat().st_size for path in sheets) < 25_000
