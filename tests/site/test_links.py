"""The crawl itself: what it must not overlook."""

from __future__ import annotations

from email.message import Message

import pytest

from tests.site.crawl import Answer, Crawl
from tests.site.links import named

HERE = "http://log.test/infra-log"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/html", "<a href='/there'>"),
        ("text/html", "<img srcset='/here 1x, /there 2x'>"),
        ("text/html", "<form action=/there>"),
        ("text/html", "<meta property='og:image' content='/there'>"),
        ("text/html", '<script type="text/json">{"a": [{"url": "http://a/there"}]}</script>'),
        ("text/html", "<svg><a href='/there'/></svg>"),
        ("text/html", "<style>p { background: url('/there') }</style>"),
        ("text/html", "<a type='application/json' href='/there'>words</a>"),
        ("text/css", "@font-face { src: url(../there) }"),
        ("application/xml", "<urlset><loc>http://a/there</loc></urlset>"),
        ("application/atom+xml", "<feed><content>&lt;a href='/there'&gt;</content></feed>"),
        ("application/feed+json", '{"items": [{"content_html": "<img src=/there>"}]}'),
        ("text/calendar", "URL:http://a/th\r\n ere\r\n"),
        ("text/csv", "a,http://a/there,b"),
    ],
)
def test_an_address_is_found_wherever_it_stands(kind: str, text: str) -> None:
    links = named("http://a/css/page", kind, text).links
    assert "http://a/there" in [link.address for link in links]


def test_what_cannot_be_read_is_named() -> None:
    page = "<script type=application/ld+json>{</script>"
    faults = list(crawled(a=page).broken())
    assert len(faults) == 1
    assert faults[0].startswith("/a is no good text/html")


def crawled(**pages: str) -> Crawl:
    """Of pages that need no server."""
    crawl = Crawl.__new__(Crawl)
    crawl.root = HERE
    html = Message()
    html["Content-Type"] = "text/html"
    crawl.answers = {
        f"{HERE}/{name}": Answer(f"{HERE}/{name}", 200 if text else 404, html, text.encode())
        for name, text in pages.items()
    }
    return crawl


@pytest.mark.parametrize(
    ("href", "fault"),
    [
        ("b#part", ""),
        ("b#none", "names no id of that page"),
        ("gone", "answers 404"),
        ("/b", "leads out of the site's prefix"),
        ("https://elsewhere.test/gone", ""),
    ],
)
def test_a_link_is_broken_by_its_page_its_part_or_its_prefix(href: str, fault: str) -> None:
    crawl = crawled(a=f"<a href='{href}'>", b="<p id=part>", gone="")
    assert [fault in one for one in crawl.broken()] == ([True] if fault else [])
