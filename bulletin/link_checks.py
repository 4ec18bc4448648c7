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
class LinkTargetView:
    """Where an address of this site leads: a view with its arguments, None where to none, and the
    anchor on its page. `lacks_prefix` where it leaves out the site's prefix."""

    match: ResolverMatch | None
    anchor: str = ""
    lacks_prefix: bool = False

    @property
    def is_nowhere(self) -> bool:
        """Whether no publication will ever bring anything there."""
        return self.match is None or self.lacks_prefix

    def names(self, views: Collection[str | None], argument: str) -> Any:
        """What it names by `argument`, where it leads to one of `views`."""
        if self.match is None or self.match.url_name not in views:
            return None
        return self.match.kwargs.get(argument)


def link(address: str, page: str) -> LinkTargetView | None:
    """None where the address, standing on `page` (a path), leads out of this site."""
    try:
        there = urlsplit(urljoin(absolute(page), address))
    except ValueError:
        return LinkTargetView(None)
    if there.scheme not in {"http", "https"} or there.netloc != urlsplit(settings.SITE_URL).netloc:
        return None
    path, anchor = unquote(there.path) or "/", unquote(there.fragment)
    if path.startswith(settings.STATIC_URL):
        return None
    inside = path == settings.PREFIX or path.startswith(f"{settings.PREFIX}/")
    match = _resolved(path.removeprefix(settings.PREFIX) if inside else path)
    if inside:
        return LinkTargetView(match, anchor)
    return LinkTargetView(match, anchor, lacks_prefix=True) if match else None


def _resolved(path: str) -> ResolverMatch | None:
    for one in (path, f"{path}/"):
        try:
            return resolve(one or "/")
        except Resolver404:
            continue
    return None


@dataclass
class LinkedPages:
    """What the links of one post lead to, as readers find it at `at`, when the post and the
    incidents of its scope (`own`) are public; in a number of queries that doesn't grow."""

    post: Post | Incident
    own: list[Incident]
    at: datetime
    links: list[LinkTargetView] = field(default_factory=list)

    def why_dead(self, link: LinkTargetView) -> str:
        """Why readers who follow it find nothing; empty where they find what it names."""
        if link.match is None:
            return _("this site has no such page")
        if link.lacks_prefix:
            return _("its path lacks %(prefix)s") % {"prefix": settings.PREFIX}
        if _FOR_EDITORS.intersection(link.match.namespaces):
            return _("only editors can open it")
        if not self._is_found(link):
            return _("readers can't see that by then")
        if link.anchor and link.match.url_name in _PAGES and not self._has_anchor(link):
            return _("its page has no “#%(anchor)s”") % {"anchor": link.anchor}
        return ""

    def _is_found(self, link: LinkTargetView) -> bool:
        if day := link.names(_OF_A_DAY, "day"):
            return day in self._bulletins
        if slug := link.names({"article"}, "slug"):
            return slug in self._articles
        if slug := link.names({"incident"}, "slug"):
            return slug in self._incidents
        if year := link.names({"archive_year"}, "year"):
            return year in self._years
        if name := link.names({"media"}, "name"):
            return default_storage.exists(f"uploads/{name}")
        return True

    def _has_anchor(self, link: LinkTargetView) -> bool:
        if day := link.names({"bulletin"}, "day"):
            return self._on_bulletin(self._bulletins[day], link.anchor)
        if slug := link.names({"article"}, "slug"):
            return link.anchor in {"main", "incidents", *_ids(self._articles[slug].body_html)}
        incident = self._incidents[link.names({"incident"}, "slug")]
        return link.anchor in {"main", *_ids(incident.body_html)}

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
        return {one.names(views, argument) for one in self.links} - {None}

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
        slugs = self._named({"incident"}, "slug") | {one.anchor for one in self.links} - {""}
        found = Incident.objects.published(self.at).filter(slug__in=slugs) if slugs else []
        return {one.slug: one for one in [*found, *self.own]}

    @cached_property
    def _years(self) -> set[int]:
        days = Bulletin.objects.published(self.at).dates("date", "year")
        own = {self.post.date.year} if isinstance(self.post, Bulletin) else set()
        return {day.year for day in days} | own


def _ids(html: str) -> set[str]:
    return set(_ID.findall(html))
