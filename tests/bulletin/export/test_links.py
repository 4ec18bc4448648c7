from __future__ import annotations

import pytest

from bulletin.export.links import moved, relative, rewrite


@pytest.mark.parametrize(
    ("here", "there", "way"),
    [
        ("", "", "./"),
        ("", "2024-07-06/", "2024-07-06/"),
        ("", "feed.xml", "feed.xml"),
        ("2024-07-06/", "2024-07-06/grid.png", "grid.png"),
        ("2024-07-06/", "", "../"),
        ("2024-07-06/grid.svg", "2024-07-06/", "./"),
        ("trends/year/2024/", "static/css/base.css", "../../../static/css/base.css"),
    ],
)
def test_the_way_from_one_place_to_another(here: str, there: str, way: str) -> None:
    assert relative(here, there) == way


def test_links_are_rewritten_and_words_that_look_like_one_are_not() -> None:
    page = '<a class="x > y" href="/a?b=1&amp;c=2">src="/a"</a><img src="/i" alt="&quot; href=/a">'
    assert rewrite(page, str.upper) == (
        '<a class="x > y" href="/A?B=1&amp;C=2">src="/a"</a><img src="/I" alt="&quot; href=/a">'
    )


def test_links_that_say_so_lead_to_the_site_itself() -> None:
    page = '<link rel="canonical" href="/a"><a rel="external" href="/a">'
    assert rewrite(page, str.upper) == page


@pytest.mark.parametrize(
    ("feed", "there"),
    [
        ('href="https://a.test/log/x"', 'href="https://b.test/x"'),
        ("&quot;https://a.test/log/x&quot;", "&quot;https://b.test/x&quot;"),
        ("https://c.test/?of=https://a.test/log/x", "https://c.test/?of=https://a.test/log/x"),
        ("https://a.test/logs/x", "https://a.test/logs/x"),
    ],
)
def test_a_feed_moves_with_its_copy(feed: str, there: str) -> None:
    assert moved(feed, "https://a.test/log", "https://b.test") == there
