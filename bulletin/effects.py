"""What publishing, editing or unpublishing a post does, in sentences for editors."""

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


def effects(
    post: Post, at: datetime, *, notify: bool = False, wall: datetime | None = None
) -> list[str]:
    """What happens at `at` with the status and date that `post` has, saved or not.

    Its `incidents_publish_at` holds what is stored. `notify` is "notify subscribers", `wall` the
    date and time as typed in the site's zone.
    """
    public = was_public(post, at)
    hour = post.publish_at or at
    if post.status == Status.DRAFT:
        return list(_unpublished(post, public) if post.incidents_publish_at else _of_draft(post))
    if public and hour <= at:
        return list(_edited(post, notify))
    sentences = list(_hour(post, hour, at, wall))
    if public:
        sentences.insert(0, _("Until then its address gives 404."))
    return [*sentences, *_places(post, hour), *_incidents(post, hour), _entry(post)]


def button_effects(post: Post, at: datetime) -> list[tuple[str, list[str]]]:
    """The buttons that a stored `post` has at `at`, each with its effects."""
    found = []
    if not post.is_public(at):
        found.append((_("Publish now"), _effects_of(post, at, Status.PUBLISHED)))
    if post.status == Status.PUBLISHED:
        found.append((_("Unpublish"), _effects_of(post, at, Status.DRAFT)))
    return found


def was_public(post: Post, at: datetime) -> bool:
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
    """Which time is meant where the site's clock shows it twice, or skips the `wall` that was
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


def _effects_of(post: Post, at: datetime, status: Status) -> list[str]:
    other = copy.copy(post)
    other.status = status
    other.publish_at = at
    return effects(other, at)


def _of_draft(post: Post) -> Iterator[str]:
    yield _("Readers and subscribers see nothing of a draft.")
    if post.publish_at:
        yield _("Its date is saved; nothing is published until you schedule it.")


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
        yield _("It becomes the home page and is in the archive.")
    else:
        yield _("It is in the archive; the home page remains %s.") % later.plain_title


def _incidents(post: Post, hour: datetime) -> Iterator[str]:
    scope = post.scope()
    number = scope.count()
    if not number:
        yield _("It has no incidents.")
        return
    own = publishing.incidents_published_by(post).values("pk")
    before = scope.published(hour).exclude(pk__in=own).count()
    fresh = number - before
    yield ngettext("It has %d incident.", "It has %d incidents.", number) % number
    yield (
        ngettext("%d incident is published with it.", "%d incidents are published with it.", fresh)
        % fresh
    )
    if before:
        yield ngettext("%d is public already.", "%d are public already.", before) % before


def _entry(post: Post) -> str:
    if post.updated_at is None:
        return _("Subscribers get a new entry.")
    return _("Subscribers had its entry before; it is updated.")


def _edited(post: Post, notify: bool) -> Iterator[str]:
    yield _("Readers see an edit at once, at %s.") % absolute(post.get_absolute_url())
    if notify:
        yield _("Subscribers see it as updated: its feed entry gets a new date.")
    else:
        yield _("Subscribers are not notified: its feed entry changes and its date does not.")


def _unpublished(post: Post, public: bool) -> Iterator[str]:
    if public:
        yield _("Its address gives 404: %s.") % absolute(post.get_absolute_url())
    else:
        yield _("It is not published on its date.")
    private = publishing.incidents_published_by(post).count()
    again = ngettext("%d incident becomes private.", "%d incidents become private.", private)
    yield again % private
    if public:
        yield _("Its entry leaves the feeds; copies that subscribers fetched remain.")
    else:
        yield _("Subscribers have seen nothing of it.")
