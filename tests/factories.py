"""Rows for tests, whole unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, User

from bulletin import publishing
from bulletin.models import Article, Bulletin, Status
from incidents.models import Incident, Region, Service

# Noon in New York on the Sunday after the week that most tests are about.
PUBLISHED = datetime(2024, 7, 7, 16, tzinfo=UTC)
WEEK = {"period_first": date(2024, 6, 30), "period_last": date(2024, 7, 6)}


def make_incident(*, regions: str = "", services: str = "", **overrides: Any) -> Incident:
    """A told incident of July 2, 2024, 15:00 in New York, of exactly half an hour."""
    start = overrides.pop("started_at", datetime(2024, 7, 2, 19, tzinfo=UTC))
    minutes = overrides.pop("minutes", 30)
    fields: dict[str, Any] = {
        "title": "Packet loss",
        "started_at": start,
        "ended_at": start + timedelta(minutes=minutes) if minutes is not None else None,
        "precision": "exact" if minutes is not None else "unknown",
        "impact": 2,
        "body": "A switch dropped packets.",
        "publish_at": PUBLISHED,
    }
    incident = Incident.objects.create(**fields | overrides)
    incident.regions.set(Region.objects.filter(code__in=regions.split()))
    incident.services.set([Service.objects.get_or_create(name=one)[0] for one in services.split()])
    return incident


def make_bulletin(**overrides: Any) -> Bulletin:
    """The published bulletin of the week of July 6, 2024."""
    fields: dict[str, Any] = {
        "date": date(2024, 7, 6),
        "essay": "We moved a rack.",
        "status": Status.PUBLISHED,
        "publish_at": PUBLISHED,
    }
    bulletin = Bulletin.objects.create(**WEEK | fields | overrides)
    publishing.sync_publication(bulletin, max(PUBLISHED, bulletin.publish_at or PUBLISHED))
    return bulletin


def make_article(*, incidents: list[Incident] | None = None, **overrides: Any) -> Article:
    """A published article."""
    fields: dict[str, Any] = {
        "slug": "the-switch",
        "title": "The switch that dropped packets",
        "body": "## What broke\n\nA switch.",
        "status": Status.PUBLISHED,
        "publish_at": PUBLISHED,
    }
    article = Article.objects.create(**fields | overrides)
    article.incidents.set(incidents or [])
    publishing.sync_publication(article, max(PUBLISHED, article.publish_at or PUBLISHED))
    return article


def make_account(name: str, *groups: str) -> User:
    """A staff account in `groups`; in none it has no role."""
    user = User.objects.create_user(name, password="a long enough password", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=groups))
    return user


def make_editor(name: str = "editor") -> User:
    return User.objects.create_superuser(name, password="a long enough password")
