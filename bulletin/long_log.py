"""A log of thousands of weeks in bulk, of the demo's words: to see how a large one behaves.

The same number of weeks up to the same day gives the same rows, but for `edited_at`. Texts are
rendered as a save would render them, once for each text that the demo has.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.db import reset_queries, transaction
from django.db.models import Model
from django.utils.text import slugify

from bulletin.models import Article, Author, Bulletin, Status
from incidents import fulltext, markup, time_zones, weeks
from incidents.fields import default_zone, site_zone
from incidents.models import SLUG_LENGTH, Addendum, Incident, Region, Service

# Ten years of weeks with 5,000 incidents are 520: this many in so many weeks, evenly.
INCIDENTS, WEEKS = 125, 13
# Weeks that are written in one transaction; all that is in memory at once.
BATCH = 104
# Posts and incidents of more weeks would begin before the year 100.
MOST = 100_000
WEEKS_A_YEAR = 52
# Every so many incidents one has an addendum, is told a week late, follows the one before.
CORRECTED, LATE, FOLLOWS = 40, 90, 50
NUMBER = "0000000"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "demo:long")


@dataclass(frozen=True)
class Tale:
    """An incident to tell again: its row, not stored, and the codes and names it is linked to."""

    incident: Incident
    regions: Sequence[str]
    services: Sequence[str]


@dataclass(frozen=True)
class Essay:
    text: str
    html: str
    headings: list[list[str]]


class LongLog:
    """Writes `number` weeks up to the last whole one before `at`, telling `tales` by turns."""

    def __init__(self, number: int, at: datetime, tales: Sequence[Tale], essays: Sequence[str]):
        self.number, self.zone = number, site_zone()
        # Neither of one title on one day: a slug is then free without a look.
        self.tales = list({tale.incident.title: tale for tale in tales}.values())
        self.essays = [essay_of(text) for text in essays]
        week = weeks.week_containing(at.astimezone(self.zone).date(), settings.FIRST_WEEKDAY)
        self.newest = week.first - timedelta(days=1)
        self.author = Author.objects.get_or_create(name="Infrastructure team")[0]
        self.regions = {
            code: Region.objects.get_or_create(code=code, defaults={"place": code})[0].pk
            for code in dict.fromkeys(code for tale in self.tales for code in tale.regions)
        }
        self.services = {
            name: Service.objects.get_or_create(name=name)[0].pk
            for name in dict.fromkeys(name for tale in self.tales for name in tale.services)
        }

    def write(self, tell: Callable[[int, int], None]) -> None:
        """Calls `tell` with the weeks that are written so far, and with all."""
        with fulltext.made_anew():
            for first in range(0, self.number, BATCH):
                after = min(first + BATCH, self.number)
                with transaction.atomic():
                    self._write(range(first, after))
                # Which Django keeps where DEBUG is on.
                reset_queries()
                tell(after, self.number)

    def _write(self, numbers: range) -> None:
        told = {number: [*map(self._incident, counted(number))] for number in numbers}
        incidents = [one for ones in told.values() for one in ones]
        Incident.objects.bulk_create(incidents)
        self._link(incidents, counted(numbers[0]).start)
        bulletins = [self._bulletin(number) for number in numbers]
        Bulletin.objects.bulk_create(bulletins)
        articles = [
            self._article(number, told[number][0])
            for number in numbers
            if number % WEEKS_A_YEAR == WEEKS_A_YEAR - 1
        ]
        Article.objects.bulk_create(articles)
        pairs = list(zip(bulletins, told.values(), strict=True))
        link(Bulletin.published_incidents, [(post, one) for post, ones in pairs for one in ones])
        link(Bulletin.authors, [(post, self.author) for post in bulletins])
        link(Article.authors, [(post, self.author) for post in articles])
        firsts = [told[number][0] for number in numbers if number % WEEKS_A_YEAR == 51]
        link(Article.incidents, list(zip(articles, firsts, strict=True)))

    # Rows -----------------------------------------------------------------------------

    def _week(self, number: int) -> weeks.Period:
        last = self.newest - timedelta(weeks=self.number - 1 - number)
        return weeks.Period(last - timedelta(days=weeks.DAYS_IN_WEEK - 1), last)

    def _hour(self, number: int) -> datetime:
        """When the bulletin of that week is published: at ten on the day after."""
        day = self._week(number).last + timedelta(days=1)
        return time_zones.resolve_wall_time(datetime.combine(day, time(10)), self.zone)

    def _incident(self, n: int) -> Incident:
        tale = self.tales[n % len(self.tales)].incident
        week = (n * WEEKS) // INCIDENTS
        ours = counted(week)
        within = (n - ours.start) * weeks.DAYS_IN_WEEK // len(ours)
        day = self._week(week).first + timedelta(days=within)
        start = time_zones.resolve_wall_time(
            datetime.combine(day, tale.local_start.time()), self.zone
        )
        body, html = told_again(tale.body, n)
        return Incident(
            uid=uuid.uuid5(NAMESPACE, f"incident {n}"),
            title=tale.title,
            slug=slug_of(day, tale.plain_title),
            started_at=start,
            ended_at=time_zones.add_elapsed(start, tale.length) if tale.length else None,
            precision=tale.precision,
            zone=default_zone(),
            impact=tale.impact,
            scope=tale.scope,
            kind=tale.kind,
            body=body,
            body_html=html,
            publish_at=self._hour(
                week + 1 if n % LATE == LATE - 1 and week + 1 < self.number else week
            ),
        )

    def _bulletin(self, number: int) -> Bulletin:
        week, hour, essay = self._week(number), self._hour(number), self._essay(number)
        return Bulletin(
            uid=uuid.uuid5(NAMESPACE, f"bulletin {number}"),
            date=week.last,
            period_first=week.first,
            period_last=week.last,
            essay=essay.text,
            essay_html=essay.html,
            headings=essay.headings,
            status=Status.PUBLISHED,
            publish_at=hour,
            incidents_publish_at=hour,
        )

    def _article(self, number: int, incident: Incident) -> Article:
        essay, hour = self._essay(number), self._hour(number) + timedelta(hours=1)
        return Article(
            uid=uuid.uuid5(NAMESPACE, f"article {number}"),
            slug=f"after-{incident.slug}"[:SLUG_LENGTH].rstrip("-"),
            title=f"After the fact: {incident.title}",
            body=essay.text,
            body_html=essay.html,
            headings=essay.headings,
            status=Status.PUBLISHED,
            publish_at=hour,
            incidents_publish_at=hour,
        )

    def _essay(self, number: int) -> Essay:
        return self.essays[number % len(self.essays)]

    def _link(self, incidents: Sequence[Incident], first: int) -> None:
        """What the tales say of places and services, corrections, and what follows what."""
        tales = [self.tales[n % len(self.tales)] for n in range(first, first + len(incidents))]
        pairs = list(zip(incidents, tales, strict=True))
        regions = [(one, self.regions[code]) for one, tale in pairs for code in tale.regions]
        services = [(one, self.services[name]) for one, tale in pairs for name in tale.services]
        link(Incident.regions, regions)
        link(Incident.services, services)
        following = [pair for n, pair in enumerate(pairwise(incidents), first) if n % FOLLOWS == 0]
        link(Incident.related, [pair for a, b in following for pair in ((a, b), (b, a))])
        Addendum.objects.bulk_create(
            self._addendum(one) for n, one in enumerate(incidents, first) if n % CORRECTED == 0
        )

    def _addendum(self, incident: Incident) -> Addendum:
        text = "It was the cable after all."
        publish_at = (incident.publish_at or incident.started_at) + timedelta(days=3)
        html = rendered(text)
        return Addendum(incident=incident, body=text, body_html=html, publish_at=publish_at)


# What rows are made of ----------------------------------------------------------------


def counted(week: int) -> range:
    """The numbers of the incidents of a week, all counted from the first."""
    return range(*(-(-number * INCIDENTS // WEEKS) for number in (week, week + 1)))


def link(field: Any, pairs: Sequence[tuple[Model, Model | int]]) -> None:
    """Rows of a many-to-many field; the second of a pair is a row or its key."""
    through = field.through
    source, target = field.field.m2m_field_name(), field.field.m2m_reverse_field_name()
    through.objects.bulk_create(
        through(**{f"{source}_id": one.pk, f"{target}_id": getattr(other, "pk", other)})
        for one, other in pairs
    )


def slug_of(day: date, title: str) -> str:
    """As Incident names one whose name is free."""
    words = slugify(title.replace("_", " ")).strip("-") or "incident"
    return f"{day.isoformat()}-{words}"[:SLUG_LENGTH].rstrip("-")


def told_again(body: str, number: int) -> tuple[str, str]:
    """Text and HTML of a write-up that says its number, so that no two are the same."""
    text = f"{body}\n\nIt is number {NUMBER} of the log."
    told = f"{number:0{len(NUMBER)}}"
    return text.replace(NUMBER, told), rendered(text).replace(NUMBER, told)


@lru_cache(maxsize=1_000)
def rendered(text: str) -> str:
    return markup.render(text, markup.INCIDENT).html


def essay_of(text: str) -> Essay:
    made = markup.render(text, markup.ESSAY)
    return Essay(text, made.html, [[heading.text, heading.id] for heading in made.headings])
