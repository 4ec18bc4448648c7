"""Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1 of the newest posts, in full.

Django's generators are mended where they fall short: Atom gets its <content>, every format all
of the authors, ids are the posts' own, and text is cleaned of what XML can't hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Prefetch
from django.template.loader import render_to_string
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

from bulletin import caching
from bulletin.addresses import absolute
from bulletin.grids import Shelf
from bulletin.models import Article, Bulletin, Post
from bulletin.texts import texts
from incidents import markup
from incidents.models import Incident

NEWEST = 20
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# XML 1.0 section 2.2: the characters that no escape can bring into a document.
NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def fit_for_xml(text: str) -> str:
    return NOT_XML.sub("", text)


@dataclass(frozen=True)
class Entry:
    """A post as feeds tell it: `content` is HTML with whole addresses."""

    post: Post
    title: str
    summary: str
    content: str
    url: str
    published: datetime
    updated: datetime


def newest_entries(at: datetime) -> list[Entry]:
    """The NEWEST posts that are public at `at`, bulletins and articles, newest first."""
    bulletins = newest(Bulletin.objects.published(at))
    whole = Prefetch("incidents", Incident.objects.public(at).in_time_order().whole())
    articles = newest(Article.objects.published(at).prefetch_related(whole))
    chosen = sorted([*bulletins, *articles], key=attrgetter("publish_at", "uid"), reverse=True)
    chosen = chosen[:NEWEST]
    shelf = Shelf([post for post in chosen if isinstance(post, Bulletin)], at)
    return [
        bulletin_entry(post, shelf) if isinstance(post, Bulletin) else article_entry(post, at)
        for post in chosen
    ]


def newest(posts: Any) -> list[Any]:
    return list(posts.newest_first().prefetch_related("authors")[:NEWEST])


def bulletin_entry(post: Bulletin, shelf: Shelf) -> Entry:
    incidents = shelf.in_period(post)
    picture = shelf.picture(post)
    context = {
        "post": post,
        "incidents": incidents,
        "picture": picture,
        "picture_url": absolute(picture.url),
        "caption": shelf.caption(post),
        "late": shelf.late(post),
    }
    news = [one.told_at for one in incidents]
    news += [addendum.told_at for one in incidents for addendum in one.addenda.all()]
    return entry(post, "feeds/bulletin.html", context, picture.alternative, news, shelf.at)


def article_entry(post: Article, at: datetime) -> Entry:
    incidents = post.incidents.all()
    context = {"post": post, "incidents": incidents}
    news = [addendum.told_at for one in incidents for addendum in one.addenda.all()]
    return entry(post, "feeds/article.html", context, markup.plain(post.body)[:300], news, at)


def entry(
    post: Any,
    template: str,
    context: Mapping[str, Any],
    summary: str,
    news: Iterable[datetime | None],
    at: datetime,
) -> Entry:
    """`news` are the instants of what was added for readers; the newest by `at` is `updated`."""
    url = absolute(post.get_absolute_url())
    content = markup.absolutise(render_to_string(template, dict(context)), url)
    instants = [post.publish_at, post.updated_at, *news]
    return Entry(
        post=post,
        title=fit_for_xml(post.plain_title),
        summary=fit_for_xml(summary),
        content=fit_for_xml(content),
        url=url,
        published=post.publish_at,
        updated=max(instant for instant in instants if instant and instant <= at),
    )


# Formats ------------------------------------------------------------------------------


class DatedByEntries(SyndicationFeed):
    """A feed without entries must not look changed at every request."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else BEGINNING


class Atom(DatedByEntries, Atom1Feed):
    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for author in item["authors"]:
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", fit_for_xml(author.name))
            if author.url:
                handler.addQuickElement("uri", author.url)
            handler.endElement("author")
        handler.addQuickElement("content", item["content"], {"type": "html"})


class Rss(DatedByEntries, Rss201rev2Feed):
    def root_attributes(self) -> dict[str, str]:
        modules = "http://purl.org/rss/1.0/modules"
        return super().root_attributes() | {
            "xmlns:content": f"{modules}/content/",
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        }

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for author in item["authors"]:
            handler.addQuickElement("dc:creator", fit_for_xml(author.name))
        handler.addQuickElement("content:encoded", item["content"])


class Json(DatedByEntries):
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
        authors = [
            {"name": one.name} | ({"url": one.url} if one.url else {}) for one in item["authors"]
        ]
        return shown | ({"authors": authors} if authors else {})


# Views --------------------------------------------------------------------------------


class PostFeed(Feed[Entry, None]):
    """The newest posts; its language is the installation's, its `updated` its newest entry's."""

    feed_type: type[SyndicationFeed] = Atom
    address = "atom"
    item_guid_is_permalink = False
    language = settings.LANGUAGE_CODE

    def title(self) -> str:
        return fit_for_xml(texts().name)

    def link(self) -> str:
        return absolute(reverse("home"))

    def feed_url(self) -> str:
        return absolute(reverse(self.address))

    def description(self) -> str:
        return fit_for_xml(texts().tagline) or _(
            "Every incident of the week, what it was, and what was built."
        )

    subtitle = description

    def author_name(self) -> str:
        return fit_for_xml(texts().name)

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
        return {"content": item.content, "authors": item.post.authors.all()}


class RssFeed(PostFeed):
    feed_type = Rss
    address = "rss"


class JsonFeed(PostFeed):
    feed_type = Json
    address = "json_feed"

    def item_description(self, item: Any) -> str:
        return str(item.summary)


atom = caching.public(PostFeed())
rss = caching.public(RssFeed())
json_feed = caching.public(JsonFeed())
