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
from django.db.models import OuterRef, Subquery
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

    def __init__(self, rows: Any) -> None:
        self.rows = rows

    def items(self) -> Any:
        return self.rows

    def lastmod(self, item: Any) -> datetime | None:
        return getattr(item, "changed_at", None)

    def get_latest_lastmod(self) -> None:
        """Django would read all items of all maps for the index."""


class Pages(SiteSitemap):
    def location(self, item: str) -> str:
        return item


class Bulletins(SiteSitemap):
    """A bulletin changes with the incidents that it lists."""

    def __init__(self, rows: Any, incidents: Any) -> None:
        super().__init__(rows)
        self.incidents = incidents

    @cached_property
    def changes(self) -> list[tuple[datetime, datetime]]:
        return sorted(self.incidents.values_list("started_at", "changed_at"))

    def lastmod(self, item: Any) -> datetime:
        start, end = (
            bisect_left(self.changes, (at,)) for at in utc_bounds(item.period, site_zone())
        )
        own: datetime = item.changed_at
        return max([own, *(changed_at for _started_at, changed_at in self.changes[start:end])])


def sections(at: datetime) -> dict[str, Any]:
    changed_at = Greatest("edited_at", "publish_at")
    bulletins = Bulletin.objects.published(at).annotate(changed_at=changed_at).by_date()
    articles = Article.objects.published(at).annotate(changed_at=changed_at).newest_first()
    addenda = Addendum.objects.filter(incident=OuterRef("pk"), publish_at__lte=at)
    newest = Subquery(addenda.order_by("-publish_at").values("publish_at")[:1])
    changed_at = Greatest("edited_at", "publish_at", Coalesce(newest, "publish_at"))
    incidents = Incident.objects.published(at).annotate(changed_at=changed_at).newest_first()
    years = Bulletin.objects.published(at).dates("date", "year", order="DESC")
    pages = [reverse(name) for name in ("home", *SECTIONS)]
    pages += [reverse("archive_year", args=[first.year]) for first in years]
    return {
        "pages": Pages(pages),
        "bulletins": Bulletins(bulletins, incidents),
        "articles": SiteSitemap(articles),
        "incidents": SiteSitemap(incidents.only("slug")),
    }


@cache_public
@query_params("p")
def sitemap(request: HttpRequest, section: str | None = None) -> HttpResponseBase:
    # Django takes the host that was asked for the site's.
    request.META["HTTP_HOST"] = urlsplit(settings.SITE_URL).netloc
    maps = sections(timezone.now())
    if section is None and any(each.paginator.num_pages > 1 for each in maps.values()):
        return views.index(request, maps, sitemap_url_name="sitemap_section")
    return views.sitemap(request, maps, section)
