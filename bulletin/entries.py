"""What feeds tell: the newest posts in full, whatever the format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.utils.html import escape

from bulletin.addresses import absolute
from bulletin.grids import Shelf
from bulletin.kept import Kept, values_of
from bulletin.models import Article, Bulletin, Post
from incidents import markup
from incidents.models import Incident

NEWEST = 20
# The feeds' and those of pages of open data.
CONTENTS: Kept[str] = Kept(64)


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
    return list(posts.newest_first().signed()[:NEWEST])


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
    news += [addendum.told_at for one in incidents for addendum in one.added]
    return entry(post, "feeds/bulletin.html", context, picture.alternative, news, shelf.at)


def article_entry(post: Article, at: datetime) -> Entry:
    incidents = post.incidents.all()
    context = {"post": post, "incidents": incidents}
    news = [addendum.told_at for one in incidents for addendum in one.added]
    return entry(post, "feeds/article.html", context, markup.plain(post.body)[:300], news, at)


def entry(
    post: Any,
    template: str,
    context: Mapping[str, Any],
    summary: str,
    news: Iterable[datetime | None],
    at: datetime,
) -> Entry:
    """`news` are the instants of what was added for readers; the newest by `at` is `updated`.
    A post without a word in it says its title, for feeds should hold no blank text."""
    url = absolute(post.get_absolute_url())
    rows = [*context["incidents"], *(row for news in context.get("late", ()) for row in news.rows)]
    told = [values_of(row) for row in rows], [news.place for news in context.get("late", ())]
    pictured = [context.get(name) for name in ("picture", "picture_url", "caption")]

    def content_of() -> str:
        return markup.absolutise(render_to_string(template, dict(context)), url).strip()

    content = CONTENTS.get((template, url, values_of(post), told, pictured), content_of)
    summary = summary or post.plain_title
    instants = [post.publish_at, post.updated_at, *news]
    return Entry(
        post=post,
        title=post.plain_title,
        summary=summary,
        content=content or escape(summary),
        url=url,
        published=post.publish_at,
        updated=max(instant for instant in instants if instant and instant <= at),
    )
