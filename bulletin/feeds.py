"""Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1: the newest posts and incidents, in full.

Django's generators are completed: Atom gets its <content>, every format all of the authors, and
ids are permanent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import (
    SyndicationFeed,
)
from django.utils.html import escape
from django.utils.http import http_date, parse_http_date
from django.utils.translation import gettext as _

from bulletin.feed_formats import Atom, Json, Rss
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
NEWEST_POSTS = 20
NEWEST_INCIDENTS = 50
# Programs that show calendars can't ask for a second page.
MAX_EVENTS = 1000

# Entries ------------------------------------------------------------------------------


@dataclass(frozen=True)
class FeedEntry:
    """`summary` is plain text, `content` HTML with whole addresses."""

    post: Post
    summary: str
    content: str
    updated: datetime


def newest_entries(at: datetime) -> list[FeedEntry]:
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
