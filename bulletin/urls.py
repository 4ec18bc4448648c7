"""The site map. Every address here is public contract."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, register_converter

from bulletin import api, feeds, review, sitemaps
from bulletin.admin import views as admin_views
from bulletin.http_caching import View, cache_public, open_data, query_params
from bulletin.views import grids, health, incidents, posts, search, subscribe, trends
from incidents import views as incident_views
from incidents.filters import Filters


class DayConverter:
    """An ISO date of the calendar; an impossible one matches nothing, which is a 404."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


class YearConverter:
    """A year of the calendar in four digits."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return date(int(value), 1, 1).year

    def to_url(self, value: int) -> str:
        return f"{value:04d}"


register_converter(DayConverter, "day")
register_converter(YearConverter, "calendar_year")

filtered = query_params(*Filters.base_fields)


def open_list(view: View) -> View:
    return open_data(filtered(view))


handler400 = "bulletin.views.errors.bad_request"
handler404 = "bulletin.views.errors.not_found"
handler500 = "bulletin.views.errors.server_error"

AUTOSAVE = [
    path("save/", admin_views.save, name="save"),
    path("closed/", admin_views.closed, name="closed"),
    path("discard/", admin_views.discard, name="discard"),
    path("pending/", admin_views.pending, name="pending"),
]

urlpatterns = [
    path("", posts.home, name="home"),
    path("grid.png", grids.newest_grid, name="newest_grid"),
    path("<day:day>/", posts.bulletin, name="bulletin"),
    path("<day:day>/grid.svg", grids.grid_svg, name="grid_svg"),
    path("<day:day>/grid.png", grids.grid_png, name="grid_png"),
    path("<day:day>/grid.<slug:digest>.png", grids.grid_by_digest, name="grid_by_digest"),
    path("<day:day>/card.png", grids.card_png, name="card_png"),
    path("archive/", posts.archive, name="archive"),
    path("archive/<calendar_year:year>/", posts.archive_year, name="archive_year"),
    path("articles/<slug:slug>/", posts.article, name="article"),
    path("incidents/<slug:slug>/", incidents.incident, name="incident"),
    path("incidents/", cache_public(filtered(incident_views.index)), name="incidents"),
    path("subscribe/", subscribe.subscribe, name="subscribe"),
    path("incidents.json", open_list(incident_views.as_json), name="incidents_json"),
    path("incidents.csv", open_list(incident_views.as_csv), name="incidents_csv"),
    path("incidents.ics", open_list(feeds.incidents_calendar), name="incidents_calendar"),
    path("incidents.xml", open_list(feeds.incidents_atom), name="incidents_atom"),
    path("incidents.schema.json", open_data(incident_views.schema_view), name="incidents_schema"),
    path("bulletins.json", open_data(api.bulletins), name="bulletins_json"),
    path("trends/", trends.page, name="trends"),
    path("search/", search.page, name="search"),
    path("feed.xml", feeds.atom, name="atom"),
    path("rss.xml", feeds.rss, name="rss"),
    path("feed.json", feeds.json_feed, name="json_feed"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("sitemap-<slug:section>.xml", sitemaps.sitemap, name="sitemap_section"),
    path("review/<str:signed>/", review.review, name="review"),
    path("favicon.ico", health.icon, name="favicon"),
    path("apple-touch-icon.png", health.icon, name="touch_icon"),
    path("robots.txt", health.robots, name="robots"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("media/uploads/<str:name>", admin_views.media, name="media"),
    # The two addresses of django-markdownx, whose own URLs are open to anyone.
    path("admin/markdownx/markdownify/", admin_views.markdownify, name="markdownx_markdownify"),
    path("admin/markdownx/upload/", admin_views.upload, name="markdownx_upload"),
    path("admin/autosave/", include((AUTOSAVE, "autosave"))),
    *[path("admin/", include(module)) for module in settings.EXTRA_URLS],
    path("admin/", admin.site.urls),
]
