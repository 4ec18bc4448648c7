"""Every public address with the date of its last change."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.urls import reverse
from django.utils import timezone

from bulletin.models import Article, Bulletin
from bulletin.views import SECTIONS
from incidents.fields import site_zone
from incidents.models import Incident
from incidents.weeks import instants_of


class SiteSitemap(Sitemap[Any]):
    """Made of SITE_URL, whatever host the request named."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return str(urlsplit(settings.SITE_URL).netloc)


class Pages(SiteSitemap):
    def items(self) -> list[str]:
        years = Bulletin.objects.published(timezone.now()).dates("date", "year", order="DESC")
        lists = [reverse(name) for name in ("home", *SECTIONS)]
        return lists + [reverse("archive_year", args=[first.year]) for first in years]

    def location(self, item: str) -> str:
        return item


class Bulletins(SiteSitemap):
    """A bulletin changes with the incidents that it lists."""

    def items(self) -> list[Bulletin]:
        at = timezone.now()
        changes = sorted(dated(at).values_list("started_at", "changed_at"))
        bulletins = list(Bulletin.objects.published(at).by_date())
        for bulletin in bulletins:
            first, after = instants_of(bulletin.period, site_zone())
            listed = changes[bisect_left(changes, (first,)) : bisect_left(changes, (after,))]
            news = [changed for _started, changed in listed]
            bulletin.edited_at = max(filter(None, [bulletin.edited_at, bulletin.publish_at, *news]))
        return bulletins

    def lastmod(self, item: Bulletin) -> datetime:
        return item.edited_at


class Articles(SiteSitemap):
    def items(self) -> QuerySet[Article]:
        return Article.objects.published(timezone.now()).newest_first()

    def lastmod(self, item: Article) -> datetime:
        return max(filter(None, [item.edited_at, item.publish_at]))


class Incidents(SiteSitemap):
    def items(self) -> QuerySet[Any]:
        return dated(timezone.now())

    def lastmod(self, item: Any) -> datetime:
        return cast(datetime, item.changed_at)


def dated(at: datetime) -> QuerySet[Any]:
    """The told incidents, each with the hour of its last change: told, edited, added to."""
    newest = Max("addenda__told_at", filter=Q(addenda__told_at__lte=at))
    changed = Greatest("edited_at", "told_at", Coalesce(newest, "told_at"))
    return Incident.objects.public(at).newest_first().annotate(changed_at=changed)


SITEMAPS: dict[str, type[Sitemap[Any]]] = {
    "pages": Pages,
    "bulletins": Bulletins,
    "articles": Articles,
    "incidents": Incidents,
}
