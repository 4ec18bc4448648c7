"""Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1 of the newest posts, in full.

Django's generators are mended where they fall short: Atom gets its <content>, every format all
of the authors, ids are the posts' own, and text is cleaned of what XML can't hold.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeVar
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import (
    Atom1Feed,
    Rss201rev2Feed,
    SyndicationFeed,
    rfc3339_date,
)
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from bulletin.addresses import absolute
from bulletin.entries import Entry, newest_entries
from bulletin.http_caching import cache_public
from bulletin.models import site_settings
from incidents import markup

Item = TypeVar("Item")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

# Formats ------------------------------------------------------------------------------


class Readable(SyndicationFeed):
    """One control character makes no feed unreadable, and one without entries doesn't look changed
    at every request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feed = cleaned(self.feed)

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        super().add_item(*args, **kwargs)
        self.items[-1] = cleaned(self.items[-1])

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else BEGINNING


def cleaned(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: markup.printable(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


class Atom(Readable, Atom1Feed):
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


class Rss(Readable, Rss201rev2Feed):
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


class Json(Readable):
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


# Views --------------------------------------------------------------------------------


class LogFeed(Feed[Item, None]):
    """Of the site; its language is the installation's, its `updated` its newest entry's."""

    feed_type: type[SyndicationFeed] = Atom
    language = settings.LANGUAGE_CODE

    def author_name(self) -> str:
        return site_settings().site_name

    def feed_extra_kwargs(self, obj: None) -> dict[str, Any]:
        return {"icon": absolute(reverse("touch_icon"))}


class PostFeed(LogFeed[Entry]):
    """The newest posts."""

    address = "atom"
    item_guid_is_permalink = False
    # Minutes.
    ttl = 60

    def title(self) -> str:
        return site_settings().site_name

    def link(self) -> str:
        return absolute(reverse("home"))

    def feed_url(self) -> str:
        return absolute(reverse(self.address))

    def description(self) -> str:
        return site_settings().tagline or _(
            "Every incident of the week, what it was, and what was built."
        )

    subtitle = description

    def items(self) -> list[Entry]:
        return newest_entries(timezone.now())

    def item_title(self, item: Any) -> str:
        return str(item.title)

    def item_description(self, item: Any) -> str:
        """Both XML formats take it for HTML."""
        return escape(item.summary)

    def item_link(self, item: Entry) -> str:
        return item.url

    def item_guid(self, item: Entry) -> str:
        return item.post.uid.urn

    def item_pubdate(self, item: Entry) -> datetime:
        return item.published

    def item_updateddate(self, item: Entry) -> datetime:
        return item.updated

    def item_extra_kwargs(self, item: Entry) -> dict[str, Any]:
        authors = [(markup.printable(one.name), one.url) for one in item.post.authors.all()]
        return {"content": item.content, "authors": authors}


class RssFeed(PostFeed):
    feed_type = Rss
    address = "rss"


class JsonFeed(PostFeed):
    feed_type = Json
    address = "json_feed"

    def item_description(self, item: Any) -> str:
        return str(item.summary)


atom = cache_public(PostFeed())
rss = cache_public(RssFeed())
json_feed = cache_public(JsonFeed())
