"""The writes that take several steps: publishing, rescheduling, unpublishing, telling.

Each is one transaction. Publishing itself needs no scheduler: a post is public when its hour
has come, and so is an incident.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bulletin.models import Bulletin, Post, Status
from incidents.models import Incident
from incidents.querysets import IncidentQuerySet


class OverlapError(Exception):
    """Another published bulletin covers some of the days."""


@transaction.atomic
def settle(post: Post, at: datetime) -> list[Incident]:
    """Bring the incidents that `post` tells in line with its status and hour, as just saved.

    Publishing or scheduling tells the untold incidents of its scope; rescheduling moves, and
    unpublishing clears, exactly those that this post told and nobody has moved since. Doing it
    twice changes nothing. Returns the incidents told just now.
    """
    if post.status == Status.PUBLISHED and post.publish_at is None:
        post.publish_at = at
    if post.status == Status.DRAFT:
        return _withdraw(post)
    _refuse_overlap(post)
    hour = post.publish_at
    first_time = post.told_for is None or post.told_for > at
    _mine(post).update(told_at=hour)
    fresh: list[Incident] = []
    if hour and (first_time or hour > at):
        outside = _mine(post, hour).exclude(pk__in=post.scope().values("pk"))
        _clear(post, outside)
        fresh = list(post.scope().untold())
        Incident.objects.filter(pk__in=[one.pk for one in fresh]).update(told_at=hour)
        post.told.add(*fresh)
    post.told_for = hour
    post.save()
    return fresh


def tell(incidents: Iterable[Incident], at: datetime) -> int:
    """Make untold incidents public at `at`; returns how many were untold."""
    pks = [incident.pk for incident in incidents]
    return Incident.objects.filter(pk__in=pks).untold().update(told_at=at)


@transaction.atomic
def withdraw(incidents: Iterable[Incident], at: datetime) -> int:
    """Make told incidents private again; returns how many were told.

    The bulletins that showed them keep the date that those gave them in the feeds, which never
    moves back.
    """
    told = [incident for incident in incidents if incident.told_at is not None]
    for bulletin in Bulletin.objects.published(at):
        news = [one.told_at for one in told if one.told_at and one.day in bulletin.period]
        _keep_date(bulletin, [instant for instant in news if instant <= at])
    pks = [incident.pk for incident in told]
    return Incident.objects.filter(pk__in=pks).update(told_at=None)


def _keep_date(post: Post, news: list[datetime]) -> None:
    if news:
        post.updated_at = max([*news, post.updated_at or news[0]])
        post.save()


def tell_subscribers(post: Post, at: datetime) -> None:
    """Move the post's date in the feeds, so that readers of feeds see it as news."""
    post.updated_at = max(at, post.updated_at or at)
    post.save()


def _mine(post: Post, hour: datetime | None = None) -> IncidentQuerySet:
    """The incidents that this post told and that still have the hour it gave them."""
    told = post.told.filter(told_at=hour or post.told_for) if post.told_for else post.told.none()
    return Incident.objects.filter(pk__in=list(told.values_list("pk", flat=True)))


def _clear(post: Post, incidents: IncidentQuerySet) -> None:
    pks = list(incidents.values_list("pk", flat=True))
    Incident.objects.filter(pk__in=pks).update(told_at=None)
    post.told.remove(*pks)


def _withdraw(post: Post) -> list[Incident]:
    _clear(post, _mine(post))
    post.told.clear()
    post.told_for = post.publish_at = None
    post.save()
    return []


def _refuse_overlap(post: Post) -> None:
    """The form says so too; here it holds against another editor in the same second."""
    if isinstance(post, Bulletin):
        list(Bulletin.objects.select_for_update().decided().values_list("pk"))
        if taken := post.overlapping():
            raise OverlapError(
                _("The bulletin of %s covers some of these days already.") % taken.date.isoformat()
            )
