"""Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1 in full: Django's generators, completed.

Atom gets its <content>, every format all of the authors.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import (
    Atom1Feed,
    Rss201rev2Feed,
    SyndicationFeed,
    rfc3339_date,
)
from django.utils.xmlutils import SimplerXMLGenerator

from incidents import markdown

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ControlCharFreeFeed(SyndicationFeed):
    """Without control characters, which XML can't hold; unchanged while it has no entries."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feed = strip_control_chars_of(self.feed)

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        super().add_item(*args, **kwargs)
        self.items[-1] = strip_control_chars_of(self.items[-1])

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else EPOCH


def strip_control_chars_of(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: markdown.strip_control_chars(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


class Atom(ControlCharFreeFeed, Atom1Feed):
    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.addQuickElement("icon", self.feed["icon"])

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name, url in item["authors"]:
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", name)
            if url:
                handler.addQuickElement("uri", url)
            handler.endElement("author")
        handler.addQuickElement("content", item["content"], {"type": "html"})


class Rss(ControlCharFreeFeed, Rss201rev2Feed):
    def root_attributes(self) -> dict[str, str]:
        modules = "http://purl.org/rss/1.0/modules"
        return super().root_attributes() | {
            "xmlns:content": f"{modules}/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        handler.startElement("image", AttributesImpl({}))
        for name, named in (("url", "icon"), ("title", "title"), ("link", "link")):
            handler.addQuickElement(name, self.feed[named])
        for side in ("width", "height"):
            handler.addQuickElement(side, "88")
        handler.endElement("image")

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))
        for name, _url in item["authors"]:
            handler.addQuickElement("dc:creator", name)
        handler.addQuickElement("content:encoded", item["content"])


class Json(ControlCharFreeFeed):
    """JSON Feed 1.1 (jsonfeed.org/version/1.1)."""

    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: Any, encoding: str) -> None:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "icon": self.feed["icon"],
            "favicon": self.feed["icon"],
            "authors": [{"name": self.feed["author_name"], "url": self.feed["link"]}],
            "items": [self._item(item) for item in self.items],
        }
        outfile.write(json.dumps(feed, ensure_ascii=False, indent=1))

    def _item(self, item: dict[str, Any]) -> dict[str, Any]:
        shown = {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "summary": item["description"],
            "content_html": item["content"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
        }
        authors = [{"name": name} | ({"url": url} if url else {}) for name, url in item["authors"]]
        return shown | ({"authors": authors} if authors else {})
