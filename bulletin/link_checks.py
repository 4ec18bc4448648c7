"""Links of a post to pages of this very site: which of them will lead readers nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import unquote, urljoin, urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from bulletin.models import Article, Bulletin, Post
from bulletin.templatetags.bulletin_tags import essay_anchor
from incidents.models import Incident
from incidents.site import absolute

# What our renderer writes into a tag; its quotes are the only bare ones.
_ID: Final = re.compile(r' id="([^"]*)"')
_PAGES: Final[set[str | None]] = {"bulletin", "article", "incident"}
_OF_A_DAY: Final[set[str | None]] = {
    "bulletin",
    "grid_svg",
    "grid_png",
    "card_png",
    "grid_by_digest",
}
_FOR_EDITORS: Final = {"admin", "autosave"}


@dataclass(frozen=True, slots=True)
class Way:
    """Where an address of this site leads: a view with its arguments, None where to none, and the
    anchor on its page. `strayed` where it leaves out the site's prefix."""

    match: ResolverMatch | None
    anchor: str = ""
    strayed: bool = False

    def names(self, views: Collection[str | None], argument: str) -> Any:
        """What it names by `argument`, where it leads to one of `views`."""
        if self.match is None or self.match.url_name not in views:
            return None
        return self.match.kwargs.get(argument)


def way(address: str, page: str) -> Way | None:
    """None where the address, standing on `page` (a path), leads out of this site."""
    try:
        there = urlsplit(urljoin(absolute(page), address))
    except ValueError:
        return Way(None)
    if there.scheme not in {"http", "https"} or there.netloc != urlsplit(settings.SITE_URL).netloc:
        return None
    path, anchor = unquote(there.path) or "/", unquote(there.fragment)
    if path.startswith(settings.STATIC_URL):
        return None
    inside = path == settings.PREFIX or path.startswith(f"{settings.PREFIX}/")
    match = _resolved(path.removeprefix(settings.PREFIX) if inside else path)
    if inside:
        return Way(match, anchor)
    return Way(match, anchor, strayed=True) if match else None


def _resolved(path: str) -> ResolverMatch | None:
    for one in (path, f"{path}/"):
        try:
            return resolve(one or "/")
        except Resolver404:
            continue
    return None


@dataclass
class Reach:
    """What the ways of one post lead to, as readers find it at `at`, when the post and the
    incidents of its scope (`own`) are public; in a number of queries that doesn't grow."""

    post: Post
    own: list[Incident]
    at: datetime
    ways: list[Way] = field(default_factory=list)

    def why_dead(self, way: Way) -> str:
        """Why readers who follow it find nothing; empty where they find what it names."""
        if way.match is None:
            return _("this site has no such page")
        if way.strayed:
            return _("its path lacks %(prefix)s") % {"prefix": settings.PREFIX}
        if _FOR_EDITORS.intersection(way.match.namespaces):
            return _("only editors can open it")
        if not self._is_found(way):
            return _("readers can't see that by then")
        if way.anchor and way.match.url_name in _PAGES and not self._has_anchor(way):
            return _("its page has no “#%(anchor)s”") % {"anchor": way.anchor}
        return ""

    def _is_found(self, way: Way) -> bool:
        if day := way.names(_OF_A_DAY, "day"):
            return day in self._bulletins
        if slug := way.names({"article"}, "slug"):
            return slug in self._articles
        if slug := way.names({"incident"}, "slug"):
            return slug in self._incidents
        if year := way.names({"archive_year"}, "year"):
            return year in self._years
        if name := way.names({"media"}, "name"):
            return default_storage.exists(f"uploads/{name}")
        return True

    def _has_anchor(self, way: Way) -> bool:
        if day := way.names({"bulletin"}, "day"):
            return self._on_bulletin(self._bulletins[day], way.anchor)
        if slug := way.names({"article"}, "slug"):
            return way.anchor in {"main", "incidents", *_ids(self._articles[slug].body_html)}
        incident = self._incidents[way.names({"incident"}, "slug")]
        return way.anchor in {"main", *_ids(incident.body_html)}

    def _on_bulletin(self, bulletin: Bulletin, anchor: str) -> bool:
        known = {"main", "incidents", "late-reports-and-corrections"}
        known |= _ids(bulletin.essay_html) | _ids(bulletin.intro_html)
        if bulletin.shows_essay_heading:
            known.add(essay_anchor(bulletin))
        if bulletin == self.post:
            known |= _ids(" ".join(one.body_html for one in self.own))
        incident = self._incidents.get(anchor)
        return anchor in known or (incident is not None and incident.local_date in bulletin.period)

    # What they name ---------------------------------------------------------------------

    def _named(self, views: Collection[str | None], argument: str) -> set[Any]:
        return {one.names(views, argument) for one in self.ways} - {None}

    @cached_property
    def _bulletins(self) -> dict[date, Bulletin]:
        days = self._named(_OF_A_DAY, "day")
        found = list(Bulletin.objects.published(self.at).filter(date__in=days)) if days else []
        own = [self.post] if isinstance(self.post, Bulletin) else []
        return {one.date: one for one in [*found, *own]}

    @cached_property
    def _articles(self) -> dict[str, Article]:
        slugs = self._named({"article"}, "slug")
        found = list(Article.objects.published(self.at).filter(slug__in=slugs)) if slugs else []
        own = [self.post] if isinstance(self.post, Article) else []
        return {one.slug: one for one in [*found, *own]}

    @cached_property
    def _incidents(self) -> dict[str, Incident]:
        slugs = self._named({"incident"}, "slug") | {one.anchor for one in self.ways} - {""}
        found = Incident.objects.published(self.at).filter(slug__in=slugs) if slugs else []
        return {one.slug: one for one in [*found, *self.own]}

    @cached_property
    def _years(self) -> set[int]:
        days = Bulletin.objects.published(self.at).dates("date", "year")
        own = {self.post.date.year} if isinstance(self.post, Bulletin) else set()
        return {day.year for day in days} | own


def _ids(html: str) -> set[str]:
    return set(_ID.findall(html))
