"""Fill an empty log with the demo: the weeks of an invented provider, in bulletin/demo/."""

from __future__ import annotations

import re
import tomllib
import uuid
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from bulletin import publishing, uploads
from bulletin.admin.views import store
from bulletin.models import Article, Author, Bulletin, Post, SiteSettings, Status
from incidents import time_zones, weeks
from incidents.choices import Impact, Precision
from incidents.durations import parse_duration
from incidents.models import Addendum, Incident, Region, Service
from incidents.site import absolute, site_zone

FOLDER: Final = settings.BASE_DIR / "bulletin" / "demo"
# The newest weeks are written as if the log were first loaded in the week of this day; they
# move by whole weeks to the week in which it is.
WRITTEN_IN: Final = date(2024, 8, 18)
IMAGE: Final = re.compile(r"\]\(([\w-]+\.png)\)")

Row = dict[str, Any]


class Command(BaseCommand):
    help = "Load the demo log into an empty database; where it is loaded already, do nothing."

    def handle(self, **options: Any) -> None:
        if Bulletin.objects.filter(uid__in=map(uid_of, FOLDER.glob("*/*.toml"))).exists():
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


class Demo:
    """One load, at the instant `at`."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.incidents: dict[str, Incident] = {}  # by title

    def load(self) -> None:
        site = self.read(FOLDER / "site.toml")
        for name in site.pop("partners"):
            Service.objects.get_or_create(name=name, defaults={"ours": False})
        SiteSettings(**site).save()
        for path in sorted(FOLDER.glob("bulletins/*.toml")):
            self.load_bulletin(self.read(path), uid_of(path))
        for path in sorted(FOLDER.glob("articles/*.toml")):
            self.load_article(self.read(path), uid_of(path))

    def read(self, path: Path) -> Row:
        row = tomllib.loads(path.read_text(encoding="utf-8"))
        today = self.at.astimezone(site_zone()).date()
        since = weeks.week_containing(today).first - WRITTEN_IN
        read: Row = adapted(row, since if row.pop("floating", False) else timedelta())
        return read

    def load_bulletin(self, row: Row, uid: uuid.UUID) -> None:
        fields = ("date", "period_first", "period_last", "title", "intro", "essay")
        post = Bulletin(uid=uid, **chosen(row, *fields))
        incidents: list[Row] = row.get("incidents", [])
        for incident in incidents:
            if "publish_at" not in incident:
                self.load_incident(incident)
        self.save_post(post, row)
        for incident in incidents:
            if "publish_at" in incident:
                late = self.load_incident(incident)
                publishing.publish_incidents([late], incident["publish_at"])

    def load_article(self, row: Row, uid: uuid.UUID) -> None:
        body = IMAGE.sub(stored_image, row["body"])
        post = Article(uid=uid, body=body, **chosen(row, "title", "slug"))
        post.save()
        post.incidents.set(self.incidents[title] for title in row["incidents"])
        self.save_post(post, row)

    def save_post(self, post: Post, row: Row) -> None:
        """As a draft, or published with its incidents, as an editor would."""
        post.publish_at = row.get("publish_at")
        if "in_days" in row:
            day = self.at.astimezone(site_zone()).date() + timedelta(days=row["in_days"])
            wall_time = datetime.combine(day, time(10))
            post.publish_at = time_zones.resolve_wall_time(wall_time, site_zone())
        post.status = Status.PUBLISHED if post.publish_at else Status.DRAFT
        post.save()
        post.authors.set(Author.objects.get_or_create(name=name)[0] for name in row["authors"])
        if post.publish_at:
            publishing.sync_publication(post, min(post.publish_at, self.at))

    def load_incident(self, row: Row) -> Incident:
        incident = to_incident(row)
        incident.save()
        for code in row.get("regions", []):
            incident.regions.add(Region.objects.get_or_create(code=code)[0])
        for name in row.get("services", []):
            incident.services.add(Service.objects.get_or_create(name=name)[0])
        incident.related.set(self.incidents[title] for title in row.get("related", []))
        for addendum in row.get("addenda", []):
            Addendum(incident=incident, **addendum).save()
        self.incidents[incident.title] = incident
        return incident


def to_incident(row: Row) -> Incident:
    fields = ("title", "scope", "kind", "body", "proposed", "status_url", "started_at", "zone")
    incident = Incident(**chosen(row, *fields, "status_posted_at"))
    if "impact" in row:
        incident.impact = Impact[row["impact"].upper()]
    if "postmortem" in row:
        incident.postmortem_url = absolute(reverse("article", args=[row["postmortem"]]))
    length = row.get("length", Precision.UNKNOWN)
    if length in (Precision.UNKNOWN, Precision.ONGOING):
        incident.precision = Precision(length)
    else:
        parsed = parse_duration(length)
        elapsed = timedelta(minutes=parsed.minutes)
        incident.precision = Precision.ABOUT if parsed.about else Precision.EXACT
        incident.ended_at = time_zones.add_elapsed(incident.started_at, elapsed)
    return incident


def adapted(value: Any, since: timedelta) -> Any:
    """Days `since` later than they are written, and texts as a form has them, so that the first
    save in the admin changes no end of one; their links lead below the site's own path."""
    if isinstance(value, dict):
        return {name: adapted(each, since) for name, each in value.items()}
    if isinstance(value, list):
        return [adapted(each, since) for each in value]
    if isinstance(value, datetime) and value.tzinfo is None:
        return time_zones.resolve_wall_time(value + since, site_zone())
    if isinstance(value, date):
        return value + since
    return value.strip().replace("](/", f"]({reverse('home')}") if isinstance(value, str) else value


def chosen(row: Row, *keys: str) -> Row:
    return {key: row[key] for key in keys if key in row}


def uid_of(path: Path) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo:{path.stem}")


def stored_image(match: re.Match[str]) -> str:
    with (FOLDER / "articles" / match[1]).open("rb") as file:
        picture = uploads.read_picture(file)
    store(picture)
    return f"]({reverse('media', args=[picture.name])})"
