"""What publishing or unpublishing a post or an incident does, in sentences for editors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletin import publishing
from bulletin.models import Article, Bulletin, Post
from incidents.models import Incident
from incidents.site import absolute, site_zone
from incidents.templatetags.incident_tags import time_text


def publish_effects(row: Post | Incident, publish_at: datetime, at: datetime) -> list[str]:
    """What readers and subscribers will see of `row`, published at `at` for `publish_at`."""
    first = _readers_see(row, publish_at, at)
    if isinstance(row, Incident):
        return [first, *_of_incident(row, at)]
    places, incidents = _places(row, publish_at), _incidents(row, publish_at)
    return [first, *places, *incidents, _entry(row)]


def unpublish_effects(row: Post | Incident, at: datetime) -> list[str]:
    return list(_no_incident(row, at) if isinstance(row, Incident) else _no_post(row, at))


def moment(instant: datetime) -> str:
    """On the site's clock, with its abbreviation: Sunday, November 1, 2026, 01:30 EST."""
    there = instant.astimezone(site_zone())
    words = {"weekday": date_format(there, "l"), "time": time_text(there)}
    return _("%(weekday)s, %(time)s") % words


def _readers_see(row: Post | Incident, publish_at: datetime, at: datetime) -> str:
    address = absolute(row.get_absolute_url())
    if publish_at <= at:
        return _("Readers see it at once, at %s.") % address
    words = {"address": address, "moment": moment(publish_at), "wait": timeuntil(publish_at, at)}
    return _("Readers see it from %(moment)s on (in %(wait)s), at %(address)s.") % words


# Posts --------------------------------------------------------------------------------


def _places(post: Post, publish_at: datetime) -> Iterator[str]:
    if not isinstance(post, Bulletin):
        yield _("The pages of its incidents link to it.")
        return
    later = Bulletin.objects.published(publish_at).filter(date__gt=post.date).by_date().first()
    if later is None:
        yield _("It becomes the home page and is in the archive.")
    else:
        yield _("It is in the archive; the home page remains %s.") % later.plain_title


def _incidents(post: Post, publish_at: datetime) -> Iterator[str]:
    scope = post.own_incidents()
    number = scope.count()
    if not number:
        yield _("It has no incidents.")
        return
    own = publishing.incidents_published_by(post).values("pk")
    before = scope.published(publish_at).exclude(pk__in=own).count()
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


def _no_post(post: Post, at: datetime) -> Iterator[str]:
    public = post.is_public(at)
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


# Incidents ----------------------------------------------------------------------------


def _of_incident(incident: Incident, at: datetime) -> Iterator[str]:
    bulletin = _bulletin_of(incident)
    if bulletin is None:
        yield _("Its week's bulletin lists it when that is published.")
    elif bulletin.is_public(at):
        yield (
            _("“%s”, published already, lists it and draws it in its grid.") % bulletin.plain_title
        )
        yield _("Subscribers see that bulletin’s entry as updated.")
    elif bulletin.publish_at:
        words = {"title": bulletin.plain_title, "moment": moment(bulletin.publish_at)}
        yield _("“%(title)s” lists it, too, and is published %(moment)s.") % words
    if Bulletin.objects.published(at).filter(period_last__gte=incident.local_date).exists():
        yield _("The next bulletin lists it under “Late reports and corrections”.")
    if Article.objects.published(at).filter(incidents=incident).exists():
        yield _("The article on it lists it.")


def _no_incident(incident: Incident, at: datetime) -> Iterator[str]:
    yield _("Its address gives 404: %s.") % absolute(incident.get_absolute_url())
    bulletin = _bulletin_of(incident)
    if bulletin and bulletin.is_public(at):
        gone = _("It leaves “%s”, its grid and its entry in the feeds.")
        yield gone % bulletin.plain_title
    elif bulletin and bulletin.publish_at:
        words = {"title": bulletin.plain_title, "moment": moment(bulletin.publish_at)}
        yield _("“%(title)s” publishes it again: %(moment)s.") % words
    yield _("Copies that subscribers fetched remain.")


def _bulletin_of(incident: Incident) -> Bulletin | None:
    return Bulletin.objects.scheduled_or_published().containing_day(incident.local_date).first()
