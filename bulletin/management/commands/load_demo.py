"""Fill an empty log with the demo: the weeks of an invented provider, in bulletin/demo/."""

from __future__ import annotations

import re
import tomllib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from bulletin import long_log, publishing
from bulletin.desk import uploads
from bulletin.desk.views import store
from bulletin.long_log import LongLog, Tale
from bulletin.models import Article, Author, Bulletin, Post, SiteSettings, Status
from incidents import time_zones, weeks
from incidents.addresses import absolute
from incidents.durations import parse_duration
from incidents.fields import site_zone
from incidents.models import Addendum, Incident, Region, Service
from incidents.scales import Impact, Precision

ROOM = settings.BASE_DIR / "bulletin" / "demo"
# The newest weeks are written as if the log were first loaded in the week of this day; they
# move by whole weeks to the week in which it is.
WRITTEN_IN = date(2024, 8, 18)
# Characters of the bar that shows how far a long log is.
BAR = 40
_FIGURE = re.compile(r"\]\(([\w-]+\.png)\)")

Row = dict[str, Any]


class Command(BaseCommand):
    help = "Load the demo log into an empty database; where it is loaded already, do nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--scale",
            type=int,
            metavar="N",
            help="Instead of the demo log, make one of N weeks with ten incidents each, to see how "
            "a large one behaves. 52000 are a thousand years, and take minutes.",
        )

    def handle(self, **options: Any) -> None:
        if options["scale"] is not None:
            self.make_long(options["scale"])
            return
        if Bulletin.objects.filter(uid__in=map(uid_of, ROOM.glob("*/*.toml"))).exists():
            self.stdout.write("The demo log is loaded already; nothing changed.")
            return
        if Bulletin.objects.exists() or Incident.objects.exists():
            self.stdout.write("This database holds a log of its own; the demo is left out.")
            return
        with transaction.atomic():
            Demo(timezone.now()).load()
        self.stdout.write(
            f"Loaded the demo log: {Bulletin.objects.count()} bulletins, "
            f"{Incident.objects.count()} incidents, {Article.objects.count()} articles."
        )

    def make_long(self, number: int) -> None:
        if not 1 <= number <= long_log.MOST:
            raise CommandError(f"--scale takes 1 to {long_log.MOST} weeks.")
        if any(model.objects.exists() for model in (Bulletin, Article, Incident)):
            raise CommandError("This database holds a log already; nothing was written.")
        demo = Demo(timezone.now())
        weeks_told = [demo.read(path) for path in files("bulletins")]
        tales = [
            Tale(demo.unsaved(row), row.get("regions", []), row.get("services", []))
            for week in weeks_told
            for row in week.get("incidents", [])
        ]
        essays = [linked(week["essay"]) for week in weeks_told if "essay" in week]
        LongLog(number, demo.at, tales, essays).write(self.tell)
        self.stdout.write(
            f"Made a log of {Bulletin.objects.count()} bulletins and "
            f"{Incident.objects.count()} incidents."
        )

    def tell(self, done: int, number: int) -> None:
        """A bar on a terminal, and nothing where errors are kept in a file."""
        if self.stderr.isatty():
            bar = "█" * (BAR * done // number)
            self.stderr.write(f"\r{bar:░<{BAR}} {done:,} of {number:,} weeks", ending="")
            if done == number:
                self.stderr.write("\nNow its search index …")


def uid_of(path: Path) -> uuid.UUID:
    """The id of the post in `path`: by it a later load knows that this one took place."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo:{path.stem}")


def files(kind: str) -> list[Path]:
    return sorted((ROOM / kind).glob("*.toml"))


@dataclass
class Demo:
    """One load, at the instant `at`; `incidents` are those made so far, by title."""

    at: datetime
    incidents: dict[str, Incident] = field(default_factory=dict)
    floating: bool = False

    def load(self) -> None:
        site = tomllib.loads((ROOM / "site.toml").read_text(encoding="utf-8"))
        links = site["footer_links"]
        SiteSettings(
            about=site["notice"].strip(), tagline=site["tagline"], footer_links=links
        ).save()
        for name in site["partners"]:
            Service.objects.get_or_create(name=name, defaults={"ours": False})
        for path in files("bulletins"):
            self.bulletin(path, self.read(path))
        for path in files("articles"):
            self.article(path, self.read(path))

    def read(self, path: Path) -> Row:
        row: Row = trimmed(tomllib.loads(path.read_text(encoding="utf-8")))
        self.floating = row.pop("floating", False)
        return row

    # Posts ----------------------------------------------------------------------------

    def bulletin(self, path: Path, row: Row) -> None:
        last = self.day(row["date"])
        days = row.get("weeks", 1) * weeks.DAYS_IN_WEEK
        post = Bulletin(
            uid=uid_of(path), date=last, period_last=last, **chosen(row, "title", "intro")
        )
        post.period_first = last - timedelta(days=days - 1)
        post.essay = linked(row.get("essay", ""))
        incidents: list[Row] = row.get("incidents", [])
        self.add_incidents(one for one in incidents if "told" not in one)
        self.publish(post, row)
        self.add_incidents(one for one in incidents if "told" in one)

    def article(self, path: Path, row: Row) -> None:
        post = Article(uid=uid_of(path), title=row["title"], slug=row["slug"])
        post.body = _FIGURE.sub(figure, linked(row["body"]))
        post.save()
        post.incidents.set(self.incidents[title] for title in row["incidents"])
        self.publish(post, row)

    def publish(self, post: Post, row: Row) -> None:
        """As a draft, or with the incidents told at the post's own hour, as an editor would."""
        hour = self.hour(row)
        if hour:
            post.status, post.publish_at = Status.PUBLISHED, hour
        post.save()
        post.authors.set(Author.objects.get_or_create(name=name)[0] for name in row["authors"])
        if hour:
            publishing.sync_publication(post, min(hour, self.at))

    def hour(self, row: Row) -> datetime | None:
        if "in_days" in row:
            day = self.at.astimezone(site_zone()).date() + timedelta(days=row["in_days"])
            return time_zones.resolve_wall_time(datetime.combine(day, time(10)), site_zone())
        return self.instant(row["publish"]) if "publish" in row else None

    # Incidents ------------------------------------------------------------------------

    def add_incidents(self, rows: Iterable[Row]) -> None:
        for row in rows:
            incident = self.incident(row)
            self.attach(incident, row)
            self.incidents[incident.title] = incident
            if "told" in row:
                publishing.publish_incidents([incident], self.instant(row["told"]))

    def incident(self, row: Row) -> Incident:
        one = self.unsaved(row)
        one.save()
        return one

    def unsaved(self, row: Row) -> Incident:
        zone = ZoneInfo(row.get("zone", settings.TIME_ZONE))
        copied = chosen(row, "title", "scope", "kind", "body", "proposed", "status_url")
        one = Incident(zone=zone.key, started_at=self.instant(row["start"], zone), **copied)
        if "impact" in row:
            one.impact = Impact[row["impact"].upper()]
        set_length(one, row.get("length", "unknown"))
        if "status_posted" in row:
            one.status_posted_at = self.instant(row["status_posted"], zone)
        if "postmortem" in row:
            one.postmortem_url = absolute(reverse("article", args=[row["postmortem"]]))
        return one

    def attach(self, incident: Incident, row: Row) -> None:
        for code in row.get("regions", []):
            incident.regions.add(
                Region.objects.get_or_create(code=code, defaults={"place": code})[0]
            )
        for name in row.get("services", []):
            incident.services.add(Service.objects.get_or_create(name=name)[0])
        incident.related.set(self.incidents[title] for title in row.get("related", []))
        for addendum in row.get("addenda", []):
            told = self.instant(addendum["told"])
            Addendum(incident=incident, body=addendum["body"], publish_at=told).save()

    # Time -----------------------------------------------------------------------------

    def instant(self, wall: datetime, zone: ZoneInfo | None = None) -> datetime:
        return time_zones.resolve_wall_time(
            datetime.combine(self.day(wall.date()), wall.time()), zone or site_zone()
        )

    def day(self, day: date) -> date:
        """`day` as written or, in the newest weeks, as far before the load as it was written."""
        if not self.floating:
            return day
        today = self.at.astimezone(site_zone()).date()
        return day + (weeks.week_containing(today).first - WRITTEN_IN)


def trimmed(value: Any) -> Any:
    """Texts as a form keeps them, so that the first save at the desk changes no end of one."""
    if isinstance(value, dict):
        return {name: trimmed(one) for name, one in value.items()}
    if isinstance(value, list):
        return list(map(trimmed, value))
    return value.strip() if isinstance(value, str) else value


def chosen(row: Row, *keys: str) -> Row:
    return {key: row[key] for key in keys if key in row}


def set_length(incident: Incident, length: str) -> None:
    if length in (Precision.UNKNOWN, Precision.ONGOING):
        incident.precision = Precision(length)
        return
    parsed = parse_duration(length)
    incident.precision = Precision.ABOUT if parsed.about else Precision.EXACT
    incident.ended_at = time_zones.add_elapsed(
        incident.started_at, timedelta(minutes=parsed.minutes)
    )


def linked(text: str) -> str:
    """`text` with its links to this site's pages below the site's own path."""
    return text.replace("](/", f"]({reverse('home')}")


def figure(match: re.Match[str]) -> str:
    """A picture of the demo's, stored as the desk stores an upload."""
    with (ROOM / "articles" / match[1]).open("rb") as file:
        picture = uploads.read_picture(file)
    store(picture)
    return f"]({reverse('media', args=[picture.name])})"
