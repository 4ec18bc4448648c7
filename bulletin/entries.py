"""What feeds tell: the newest posts in full, whatever the format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


@dataclass(frozen=True)
class Telling:
    """What an entry says; `news` are the instants of what was added for readers."""

    summary: str
    content: str
    news: Sequence[datetime | None]


# The feeds' and those of pages of open data.
TELLINGS: Kept[Telling] = Kept(64)


def newest_entries(at: datetime) -> list[Entry]:
    """The NEWEST posts that are public at `at`, bulletins and articles, newest first."""
    bulletins = newest(Bulletin.objects.published(at))
    whole = Prefetch("incidents", Incident.objects.published(at).in_time_order().with_related())
    articles = newest(Article.objects.published(at).prefetch_related(whole))
    chosen = sorted([*bulletins, *articles], key=attrgetter("publish_at", "uid"), reverse=True)
    chosen = chosen[:NEWEST]
    shelf = Shelf([post for post in chosen if isinstance(post, Bulletin)], at)
    return [
        bulletin_entry(post, shelf) if isinstance(post, Bulletin) else article_entry(post, at)
        for post in chosen
    ]


def newest(posts: Any) -> list[Any]:
    return list(posts.newest_first().with_authors()[:NEWEST])


def bulletin_entry(post: Bulletin, shelf: Shelf) -> Entry:
    values = values_of(post), shelf.values(post), shelf.values_of_news(post)
    return entry(post, values, lambda url: telling_of_bulletin(post, shelf, url), shelf.at)


def article_entry(post: Article, at: datetime) -> Entry:
    values = values_of(post), [values_of(one) for one in post.incidents.all()]
    return entry(post, values, lambda url: telling_of_article(post, url), at)


def entry(post: Any, values: Any, tell: Callable[[str], Telling], at: datetime) -> Entry:
    """What `tell` makes of the entry's address is kept under `values`, all that it is made of.
    Of the instants up to `at` the newest is `updated`."""
    url = absolute(post.get_absolute_url())
    told = TELLINGS.get((url, values), lambda: tell(url))
    instants = [post.publish_at, post.updated_at, *told.news]
    return Entry(
        post=post,
        title=post.plain_title,
        summary=told.summary,
        content=told.content,
        url=url,
        published=post.publish_at,
        updated=max(instant for instant in instants if instant and instant <= at),
    )


def telling_of_bulletin(post: Bulletin, shelf: Shelf, url: str) -> Telling:
    picture = shelf.picture(post)
    context: dict[str, Any] = {
        "post": post,
        "incidents": shelf.in_period(post),
        "picture": picture,
        "picture_url": absolute(picture.url),
        "caption": shelf.caption(post),
        "late": shelf.late(post),
    }
    news = [one.publish_at for one in context["incidents"]]
    return telling(url, "feeds/bulletin.html", context, picture.alt_text, news)


def telling_of_article(post: Article, url: str) -> Telling:
    context = {"post": post, "incidents": post.incidents.all()}
    return telling(url, "feeds/article.html", context, markup.plain(post.body)[:300], [])


def telling(
    url: str,
    template: str,
    context: Mapping[str, Any],
    summary: str,
    news: Sequence[datetime | None],
) -> Telling:
    """A post without a word in it says its title, for feeds should hold no blank text."""
    content = markup.absolutise(render_to_string(template, dict(context)), url).strip()
    added = [addendum.publish_at for one in context["incidents"] for addendum in one.addenda.all()]
    summary = summary or context["post"].plain_title
    return Telling(summary, content or escape(summary), [*news, *added])
