"""Every public address with the date of its last change: one map of them all, and where the log is
large an index of a map a year, so that none is long and an old one costs no more than a new one."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import SitemapIndexItem, sitemap, x_robots_tag
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.http import Http404, HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from bulletin.addresses import absolute
from bulletin.http_caching import cache_public
from bulletin.models import Article, Bulletin
from bulletin.views.posts import SECTIONS
from incidents.fields import site_zone
from incidents.models import Incident
from incidents.weeks import Period, utc_bounds

# Incidents of which one map tells. A search engine takes 50,000 addresses.
WHOLE: Final = 5_000
EVER: Final = Period(date(2, 1, 1), date(9998, 12, 31))


class SiteSitemap(Sitemap[Any]):
    """Of what belongs to the days of `period`. Made of SITE_URL, whatever host was asked."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def __init__(self, at: datetime, period: Period = EVER, *, is_newest: bool = True) -> None:
        self.at, self.period, self.is_newest = at, period, is_newest
        self.instants = utc_bounds(period, site_zone())

    def get_domain(self, site: Any = None) -> str:
        return str(urlsplit(settings.SITE_URL).netloc)


class Pages(SiteSitemap):
    """The years, and with the newest of them the lists."""

    def items(self) -> list[str]:
        lists = [reverse(name) for name in ("home", *SECTIONS)]
        published = Bulletin.objects.published(self.at).dated_in(self.period)
        dates = published.dates("date", "year", order="DESC")
        own = [reverse("archive_year", args=[first.year]) for first in dates]
        return lists + own if self.is_newest else own

    def location(self, item: str) -> str:
        return item


class Bulletins(SiteSitemap):
    """A bulletin changes with the incidents that it lists."""

    def items(self) -> list[Bulletin]:
        bulletins = list(Bulletin.objects.published(self.at).dated_in(self.period).by_date())
        if not bulletins:
            return []
        first = min(bulletin.period_first for bulletin in bulletins)
        listed = Period(first, max(bulletin.period_last for bulletin in bulletins))
        changes = sorted(dated(self.at, listed).values_list("started_at", "changed_at"))
        for bulletin in bulletins:
            begun, after = utc_bounds(bulletin.period, site_zone())
            own = changes[bisect_left(changes, (begun,)) : bisect_left(changes, (after,))]
            news = [changed for _started, changed in own]
            bulletin.edited_at = max(filter(None, [bulletin.edited_at, bulletin.publish_at, *news]))
        return bulletins

    def lastmod(self, item: Bulletin) -> datetime:
        return item.edited_at


class Articles(SiteSitemap):
    def items(self) -> QuerySet[Article]:
        first, after = self.instants
        published = Article.objects.published(self.at)
        return published.filter(publish_at__gte=first, publish_at__lt=after).newest_first()

    def lastmod(self, item: Article) -> datetime:
        return max(filter(None, [item.edited_at, item.publish_at]))


class Incidents(SiteSitemap):
    def items(self) -> list[Any]:
        # Not to be counted before it is read.
        return list(dated(self.at, self.period).only("slug", "edited_at", "publish_at"))

    def lastmod(self, item: Any) -> datetime:
        return cast(datetime, item.changed_at)


def dated(at: datetime, period: Period) -> QuerySet[Any]:
    """The told incidents, each with the hour of its last change: told, edited, added to."""
    newest = Max("addenda__publish_at", filter=Q(addenda__publish_at__lte=at))
    changed = Greatest("edited_at", "publish_at", Coalesce(newest, "publish_at"))
    told = Incident.objects.published(at).in_period(period).newest_first()
    return told.annotate(changed_at=changed)


@cache_public
def whole(request: HttpRequest) -> HttpResponseBase:
    at = timezone.now()
    return index(request, at) if is_large(at) else sitemap(request, {**maps(at)})


@cache_public
def of_year(request: HttpRequest, year: int) -> HttpResponseBase:
    at = timezone.now()
    found = years(at)
    if year not in found:
        raise Http404
    period = Period(date(year, 1, 1), date(year, 12, 31))
    return sitemap(request, {**maps(at, period, is_newest=year == found[-1])})


def maps(at: datetime, period: Period = EVER, *, is_newest: bool = True) -> dict[str, SiteSitemap]:
    kinds = {"pages": Pages, "bulletins": Bulletins, "articles": Articles, "incidents": Incidents}
    return {name: kind(at, period, is_newest=is_newest) for name, kind in kinds.items()}


@x_robots_tag
def index(request: HttpRequest, at: datetime) -> HttpResponseBase:
    sitemaps = [SitemapIndexItem(absolute(path)) for path in addresses(at)]
    context = {"sitemaps": sitemaps}
    return TemplateResponse(request, "sitemap_index.xml", context, content_type="application/xml")


def is_large(at: datetime) -> bool:
    return Incident.objects.published(at)[WHOLE : WHOLE + 1].exists()


def addresses(at: datetime) -> list[str]:
    """Of the maps that the index names."""
    return [reverse("sitemap_year", args=[year]) for year in reversed(years(at))]


def years(at: datetime) -> range:
    """From the first that has something public to the last."""
    happened = Incident.objects.published(at).by_index_on_start().order_by("started_at")
    posts = [
        Bulletin.objects.published(at).by_index_on_date().values_list("date", flat=True),
        Article.objects.published(at).order_by("publish_at").values_list("publish_at", flat=True),
        happened.values_list("started_at", flat=True),
    ]
    ends = [end for rows in posts for end in (rows.first(), rows.last()) if end]
    found = [
        (end.astimezone(site_zone()) if isinstance(end, datetime) else end).year for end in ends
    ]
    return range(min(found), max(found) + 1) if found else range(0)
