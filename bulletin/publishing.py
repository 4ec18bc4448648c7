"""The writes of several steps: publish, reschedule, unpublish, notify. Each is one transaction.

Publishing needs no scheduler: posts and incidents are public from their `publish_at` on. The page
cache learns of every write by triggers of the database (page_cache/content_revision.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bulletin.models import Article, Bulletin, Post, Status
from incidents.models import Addendum, Incident
from incidents.querysets import IncidentQuerySet

# Any number that nothing else in the database locks.
LOCK_KEY: Final = 20240702


class NotPublished(Exception):
    """Why a post is not published; nothing of the attempt is stored."""


class OverlapError(NotPublished):
    """Another published bulletin covers some of the days."""


@contextmanager
def save_lock() -> Iterator[None]:
    """A transaction that begins when those before it have ended; one within another is the same.

    A save reads many rows before it writes: the post, its incidents, the bulletins whose periods
    must not overlap. SQLite lets one writer in at a time anyway (BEGIN IMMEDIATE, see the
    settings); PostgreSQL would let a second one save what it read before the first had ended.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        yield


@transaction.atomic
def sync_publication(post: Post, at: datetime) -> list[Incident]:
    """Bring the incidents of `post` in line with its status and `publish_at`, as just saved.

    Publishing or scheduling publishes those of its scope that are not public by then; rescheduling
    moves, and unpublishing clears, exactly those that this post published and that have the same
    `publish_at` still. Twice is as good as once. Returns the incidents published just now.
    """
    preserve_updated_at(post, at)
    if post.status == Status.DRAFT:
        return _unpublish(post, at)
    publish_at = post.publish_at = post.publish_at or at
    _refuse_overlap(post)
    first_time = post.incidents_publish_at is None or post.incidents_publish_at > at
    incidents_published_by(post).update(publish_at=publish_at)
    fresh: list[Incident] = []
    if first_time or publish_at > at:
        outside = incidents_published_by(post, publish_at).exclude(
            pk__in=post.own_incidents().values("pk")
        )
        _clear(post, outside, at)
        fresh = list(post.own_incidents().filter(_not_public_by(publish_at)))
        Incident.objects.filter(pk__in=[incident.pk for incident in fresh]).update(
            publish_at=publish_at
        )
        post.published_incidents.add(*fresh)
    post.incidents_publish_at = publish_at
    post.review_requested_at = post.review_requested_by = None
    post.save()
    return fresh


def sync_scheduled(at: datetime) -> list[Incident]:
    """Call it after an incident was added or moved: scheduled bulletins take in the incidents of
    their periods, and let go of those that left. Returns the incidents scheduled just now."""
    scheduled = Bulletin.objects.scheduled_or_published().filter(publish_at__gt=at)
    return [incident for bulletin in scheduled for incident in sync_publication(bulletin, at)]


@transaction.atomic
def publish_incidents(incidents: Iterable[Incident], at: datetime) -> int:
    """Make incidents public at `at`; returns how many would not have been by then."""
    pks = [incident.pk for incident in incidents]
    return Incident.objects.filter(_not_public_by(at), pk__in=pks).update(publish_at=at)


@transaction.atomic
def unpublish_incidents(incidents: Collection[Incident], at: datetime) -> int:
    """Returns how many had a `publish_at`."""
    preserve_updated_at_of(incidents, at)
    return _make_private(
        Incident.objects.filter(pk__in=[incident.pk for incident in incidents]), at
    )


def notify_subscribers(post: Post, at: datetime) -> None:
    """Move the post's date in the feeds, so that readers of feeds see it as news."""
    post.updated_at = max(at, post.updated_at or at)
    post.save()


def preserve_updated_at_of(incidents: Iterable[Incident], at: datetime) -> None:
    """Call it before incidents are unpublished or moved, so that the posts that show them don't
    move back in the feeds."""
    for incident in incidents:
        for bulletin in Bulletin.objects.published(at).containing_day(incident.local_date):
            preserve_updated_at(bulletin, at)
        for article in Article.objects.published(at).filter(incidents=incident):
            preserve_updated_at(article, at)


def preserve_updated_at(post: Post, at: datetime) -> None:
    """Store the date that the feeds give `post` at `at`, which never moves back from there."""
    if not post.pk or post.incidents_publish_at is None or post.incidents_publish_at > at:
        return
    public = post.own_incidents().published(at)
    addenda = Addendum.objects.filter(incident__in=public, publish_at__lte=at)
    instants = [
        post.incidents_publish_at,
        post.updated_at,
        *addenda.values_list("publish_at", flat=True),
    ]
    if isinstance(post, Bulletin):
        instants += public.values_list("publish_at", flat=True)
    post.updated_at = max(instant for instant in instants if instant)
    type(post)._default_manager.filter(pk=post.pk).update(updated_at=post.updated_at)


def _not_public_by(publish_at: datetime) -> Q:
    return Q(publish_at=None) | Q(publish_at__gt=publish_at)


def incidents_published_by(
    post: Post, publish_at: datetime | None = None
) -> IncidentQuerySet[Incident]:
    """The incidents that this post published and that have the time it gave them still."""
    published = (
        post.published_incidents.filter(publish_at=publish_at or post.incidents_publish_at)
        if post.incidents_publish_at
        else post.published_incidents.none()
    )
    return Incident.objects.filter(pk__in=list(published.values_list("pk", flat=True)))


def _make_private(incidents: IncidentQuerySet[Incident], at: datetime) -> int:
    """The address of one that was public is fixed, should it be published again."""
    pks = list(incidents.exclude(publish_at=None).values_list("pk", flat=True))
    chosen = Incident.objects.filter(pk__in=pks)
    chosen.published(at).update(was_public=True)
    return chosen.update(publish_at=None)


def _clear(post: Post, incidents: IncidentQuerySet[Incident], at: datetime) -> None:
    found = list(incidents)
    preserve_updated_at_of(found, at)
    _make_private(incidents, at)
    post.published_incidents.remove(*found)


def _unpublish(post: Post, at: datetime) -> list[Incident]:
    _clear(post, incidents_published_by(post), at)
    post.published_incidents.clear()
    if post.incidents_publish_at:
        post.incidents_publish_at = post.publish_at = None
    post.save()
    return []


def _refuse_overlap(post: Post) -> None:
    """The form checks it too; this holds against another editor in the same second."""
    if isinstance(post, Bulletin):
        # Drafts, too: the other editor's is among them.
        rows = Bulletin.objects.select_for_update().overlapping(post.period)
        list(rows.order_by("pk").values_list("pk"))
        if taken := post.find_overlap():
            raise OverlapError(
                _("The bulletin of %s covers some of these days already.") % taken.date.isoformat()
            )
