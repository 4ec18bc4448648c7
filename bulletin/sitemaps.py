"""Every public address with the date of its last change."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from bulletin.models import Article, Bulletin, Post
from incidents.models import Incident


class SiteSitemap(Sitemap[Any]):
    """Made of SITE_URL, whatever host the request named."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return str(urlsplit(settings.SITE_URL).netloc)


class Pages(SiteSitemap):
    def items(self) -> list[str]:
        years = Bulletin.objects.published(timezone.now()).dates("date", "year", order="DESC")
        lists = [reverse(name) for name in ("home", "archive", "incidents")]
        return lists + [reverse("archive_year", args=[first.year]) for first in years]

    def location(self, item: str) -> str:
        return item


class Rows(SiteSitemap):
    def lastmod(self, item: Post | Incident) -> datetime:
        return item.edited_at


class Bulletins(Rows):
    def items(self) -> QuerySet[Bulletin]:
        return Bulletin.objects.published(timezone.now()).by_date()


class Articles(Rows):
    def items(self) -> QuerySet[Article]:
        return Article.objects.published(timezone.now()).newest_first()


class Incidents(Rows):
    def items(self) -> QuerySet[Incident]:
        return Incident.objects.public(timezone.now()).newest_first()


SITEMAPS: dict[str, type[Sitemap[Any]]] = {
    "pages": Pages,
    "bulletins": Bulletins,
    "articles": Articles,
    "incidents": Incidents,
}
