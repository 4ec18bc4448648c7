"""The log itself in figures, asked of the database at each scrape."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import django
from django.db import DatabaseError
from django.db.models import Max, Min
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bulletin.models import Article, Bulletin
from bulletin.views import health
from incidents.models import Incident

VERSIONS: Final = {"django": django.get_version(), "python": platform.python_version()}


class Log(Collector):
    """The log as it is at `at`. Without the database its figures are missing, never nought."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("bulletin_build", "What the site runs on.", VERSIONS)
        database = health.database_status()
        ready = GaugeMetricFamily("bulletin_ready", "1 where a part is fine.", labels=["part"])
        for part, state in (database | health.cache_status()).items():
            ready.add_metric([part], state == health.OK)
        yield ready
        if set(database.values()) == {health.OK}:
            try:
                figures = self.figures()
            except DatabaseError:
                return
            for (name, words), value in figures.items():
                if value is not None:
                    yield GaugeMetricFamily(f"bulletin_{name}", words, value)

    def figures(self) -> dict[tuple[str, str], float | None]:
        """By name and words; None where there is nothing to tell."""
        at = self.at
        bulletins, articles = (posts.objects.published(at) for posts in (Bulletin, Article))
        coming = [
            posts.objects.scheduled_or_published().filter(publish_at__gt=at)
            for posts in (Bulletin, Article)
        ]
        told, untold = Incident.objects.published(at), Incident.objects.unpublished()
        newest = [
            posts.aggregate(hour=Max("publish_at"))["hour"] for posts in (bulletins, articles)
        ]
        next_ = [posts.aggregate(hour=Min("publish_at"))["hour"] for posts in coming]
        return {
            ("bulletins_published", "Bulletins that readers see."): bulletins.count(),
            ("articles_published", "Articles that readers see."): articles.count(),
            ("incidents_told", "Public incidents."): told.count(),
            ("incidents_untold", "Private incidents."): untold.count(),
            ("last_publication_timestamp_seconds", "The newest post's hour."): max(
                (hour.timestamp() for hour in newest if hour), default=None
            ),
            ("next_publication_timestamp_seconds", "The next scheduled post's hour."): min(
                (hour.timestamp() for hour in next_ if hour), default=None
            ),
        }
