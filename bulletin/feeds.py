"""Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1: the newest posts and incidents, in full.

Django's generators are completed: Atom gets its <content>, every format all of the authors, and
ids are permanent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseBase
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
from django.utils.http import http_date, parse_http_date
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from bulletin.http_caching import cache_public
from bulletin.models import Article, Bulletin, ContentRevision, Post, site_settings
from bulletin.week import BulletinData
from incidents import markdown
from incidents.choices import Impact
from incidents.exports import to_ics
from incidents.filters import Filters
from incidents.models import Incident
from incidents.site import absolute
from incidents.templatetags.incident_tags import first_paragraph
from incidents.views import data

Item = TypeVar("Item")
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
NEWEST_POSTS = 20
NEWEST_INCIDENTS = 50
# Programs that show calendars can't ask for a second page.
MAX_EVENTS = 1000

# Formats ------------------------------------------------------------------------------


class CleanFeed(SyndicationFeed):
    """Without control characters, which XML can't hold; unchanged while it has no entries."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feed = strip_control_chars_of(self.feed)

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        super().add_item(*args, **kwargs)
        self.items[-1] = strip_control_chars_of(self.items[-1])

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else BEGINNING


def strip_control_chars_of(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: markdown.strip_control_chars(value) if isinstance(value, str) else value
        for name, value in values.items()
    }


class Atom(CleanFeed, Atom1Feed):
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


class Rss(CleanFeed, Rss201rev2Feed):
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


class Json(CleanFeed):
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


# Entries ------------------------------------------------------------------------------


@dataclass(frozen=True)
class FeedEntry:
    """`summary` is plain text, `content` HTML with whole addresses."""

    post: Post
    summary: str
    content: str
    updated: datetime


def newest_entries(at: datetime) -> list[FeedEntry]:
    """The newest bulletins and articles that are public at `at`, newest first."""
    incidents = Incident.objects.published(at).in_time_order().with_related()
    articles = Article.objects.prefetch_related(Prefetch("incidents", incidents))
    found = [
        *_newest(Bulletin.objects.published(at).with_authors()),
        *_newest(articles.published(at).with_authors()),
    ]
    posts = sorted(found, key=attrgetter("publish_at", "uid"), reverse=True)[:NEWEST_POSTS]
    data = BulletinData([post for post in posts if isinstance(post, Bulletin)], at)
    return [
        bulletin_entry(post, data) if isinstance(post, Bulletin) else article_entry(post, at)
        for post in posts
    ]


def _newest(posts: Any) -> list[Any]:
    return list(posts.newest_first()[:NEWEST_POSTS])


def bulletin_entry(post: Bulletin, data: BulletinData) -> FeedEntry:
    grid, incidents = data.grid(post), data.incidents(post)
    context = {
        "incidents": incidents,
        "alt_text": grid.alt_text,
        "picture_url": absolute(grid.url),
        "caption": data.caption(post),
        "late": data.late(post),
    }
    updated = bulletin_updated_at(post, incidents, data.at)
    return _entry(post, "feeds/bulletin.html", context, grid.alt_text, updated)


def article_entry(post: Article, at: datetime) -> FeedEntry:
    incidents = list(post.incidents.all())
    updated = newest_instant([post.publish_at, post.updated_at, *addenda_dates(incidents)], at)
    summary = markdown.plain(post.body)[:300]
    return _entry(post, "feeds/article.html", {"incidents": incidents}, summary, updated)


def _entry(
    post: Post, template: str, context: dict[str, Any], summary: str, updated: datetime
) -> FeedEntry:
    """A post without any text says its title: an entry has content."""
    html = render_to_string(template, context | {"post": post})
    content = markdown.absolute_links(html, absolute(post.get_absolute_url())).strip()
    summary = summary or post.plain_title
    return FeedEntry(post, summary, content or escape(summary), updated)


def bulletin_updated_at(post: Bulletin, incidents: Iterable[Incident], at: datetime) -> datetime:
    """When readers last got something new in it."""
    dates = [incident.publish_at for incident in incidents]
    news = [post.publish_at, post.updated_at, *dates, *addenda_dates(incidents)]
    return newest_instant(news, at)


def addenda_dates(incidents: Iterable[Incident]) -> list[datetime]:
    return [one.publish_at for incident in incidents for one in incident.addenda.all()]


def newest_instant(instants: Iterable[datetime | None], at: datetime) -> datetime:
    return max(instant for instant in instants if instant and instant <= at)


# Views --------------------------------------------------------------------------------


class LogFeed(Feed[Item, None]):
    feed_type: type[SyndicationFeed] = Atom
    language = settings.LANGUAGE_CODE

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Last-Modified is the last change of the content, which isn't in `updated`."""
        response = super().__call__(request, *args, **kwargs)
        changed = ContentRevision.objects.last_change(timezone.now())
        newest = parse_http_date(response["Last-Modified"])
        response["Last-Modified"] = http_date(max(newest, changed))
        return response

    def author_name(self) -> str:
        return site_settings().site_name

    def feed_extra_kwargs(self, obj: None) -> dict[str, Any]:
        return {"icon": absolute(reverse("touch_icon"))}


class PostFeed(LogFeed[FeedEntry]):
    address = "atom"
    item_guid_is_permalink = False
    ttl = 60  # minutes

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

    def items(self) -> list[FeedEntry]:
        return newest_entries(timezone.now())

    def item_title(self, item: Any) -> str:
        return str(item.post.plain_title)

    def item_description(self, item: Any) -> str:
        """Both XML formats take it for HTML."""
        return escape(item.summary)

    def item_link(self, item: FeedEntry) -> str:
        return absolute(item.post.get_absolute_url())

    def item_guid(self, item: FeedEntry) -> str:
        return item.post.uid.urn

    def item_pubdate(self, item: FeedEntry) -> datetime | None:
        return item.post.publish_at

    def item_updateddate(self, item: FeedEntry) -> datetime:
        return item.updated

    def item_extra_kwargs(self, item: FeedEntry) -> dict[str, Any]:
        authors = [
            (markdown.strip_control_chars(one.name), one.url) for one in item.post.authors.all()
        ]
        return {"content": item.content, "authors": authors}


class RssFeed(PostFeed):
    feed_type = Rss
    address = "rss"


class JsonFeed(PostFeed):
    feed_type = Json
    address = "json_feed"

    def item_description(self, item: Any) -> str:
        return str(item.summary)


class IncidentFeed(LogFeed[Incident]):
    def __init__(self, filters: Filters) -> None:
        self.filters = filters
        self.query = filters.query_string(order="")

    def title(self) -> str:
        return self.filters.name(site_settings().site_name)

    def link(self) -> str:
        return absolute(reverse("incidents")) + self.query

    def feed_url(self) -> str:
        return absolute(reverse("incidents_atom")) + self.query

    def subtitle(self) -> str:
        return _("Every incident, as it is published.")

    def items(self) -> list[Incident]:
        newest = self.filters.matches.order_by("-publish_at", "-pk")
        return list(newest.with_related()[:NEWEST_INCIDENTS])

    def item_title(self, item: Any) -> str:
        return str(item.plain_title)

    def item_description(self, item: Any) -> str:
        return escape(first_paragraph(item.body_html)[:300])

    def item_link(self, item: Incident) -> str:
        return absolute(item.get_absolute_url())

    def item_guid(self, item: Incident) -> str:
        return item.uid.urn

    def item_pubdate(self, item: Incident) -> datetime | None:
        return item.publish_at

    def item_updateddate(self, item: Incident) -> datetime:
        return newest_instant([item.publish_at, *addenda_dates([item])], self.filters.at)

    def item_categories(self, item: Incident) -> list[str]:
        impact = "" if item.impact is None else str(Impact(item.impact).label)
        return [category for category in (item.kind, impact, item.scope) if category]

    def item_extra_kwargs(self, item: Incident) -> dict[str, Any]:
        context = {"incident": item, "year": True}
        html = render_to_string("feeds/_incident.html", context)
        return {"content": markdown.absolute_links(html, self.item_link(item)), "authors": ()}


atom = cache_public(PostFeed())
rss = cache_public(RssFeed())
json_feed = cache_public(JsonFeed())


@data
def incidents_atom(request: HttpRequest, filters: Filters) -> HttpResponseBase:
    return IncidentFeed(filters)(request)


@data
def incidents_calendar(request: HttpRequest, filters: Filters) -> HttpResponseBase:
    text = to_ics(
        filters.rows().with_related()[:MAX_EVENTS], filters.name(site_settings().site_name)
    )
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")
