"""A log of many weeks in bulk, made of the demo's incidents over and over: into the empty database
of DATABASE_URL by `python -m benchmarks.bulk_demo WEEKS`. The same weeks are the same rows."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.text import slugify

from bulletin.management.commands.load_demo import FOLDER, Demo, to_incident
from bulletin.models import Article, Author, Bulletin, Status
from incidents import markdown, search, time_zones
from incidents.models import SLUG_LENGTH, Addendum, Incident, Region, Service
from incidents.site import default_zone, site_zone
from incidents.weeks import Period, week_containing

# Weeks that are written in one transaction, all in memory at once.
BATCH = 104
# Every so many incidents one has an addendum, is published a week late.
CORRECTED, LATE = 40, 90
WEEKS_A_YEAR = 52


@dataclass(frozen=True)
class DemoIncident:
    """`incident` isn't stored."""

    incident: Incident
    regions: list[Region]
    services: list[Service]


class BulkDemo:
    """`weeks` weeks up to the last whole one before `at`."""

    def __init__(self, weeks: int, at: datetime) -> None:
        demo, self.weeks = Demo(at), weeks
        posts = [demo.read(path) for path in sorted(FOLDER.glob("bulletins/*.toml"))]
        rows = {row["title"]: row for post in posts for row in post.get("incidents", [])}
        # No title twice, so that none comes twice on one day and a slug is free.
        self.incidents = [
            DemoIncident(
                to_incident(row),
                list(Region.objects.filter(code__in=row.get("regions", []))),
                [Service.objects.get_or_create(name=name)[0] for name in row.get("services", [])],
            )
            for row in rows.values()
        ]
        self.essays = [essay_fields(post["essay"]) for post in posts if "essay" in post]
        today = at.astimezone(site_zone()).date()
        self.last_day = week_containing(today, settings.FIRST_WEEKDAY).first - timedelta(days=1)
        self.author = Author.objects.get_or_create(name="Infrastructure team")[0]

    def write(self) -> None:
        for first in range(0, self.weeks, BATCH):
            with transaction.atomic():
                for week in range(first, min(first + BATCH, self.weeks)):
                    self.write_week(week)
        search.rebuild()

    def write_week(self, week: int) -> None:
        numbers = incident_numbers(week)
        incidents = Incident.objects.bulk_create(self.incident(n, week) for n in numbers)
        demos = [self.incidents[n % len(self.incidents)] for n in numbers]
        pairs = list(zip(incidents, demos, strict=True))
        link(Incident.regions, [(one, region) for one, demo in pairs for region in demo.regions])
        link(
            Incident.services, [(one, service) for one, demo in pairs for service in demo.services]
        )
        Addendum.objects.bulk_create(
            addendum(one) for n, one in zip(numbers, incidents, strict=True) if n % CORRECTED == 0
        )
        [bulletin] = Bulletin.objects.bulk_create([self.bulletin(week)])
        link(Bulletin.published_incidents, [(bulletin, one) for one in incidents])
        link(Bulletin.authors, [(bulletin, self.author)])
        if week % WEEKS_A_YEAR == WEEKS_A_YEAR - 1:
            [article] = Article.objects.bulk_create([self.article(week, incidents[0])])
            link(Article.authors, [(article, self.author)])
            link(Article.incidents, [(article, incidents[0])])

    def period(self, week: int) -> Period:
        last = self.last_day - timedelta(weeks=self.weeks - 1 - week)
        return Period(last - timedelta(days=6), last)

    def publish_at(self, week: int) -> datetime:
        day = self.period(week).last + timedelta(days=1)
        return time_zones.resolve_wall_time(datetime.combine(day, time(10)), site_zone())

    def incident(self, n: int, week: int) -> Incident:
        demo, numbers = self.incidents[n % len(self.incidents)].incident, incident_numbers(week)
        day = self.period(week).first + timedelta(days=(n - numbers.start) * 7 // len(numbers))
        wall_time = datetime.combine(day, demo.local_start.time())
        start = time_zones.resolve_wall_time(wall_time, site_zone())
        is_late = n % LATE == LATE - 1 and week + 1 < self.weeks
        body, body_html = numbered_body(demo.body, n)
        return Incident(
            **{
                name: getattr(demo, name)
                for name in ("title", "precision", "impact", "scope", "kind")
            },
            uid=uid_of("incident", n),
            slug=slug_of(day, demo.plain_title),
            started_at=start,
            ended_at=time_zones.add_elapsed(start, demo.length) if demo.length else None,
            zone=default_zone(),
            body=body,
            body_html=body_html,
            publish_at=self.publish_at(week + is_late),
        )

    def bulletin(self, week: int) -> Bulletin:
        period, (text, html, headings) = self.period(week), self.essays[week % len(self.essays)]
        return Bulletin(
            uid=uid_of("bulletin", week),
            date=period.last,
            period_first=period.first,
            period_last=period.last,
            essay=text,
            essay_html=html,
            headings=headings,
            **self.published(week),
        )

    def article(self, week: int, incident: Incident) -> Article:
        text, html, headings = self.essays[week % len(self.essays)]
        return Article(
            uid=uid_of("article", week),
            slug=f"after-{incident.slug}"[:SLUG_LENGTH].rstrip("-"),
            title=f"After the fact: {incident.title}",
            body=text,
            body_html=html,
            headings=headings,
            **self.published(week),
        )

    def published(self, week: int) -> dict[str, Any]:
        at = self.publish_at(week)
        return {"status": Status.PUBLISHED, "publish_at": at, "incidents_publish_at": at}


def incident_numbers(week: int) -> range:
    """Counted from the first of all; 5,200 weeks have 50,000."""
    return range(week * 125 // 13, (week + 1) * 125 // 13)


def link(field: Any, pairs: Sequence[tuple[Model, Model]]) -> None:
    names = field.field.m2m_column_name(), field.field.m2m_reverse_name()
    field.through.objects.bulk_create(
        field.through(**dict(zip(names, (row.pk, other.pk), strict=True))) for row, other in pairs
    )


def uid_of(kind: str, number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo:bulk:{kind} {number}")


def slug_of(day: date, title: str) -> str:
    words = slugify(title.replace("_", " ")).strip("-") or "incident"
    return f"{day.isoformat()}-{words}"[:SLUG_LENGTH].rstrip("-")


def addendum(incident: Incident) -> Addendum:
    text = "It was the cable after all."
    publish_at = (incident.publish_at or incident.started_at) + timedelta(days=3)
    return Addendum(incident=incident, body=text, body_html=rendered(text), publish_at=publish_at)


def numbered_body(body: str, number: int) -> tuple[str, str]:
    """Text and HTML that say a number, so that no two are the same; each text is rendered once."""
    text = f"{body}\n\nIt is number 0000000 of the log."
    return tuple(each.replace("0000000", f"{number:07}") for each in (text, rendered(text)))  # type: ignore[return-value]


@lru_cache
def rendered(text: str) -> str:
    return markdown.render(text, markdown.INCIDENT).html


def essay_fields(text: str) -> tuple[str, str, list[list[str]]]:
    essay = markdown.render(text, markdown.ESSAY)
    return text, essay.html, [[heading.text, heading.id] for heading in essay.headings]


if __name__ == "__main__":
    BulkDemo(int(sys.argv[1]), timezone.now()).write()
