"""Every public address with the date of its last change: one map while all of it is short, else an
index of maps of 5,000 addresses."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from bulletin.context_processors import SECTIONS
from bulletin.http_caching import cache_public, query_params
from bulletin.models import Article, Bulletin
from incidents.models import Addendum, Incident
from incidents.site import site_zone
from incidents.weeks import utc_bounds


class SiteSitemap(Sitemap[Any]):
    protocol = urlsplit(settings.SITE_URL).scheme
    limit = 5_000

    def __init__(self, at: datetime) -> None:
        self.at = at

    def get_latest_lastmod(self) -> None:
        """Django would read all items of all maps for the index."""


class Pages(SiteSitemap):
    def items(self) -> list[str]:
        years = Bulletin.objects.published(self.at).dates("date", "year", order="DESC")
        paths = [reverse(name) for name in ("home", *SECTIONS)]
        return paths + [reverse("archive_year", args=[first.year]) for first in years]

    def location(self, item: str) -> str:
        return item


class Bulletins(SiteSitemap):
    """A bulletin changes with the incidents that it lists."""

    def items(self) -> QuerySet[Bulletin]:
        return Bulletin.objects.published(self.at).by_date()

    @cached_property
    def changes(self) -> list[tuple[datetime, datetime]]:
        return sorted(with_changed_at(self.at).values_list("started_at", "changed_at"))

    def lastmod(self, item: Bulletin) -> datetime:
        start, end = (
            bisect_left(self.changes, (at,)) for at in utc_bounds(item.period, site_zone())
        )
        changed = [changed_at for _started_at, changed_at in self.changes[start:end]]
        return max(filter(None, [item.edited_at, item.publish_at, *changed]))


class Articles(SiteSitemap):
    def items(self) -> QuerySet[Article]:
        return Article.objects.published(self.at).newest_first()

    def lastmod(self, item: Article) -> datetime:
        return max(filter(None, [item.edited_at, item.publish_at]))


class Incidents(SiteSitemap):
    def items(self) -> Any:
        return with_changed_at(self.at).newest_first().only("slug")

    def lastmod(self, item: Any) -> Any:
        return item.changed_at


def with_changed_at(at: datetime) -> Any:
    """The published incidents with when they were last published, edited or added to."""
    addenda = Addendum.objects.filter(incident=OuterRef("pk"), publish_at__lte=at)
    newest = Subquery(addenda.order_by("-publish_at").values("publish_at")[:1])
    changed = Greatest("edited_at", "publish_at", Coalesce(newest, "publish_at"))
    return Incident.objects.published(at).annotate(changed_at=changed)


def sections(at: datetime) -> dict[str, Any]:
    kinds = {"pages": Pages, "bulletins": Bulletins, "articles": Articles, "incidents": Incidents}
    return {name: kind(at) for name, kind in kinds.items()}


@cache_public
@query_params("p")
def sitemap(request: HttpRequest, section: str | None = None) -> HttpResponseBase:
    # Django takes the host that was asked for the site's.
    request.META["HTTP_HOST"] = urlsplit(settings.SITE_URL).netloc
    maps = sections(timezone.now())
    if section is None and any(each.paginator.num_pages > 1 for each in maps.values()):
        return views.index(request, maps, sitemap_url_name="sitemap_section")
    return views.sitemap(request, maps, section)
