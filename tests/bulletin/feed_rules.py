"""What RFC 4287, RSS 2.0 and JSON Feed 1.1 ask of a feed, as far as ours could break it.

Each function takes a feed's bytes, fails by an assertion, and gives the entries' ids in order.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# RFC 4287 section 3.3: RFC 3339 with capital letters.
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
RFC_822 = re.compile(r"(\w{3}, )?\d\d? \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
VOID = {"br", "hr", "img"}


class Content(HTMLParser):
    """Checks a piece of HTML: every element is closed, every address whole, no script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.feed(html)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag not in {"script", "style", "iframe", "form"}
        for name, value in attrs:
            assert not name.startswith("on")
            if name in {"href", "src"}:
                is_address(value)
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def is_address(value: str | None) -> None:
    parts = urlsplit(value or "")
    web = parts.scheme in {"http", "https"} and parts.netloc
    assert web or parts.scheme in {"mailto", "urn"}, f"no whole address: {value!r}"


def is_date(value: str | None) -> datetime:
    assert value is not None
    assert RFC_3339.fullmatch(value), f"no RFC 3339 date: {value!r}"
    return datetime.fromisoformat(value)


def is_mail_date(value: str | None) -> datetime:
    assert value is not None
    assert RFC_822.fullmatch(value), f"no RFC 822 date: {value!r}"
    return parsedate_to_datetime(value)


def has_once(parent: Element, *names: str) -> None:
    for name in names:
        found = parent.findall(name)
        assert len(found) == 1, f"{parent.tag} has {len(found)} of {name}"
        assert (found[0].text or "").strip(), f"{name} is empty"


def has_at_most_once(parent: Element, *names: str) -> None:
    for name in names:
        assert len(parent.findall(name)) <= 1, f"{parent.tag} has several of {name}"


def are_unique(ids: Iterable[str | None]) -> list[str]:
    listed = [one or "" for one in ids]
    assert max(Counter(listed).values(), default=1) == 1
    for one in listed:
        is_address(one)
    return listed


def links(parent: Element, rel: str) -> list[str | None]:
    found = [link.get("href") for link in parent.findall(f"{ATOM}link") if link.get("rel") == rel]
    for href in found:
        is_address(href)
    return found


# Atom -----------------------------------------------------------------------------------


def atom(data: bytes, address: str) -> list[str]:
    """RFC 4287 sections 4.1.1 and 4.1.2, of the feed that is found at `address`."""
    feed = ElementTree.fromstring(data)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(LANG)
    has_once(feed, *(f"{ATOM}{name}" for name in ("id", "title", "updated")))
    has_at_most_once(feed, *(f"{ATOM}{one}" for one in ("icon", "logo", "subtitle", "rights")))
    is_address(feed.findtext(f"{ATOM}id"))
    is_address(feed.findtext(f"{ATOM}icon"))
    assert links(feed, "self") == [address]
    assert len(links(feed, "alternate")) == 1
    entries = feed.findall(f"{ATOM}entry")
    has_author = feed.find(f"{ATOM}author") is not None
    assert has_author or all(one.find(f"{ATOM}author") is not None for one in entries)
    for person in feed.iter(f"{ATOM}author"):
        has_once(person, f"{ATOM}name")
        has_at_most_once(person, f"{ATOM}uri", f"{ATOM}email")
    updated = is_date(feed.findtext(f"{ATOM}updated"))
    assert updated == max((atom_entry(entry) for entry in entries), default=updated)
    return are_unique(entry.findtext(f"{ATOM}id") for entry in entries)


def atom_entry(entry: Element) -> datetime:
    has_once(entry, *(f"{ATOM}{name}" for name in ("id", "title", "updated", "content")))
    has_at_most_once(entry, f"{ATOM}published", f"{ATOM}summary", f"{ATOM}rights")
    assert len(links(entry, "alternate")) == 1
    for text in (entry.find(f"{ATOM}content"), entry.find(f"{ATOM}summary")):
        assert text is not None
        assert text.get("type") == "html"
        assert not list(text)
        Content(text.text or "")
    published = is_date(entry.findtext(f"{ATOM}published"))
    updated = is_date(entry.findtext(f"{ATOM}updated"))
    assert published <= updated
    return updated


# RSS ------------------------------------------------------------------------------------


def rss(data: bytes, address: str) -> list[str]:
    """RSS 2.0 (rssboard.org/rss-specification) and its profile, found at `address`."""
    root = ElementTree.fromstring(data)
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    channel = root[0]
    has_once(channel, "title", "link", "description", "language", "lastBuildDate", "ttl")
    is_address(channel.findtext("link"))
    is_mail_date(channel.findtext("lastBuildDate"))
    assert int(channel.findtext("ttl") or "") > 0
    assert links(channel, "self") == [address]
    image = channel.find("image")
    assert image is not None
    has_once(image, "url", "title", "link")
    assert re.search(r"\.(png|gif|jpe?g)$", image.findtext("url") or "")
    assert 0 < int(image.findtext("width") or 88) <= 144
    assert 0 < int(image.findtext("height") or 31) <= 400
    for name in ("title", "link"):
        assert image.findtext(name) == channel.findtext(name)
    items = channel.findall("item")
    for item in items:
        rss_item(item)
    return are_unique(item.findtext("guid") for item in items)


def rss_item(item: Element) -> None:
    has_once(item, "title", "link", "description", "guid", "pubDate", CONTENT)
    assert item.find("author") is None, "an author of RSS is a mail address"
    guid = item.find("guid")
    assert guid is not None
    assert guid.get("isPermaLink") == "false"
    is_address(item.findtext("link"))
    assert is_mail_date(item.findtext("pubDate")) <= is_date(item.findtext(f"{ATOM}updated"))
    Content(item.findtext(CONTENT) or "")
    assert all(creator.text for creator in item.findall(CREATOR))


# JSON Feed ------------------------------------------------------------------------------


def json_feed(data: bytes, address: str) -> list[str]:
    """JSON Feed 1.1 (jsonfeed.org/version/1.1), found at `address`."""
    feed = json.loads(data)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == address
    are_texts(feed, "title", "description", "language", "home_page_url", "icon", "favicon")
    for name in ("home_page_url", "icon", "favicon"):
        is_address(feed[name])
    are_authors(feed["authors"])
    for hub in feed.get("hubs", []):
        are_texts(hub, "type", "url")
    for item in feed["items"]:
        are_texts(item, "id", "url", "title", "summary", "content_html")
        is_address(item["url"])
        assert is_date(item["date_published"]) <= is_date(item["date_modified"])
        are_authors(item.get("authors", [{"name": "of the feed"}]))
        Content(item["content_html"])
    return are_unique(item["id"] for item in feed["items"])


def are_texts(holder: dict[str, Any], *names: str) -> None:
    for name in names:
        assert isinstance(holder[name], str), f"{name} is no string"
        assert holder[name], f"{name} is empty"


def are_authors(authors: Any) -> None:
    assert isinstance(authors, list)
    assert authors
    for author in authors:
        are_texts(author, *author)
        assert author.keys() & {"name", "url", "avatar"}
