"""What readers and subscribers will see of a post, in sentences for the editor who decides."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletin import publishing
from bulletin.models import Bulletin, Post, Status
from incidents import time_zones
from incidents.site import absolute, site_zone


def outlook(
    post: Post, at: datetime, *, tell: bool = False, wall: datetime | None = None
) -> list[str]:
    """What it means at `at` that `post` has the status and hour that it has, saved or not.

    Its `incidents_publish_at` says what holds until then. `tell` is "notify subscribers", `wall`
    the hour as it was typed on the site's clock.
    """
    stands = was_public(post, at)
    hour = post.publish_at or at
    if post.status == Status.DRAFT:
        return list(_taken_back(post, stands) if post.incidents_publish_at else _of_draft(post))
    if stands and hour <= at:
        return list(_edited(post, tell))
    sentences = list(_hour(post, hour, at, wall))
    if stands:
        sentences.insert(0, _("Readers lose sight of it until then: its address gives 404."))
    return [*sentences, *_places(post, hour), *_incidents(post, hour), _entry(post)]


def prospects(post: Post, at: datetime) -> list[tuple[str, list[str]]]:
    """The buttons that a stored `post` has at `at`, each with its outlook."""
    found = []
    if not post.is_public(at):
        found.append((_("Publish now"), _supposed(post, at, Status.PUBLISHED)))
    if post.status == Status.PUBLISHED:
        found.append((_("Take back to draft"), _supposed(post, at, Status.DRAFT)))
    return found


def was_public(post: Post, at: datetime) -> bool:
    """Whether readers see it at `at` by what was last settled, whatever its fields now say."""
    return post.incidents_publish_at is not None and post.incidents_publish_at <= at


def moment(instant: datetime) -> str:
    """On the site's clock, with its abbreviation: Sunday, November 1, 2026, 01:30 EST."""
    there = instant.astimezone(site_zone())
    return _("%(weekday)s, %(day)s, %(time)s %(zone)s") % {
        "weekday": date_format(there, "l"),
        "day": date_format(there, "DATE_FORMAT"),
        "time": f"{there:%H:%M}",
        "zone": time_zones.abbreviation_of(there),
    }


def odd_hour(hour: datetime, wall: datetime | None = None) -> str:
    """Which hour is meant where the site's clock shows it twice, or skips the `wall` that was
    typed; else empty."""
    there = hour.astimezone(site_zone())
    shown = there.replace(tzinfo=None)
    names = {"time": f"{there:%H:%M}", "zone": time_zones.abbreviation_of(there)}
    if wall and time_zones.is_skipped(wall, site_zone()):
        skipped = _("The clocks skip %(wall)s that night: %(time)s %(zone)s is meant.")
        return skipped % (names | {"wall": f"{wall:%H:%M}"})
    if not time_zones.is_ambiguous(shown, site_zone()):
        return ""
    if there.fold:
        return (
            _("The clocks show %(time)s twice that night: the second is meant, %(zone)s.") % names
        )
    return _("The clocks show %(time)s twice that night: the first is meant, %(zone)s.") % names


# Sentences ----------------------------------------------------------------------------


def _supposed(post: Post, at: datetime, status: Status) -> list[str]:
    other = copy.copy(post)
    other.status = status
    other.publish_at = at
    return outlook(other, at)


def _of_draft(post: Post) -> Iterator[str]:
    yield _("Readers and subscribers see nothing of a draft.")
    if post.publish_at:
        yield _("Its hour is kept, and publishes nothing until you schedule it.")


def _hour(post: Post, hour: datetime, at: datetime, wall: datetime | None) -> Iterator[str]:
    address = absolute(post.get_absolute_url())
    if hour <= at:
        yield _("Readers see it at once, at %s.") % address
        return
    words = {"address": address, "moment": moment(hour), "wait": timeuntil(hour, at)}
    yield _("Readers see it from %(moment)s on (in %(wait)s), at %(address)s.") % words
    if odd := odd_hour(hour, wall):
        yield odd


def _places(post: Post, hour: datetime) -> Iterator[str]:
    if not isinstance(post, Bulletin):
        yield _("The pages of its incidents link to it.")
        return
    later = Bulletin.objects.published(hour).filter(date__gt=post.date).by_date().first()
    if later is None:
        yield _("It becomes the home page, and stands in the archive.")
    else:
        yield _("It stands in the archive; the home page stays %s.") % later.plain_title


def _incidents(post: Post, hour: datetime) -> Iterator[str]:
    scope = post.scope()
    number = scope.count()
    if not number:
        yield _("It has no incidents.")
        return
    mine = publishing.incidents_published_by(post).values("pk")
    before = scope.published(hour).exclude(pk__in=mine).count()
    fresh = number - before
    yield ngettext("It has %d incident.", "It has %d incidents.", number) % number
    yield ngettext("%d incident is told with it.", "%d incidents are told with it.", fresh) % fresh
    if before:
        yield ngettext("%d is told already.", "%d are told already.", before) % before


def _entry(post: Post) -> str:
    if post.updated_at is None:
        return _("Subscribers get a new entry.")
    return _("Subscribers had its entry before: where it was kept, it is updated.")


def _edited(post: Post, tell: bool) -> Iterator[str]:
    yield _("Readers see an edit at once, at %s.") % absolute(post.get_absolute_url())
    if tell:
        yield _("Subscribers see it as news: its entry in the feeds is dated anew.")
    else:
        yield _("For subscribers an edit is no news: its entry changes and keeps its date.")


def _taken_back(post: Post, stands: bool) -> Iterator[str]:
    if stands:
        yield _("Its address gives 404: %s.") % absolute(post.get_absolute_url())
    else:
        yield _("It is not published at its hour.")
    private = publishing.incidents_published_by(post).count()
    again = ngettext(
        "%d incident becomes private again.", "%d incidents become private again.", private
    )
    yield again % private
    if stands:
        yield _("Its entry leaves the feeds; copies that subscribers fetched stay with them.")
    else:
        yield _("Subscribers have seen nothing of it.")
