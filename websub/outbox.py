"""Which publications the hub has still to be told of, and the telling: once at most.

Nothing runs at the hour of a post, so the outbox is derived: a post that is public and has no row
is due. Whoever makes the row, or takes it back up after a known failure, is the one that sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from bulletin.addresses import absolute
from bulletin.models import Article, Bulletin
from websub import hub
from websub.models import Ping, State

# Later the hub is told no more: whoever asks at all has found the post by then, and a hub that is
# set for the first time must not hear of the whole archive.
NEWS: Final = timedelta(days=1)
# Doubled after each failure, to an hour or so.
FIRST_PAUSE: Final = timedelta(minutes=1)
MOST_DOUBLINGS: Final = 6
FEEDS: Final = ("atom", "rss", "json_feed")


def deliver(at: datetime) -> Iterator[Ping]:
    """Send what is due at `at`, and give each ping as its answer left it."""
    topics = [absolute(reverse(name)) for name in FEEDS]
    for uid in due(at):
        if ping := claim(uid, at):
            yield send(ping, topics, at)


def due(at: datetime) -> list[UUID]:
    """The posts of NEWS that are public at `at` and not settled, oldest first."""
    hours: dict[UUID, datetime] = {}
    for posts in (Bulletin.objects.published(at), Article.objects.published(at)):
        fresh: Any = posts.filter(publish_at__gt=at - NEWS)
        hours |= dict(fresh.values_list("uid", "publish_at"))
    settled = set(Ping.objects.settled(at).filter(uid__in=hours).values_list("uid", flat=True))
    return sorted(hours.keys() - settled, key=lambda uid: (hours[uid], uid))


def claim(uid: UUID, at: datetime) -> Ping | None:
    """The ping, where it is this sender's to send: stored before anything is sent, so that what
    dies in between is never sent again. None where another was quicker."""
    with transaction.atomic(durable=True):
        ping, is_mine = Ping.objects.get_or_create(uid=uid, defaults={"tried_at": at})
        if not is_mine:
            retried = Ping.objects.to_retry(at).filter(uid=uid)
            is_mine = bool(
                retried.update(state=State.CLAIMED, tried_at=at, attempts=F("attempts") + 1)
            )
            ping.refresh_from_db()
    return ping if is_mine else None


def send(ping: Ping, topics: list[str], at: datetime) -> Ping:
    """One request; its outcome is stored."""
    try:
        ping.state, ping.answer = State.SENT, hub.ping(settings.WEBSUB_HUB, topics, topics[0])
    except hub.NotTaken as error:
        ping.state, ping.answer = State.FAILED, str(error)
        ping.retry_at = at + FIRST_PAUSE * 2 ** min(ping.attempts - 1, MOST_DOUBLINGS)
    except hub.Unclear as error:
        ping.state, ping.answer = State.UNCLEAR, str(error)
    ping.save(update_fields=["state", "answer", "retry_at"])
    return ping
