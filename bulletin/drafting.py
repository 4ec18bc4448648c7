"""The week's draft: its period, and what is left to do in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from bulletin.admin_urls import admin_url
from bulletin.models import Bulletin, Status
from incidents import weeks
from incidents.choices import Gap
from incidents.models import Incident
from incidents.site import site_zone

# Two years of bulletins: reading all takes 550 ms with 52,000, on each list page.
NEWEST = 104


class AlreadyDecided(Exception):
    """The date has a published or scheduled bulletin; nothing was written."""


def default_period(day: date) -> weeks.Period:
    until = Bulletin.objects.published_until(day)
    return weeks.default_period(day, until, settings.FIRST_WEEKDAY)


def next_period(at: datetime) -> weeks.Period:
    """What the next bulletin covers: up to the last full week, or, once that is published or
    scheduled, up to the end of the running one."""
    today = at.astimezone(site_zone()).date()
    period = default_period(today)
    if Bulletin.objects.scheduled_or_published().overlapping(period).exists():
        period = default_period(weeks.week_containing(today, settings.FIRST_WEEKDAY).last)
    return period


def uncovered(today: date) -> list[weeks.Period]:
    """Days up to the last full week that no bulletin covers, as far as the newest go back."""
    newest = Bulletin.objects.scheduled_or_published().by_period()[:NEWEST]
    periods = newest.values_list("period_first", "period_last")
    until = weeks.week_containing(today, settings.FIRST_WEEKDAY).first - timedelta(days=1)
    return weeks.uncovered([weeks.Period(*pair) for pair in periods], until)


def draft_of(period: weeks.Period) -> Bulletin | None:
    return Bulletin.objects.filter(status=Status.DRAFT).overlapping(period).by_date().first()


@transaction.atomic
def draft_week(at: datetime) -> tuple[Bulletin, bool]:
    """The draft of the next period, and whether it was made just now. Nothing of a draft that is
    there is touched.

    AlreadyDecided where a bulletin that isn't a draft has its date.
    """
    period = next_period(at)
    if draft := draft_of(period):
        return draft, False
    days = {"period_first": period.first, "period_last": period.last}
    # Whoever presses at the same moment gets the row that the other made.
    bulletin, is_new = Bulletin.objects.get_or_create(date=period.last, defaults=days)
    if bulletin.status != Status.DRAFT:
        raise AlreadyDecided(
            _("The bulletin of %s is published or scheduled already.") % bulletin.date
        )
    return bulletin, is_new


@dataclass(frozen=True, slots=True)
class Task:
    """What is left to do in a bulletin, and where."""

    sentence: str
    link: str


def tasks(bulletin: Bulletin) -> Iterator[Task]:
    """What is left to do before `bulletin` is published, on its own page."""
    page = admin_url(bulletin)
    for incident in bulletin.own_incidents().in_time_order().prefetch_related("regions"):
        for gap in incident.gaps():
            yield Task(_task(gap, incident), f"{page}#incident-{incident.pk}-{gap.value}")
    if not bulletin.essay:
        yield Task(_("Write the essay"), f"{page}#id_essay")


def _task(gap: Gap, incident: Incident) -> str:
    phrases = {
        Gap.IMPACT: _("Set the impact of “%s”"),
        Gap.LENGTH: _("Enter the length of “%s”"),
        Gap.REGION: _("Name the region of “%s”"),
        Gap.WRITE_UP: _("Write up “%s”"),
        Gap.SUGGESTIONS: _("Confirm the suggestions for “%s”"),
    }
    return phrases[gap] % incident.plain_title
