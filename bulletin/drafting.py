"""The week's draft, made of its incidents: period, heading, and a list of what is left to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletin.models import Bulletin, Status
from incidents import markdown, weeks
from incidents.choices import Precision
from incidents.models import Incident
from incidents.site import site_zone

# Characters of a write-up's own words below which it says too little.
THIN = 80
# Bytes of a checklist beyond which no line is added: its field must stay one that can be saved.
LONGEST_CHECKLIST = 150_000
# Two years of bulletins: reading all takes 550 ms with 52,000, on each list page.
NEWEST = 104
_ITEM = re.compile(r"(?:[-*+]\s+)?(?:\[([ xX])\]\s+)?(.*)")


class AlreadyDecided(Exception):
    """The date has a published or scheduled bulletin; nothing was written."""


class Gap(models.TextChoices):
    """What an incident lacks that readers will look for."""

    IMPACT = "impact", gettext_lazy("no impact")
    LENGTH = "length", gettext_lazy("no length")
    REGION = "regions", gettext_lazy("no region")
    WRITE_UP = "body", gettext_lazy("thin write-up")
    PROPOSALS = "to_confirm", gettext_lazy("suggestions to confirm")

    def task(self, incident: Incident) -> str:
        """What an editor does about it; equal for equal gaps, so that none is listed twice."""
        phrases = {
            Gap.IMPACT: _("Set the impact of “%(title)s” (%(start)s)"),
            Gap.LENGTH: _("Give the length of “%(title)s” (%(start)s)"),
            Gap.REGION: _("Name the region of “%(title)s” (%(start)s)"),
            Gap.WRITE_UP: _("Write up “%(title)s” (%(start)s)"),
            Gap.PROPOSALS: _("Confirm the suggestions for “%(title)s” (%(start)s)"),
        }
        title = " ".join(incident.plain_title.split())
        return phrases[self] % {"title": title, "start": f"{incident.local_start:%Y-%m-%d %H:%M}"}


def gaps(incident: Incident) -> list[Gap]:
    """The one rule of dashboard, rows and publish checks. What is ongoing lacks no length."""
    lacks = {
        Gap.PROPOSALS: bool(incident.proposed),
        Gap.LENGTH: incident.precision == Precision.UNKNOWN,
        Gap.IMPACT: incident.impact is None,
        Gap.REGION: not incident.regions.all(),
        # Enough to know: a page of hundreds of long write-ups must not read them all.
        Gap.WRITE_UP: len(markdown.plain(incident.body[: 20 * THIN])) < THIN,
    }
    return [gap for gap, is_open in lacks.items() if is_open]


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


@transaction.atomic
def draft_week(at: datetime) -> tuple[Bulletin, list[str]]:
    """The draft of the next period, made where there is none, and the lines that its checklist
    lacked. Nothing else of a draft is touched, and no line of its checklist is changed or moved.

    AlreadyDecided where a bulletin that isn't a draft has its date.
    """
    made = _draft(next_period(at))
    bulletin = Bulletin.objects.select_for_update().get(pk=made.pk)
    if bulletin.status != Status.DRAFT:
        raise AlreadyDecided(
            _("The bulletin of %s is published or scheduled already.") % bulletin.date
        )
    added = list(_missing(bulletin.checklist, _tasks(bulletin)))
    if added:
        checklist = bulletin.checklist
        glue = "\n" if checklist and not checklist.endswith("\n") else ""
        bulletin.checklist = checklist + glue + "".join(f"- [ ] {task}\n" for task in added)
        bulletin.save(update_fields=["checklist", "edited_at"])
    return bulletin, added


def draft_of(period: weeks.Period) -> Bulletin | None:
    return Bulletin.objects.filter(status=Status.DRAFT).overlapping(period).by_date().first()


def _draft(period: weeks.Period) -> Bulletin:
    if draft := draft_of(period):
        return draft
    days = {"period_first": period.first, "period_last": period.last}
    # Whoever presses at the same moment gets the row that the other made.
    return Bulletin.objects.get_or_create(date=period.last, defaults=days)[0]


def _tasks(bulletin: Bulletin) -> Iterator[str]:
    incidents = bulletin.scope().in_time_order().prefetch_related("regions")
    for incident in incidents:
        for gap in gaps(incident):
            yield gap.task(incident)
    if not bulletin.essay:
        yield _("Write the essay")
    yield _("Read the preview on a phone")


def _missing(checklist: str, tasks: Iterable[str]) -> Iterator[str]:
    """The tasks that no line has, ticked or not, with or without other words."""
    lines = [words for words, _done in items(checklist)]
    size = len(checklist.encode())
    for task in dict.fromkeys(tasks):
        size += len(f"- [ ] {task}\r\n".encode())
        if size <= LONGEST_CHECKLIST and not any(task in line for line in lines):
            yield task


def items(checklist: str) -> list[tuple[str, bool | None]]:
    """The words of each line, and whether it is ticked; None where it has no box."""
    found = filter(None, (_ITEM.fullmatch(line.strip()) for line in checklist.splitlines()))
    return [(one[2], None if one[1] is None else one[1] in "xX") for one in found if one[2]]
