"""The public site, asked in this process for all that is public, as readers ask for it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, cast
from urllib.parse import urljoin, urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import Http404, HttpResponseBase
from django.urls import Resolver404, resolve, reverse

from bulletin import sitemaps
from bulletin.export import links
from bulletin.models import Bulletin
from bulletin.views import errors, posts
from incidents.records import written

FEEDS: Final = ("atom", "rss", "json_feed", "incidents_atom")
DATA: Final = ("incidents_json", "incidents_csv", "incidents_calendar", "incidents_schema")
MACHINES: Final = ("bulletins_json", "sitemap", "robots", "favicon", "touch_icon")
PICTURES: Final = ("grid_svg", "grid_png", "card_png")
# What pages name: its address alone doesn't say whether it is there.
NAMED: Final = {"media", "grid_by_digest"}
# Pages by a query that become places of their own: there are so many of them, and no more.
PAGED: Final = re.compile(r"incidents/\?before=[\w-]+|(trends/\?year|archive/\?before)=\d{4}")
NOT_FOUND: Final = "404.html"
_NEXT: Final = re.compile(r'<([^>]+)>; rel="next"')


class Unavailable(Exception):
    """A public address answers with an error."""


def public(at: datetime) -> list[str]:
    """All addresses, without the site's own, that are public for themselves. What leads to others
    comes before them."""
    dates = list(Bulletin.objects.published(at).values_list("date", flat=True))
    paths = [reverse(name) for name in (*FEEDS, *DATA, *MACHINES)]
    paths += [reverse("newest_grid")] if dates else []
    for name, sitemap in sitemaps.sections(at).items():
        paths += [reverse("sitemap_section", args=[name])]
        paths += [str(sitemap.location(item)) for item in sitemap.items()]
    paths += [reverse(name, args=[day]) for day in dates for name in PICTURES]
    return [path.removeprefix(f"{settings.PREFIX}/") for path in paths]


def inside(whole: str) -> str | None:
    """A whole address without the site's own, or None where it is another's."""
    root = f"{settings.SITE_URL}/"
    return whole.removeprefix(root) if whole.startswith(root) else None


def place(address: str) -> str:
    """Where the copy has it: "trends/?year=2024" at "trends/year/2024/"."""
    path, _question, query = address.partition("?")
    name, _equals, value = query.partition("=")
    return f"{path}{name}/{value}/" if query else path


def environ(address: str) -> dict[str, Any]:
    """A request (PEP 3333) for an address in ASCII, marked as that of a copy."""
    site = urlsplit(settings.SITE_URL)
    path, _question, query = address.partition("?")
    asked: dict[str, Any] = {
        "PATH_INFO": f"/{path}",
        "QUERY_STRING": query,
        "HTTP_HOST": site.netloc,
        "SERVER_NAME": site.hostname,
        "SERVER_PORT": str(site.port or (443 if settings.HTTPS else 80)),
        "wsgi.url_scheme": site.scheme,
        posts.COPY: True,
    }
    setup_testing_defaults(asked)
    return asked


class Answer:
    """What readers get, as bytes; `text` is it in UTF-8."""

    def __init__(self, response: HttpResponseBase) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.body = b"".join(cast(Any, response))
        response.close()

    @property
    def kind(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0]

    @property
    def text(self) -> str:
        return self.body.decode()


class Copy:
    """A copy of the site, to be found at `url`; `put` takes the name of each file and its content.

    Relative links lead to what the copy has, whole ones to the rest of the site.
    """

    def __init__(self, url: str, put: Callable[[str, bytes], None]) -> None:
        self.url, self.put = url, put
        self._handler: Any = WSGIHandler()
        self._held: dict[str, bool] = {}
        self._waiting: dict[str, Answer | None] = {}

    def make(self, at: datetime) -> None:
        """Hands over all that is public; what others lead to comes later."""
        self._waiting = dict.fromkeys(public(at))
        self._held = dict.fromkeys(self._waiting, True)
        self.put(NOT_FOUND, self._copied(NOT_FOUND, self._not_found()))
        while self._waiting:
            address = next(iter(self._waiting))
            answer = self._given(address, self._waiting.pop(address))
            self.put(links.file_of(place(address)), self._copied(address, answer))

    def _given(self, address: str, answer: Answer | None = None) -> Answer:
        answer = answer or self._ask(address)
        if answer.status != 200:
            raise Unavailable(f"{settings.SITE_URL}/{address} answers {answer.status}.")
        return answer

    def _ask(self, address: str, *, follows: bool = True) -> Answer:
        """One redirect within the site is followed."""
        answer = Answer(self._handler(environ(address), lambda *_: None))
        there = urljoin(f"{settings.SITE_URL}/{address}", answer.headers.get("Location", address))
        further = inside(there)
        if follows and "Location" in answer.headers and further is not None:
            return self._ask(further, follows=False)
        return answer

    def _not_found(self) -> Answer:
        """From the view, for an address without a page is logged as a mistake."""
        return Answer(errors.not_found(WSGIRequest(environ(NOT_FOUND)), Http404()))

    def _copied(self, here: str, answer: Answer) -> bytes:
        if answer.kind in ("text/html", "image/svg+xml"):
            return links.rewrite(answer.text, lambda href: self._lead(here, href)).encode()
        if answer.kind == "text/css":
            for href in links.in_css(answer.text):
                self._lead(here, href)
        elif here in (reverse(name).removeprefix(f"{settings.PREFIX}/") for name in FEEDS):
            return links.moved(answer.text, settings.SITE_URL, self.url).encode()
        elif answer.kind == "application/json":
            return self._whole_json(answer)
        elif answer.kind == "text/csv":
            return self._whole_sheet(answer)
        return answer.body

    # Links ----------------------------------------------------------------------------

    def _lead(self, here: str, href: str) -> str:
        """Where a link on the page `here` leads in the copy."""
        if href.startswith("#"):
            return href
        whole = urljoin(f"{settings.SITE_URL}/{here}", href)
        target, hash_, fragment = whole.partition("#")
        address = inside(target)
        if address is None or not self._holds(address):
            return whole
        if here == NOT_FOUND:  # served at any depth
            return f"{self.url}/{place(address)}{hash_}{fragment}"
        way = links.relative(place(here), place(address))
        return f"{'' if fragment and address == here else way}{hash_}{fragment}"

    def _holds(self, address: str) -> bool:
        if address not in self._held:
            self._held[address] = self._may_hold(address) and self._is_there(address)
        return self._held[address]

    def _may_hold(self, address: str) -> bool:
        if "?" in address or address.startswith("static/"):
            return address.isascii() and ("?" not in address or bool(PAGED.fullmatch(address)))
        try:
            return address.isascii() and resolve(f"/{address}").url_name in NAMED
        except Resolver404:
            return False

    def _is_there(self, address: str) -> bool:
        """What only a text names may be missing, as it is on the site itself."""
        answer = self._ask(address)
        if answer.status == 404 and not address.startswith("static/"):
            return False
        self._waiting[address] = answer
        return True

    # Data that the site gives in pages, for a file has no query -------------------------

    def _whole_json(self, answer: Answer) -> bytes:
        document = json.loads(answer.text)
        if not document.get("next"):
            return answer.body
        while further := document.pop("next"):
            results = document["results"]
            document = json.loads(self._given(inside(further) or "").text)
            document["results"] = results + document["results"]
        return written({"results": document["results"], "next": None}).encode()

    def _whole_sheet(self, answer: Answer) -> bytes:
        rows = [answer.body]
        while further := _NEXT.search(answer.headers.get("Link", "")):
            answer = self._given(inside(further[1]) or "")
            rows.append(answer.body.partition(b"\r\n")[2])
        return b"".join(rows)
