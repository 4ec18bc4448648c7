"""Every public address of the site, asked for once, and what is wrong on the way there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from http.client import HTTPConnection
from urllib.parse import unquote, urldefrag, urlsplit

from tests.site.links import Named, named

STARTS = ["", "sitemap.xml", "robots.txt", "grid.png"]
# Pages that only a reader's words make, and those to which no link need lead: looked at where the
# site has them.
TRIED = [
    *("search/", "search/?q=disk", "search/?q=%22unbalanced", "search/?q=nothing-like-it"),
    *("incidents/?q=disk", "incidents/?q=nothing-like-it", "incidents/?impact=major&year=2024"),
    *("trends/", "subscribe/", "incidents.json", "incidents.schema.json", "bulletins.json"),
]
NOWHERE = "there/is-nothing/here/"
# Filters, orders and pages multiply; the nearest of each path stand for the rest.
QUERIES_A_PATH = 60
KINDS = {
    r"": "home",
    r"\d{4}-\d\d-\d\d/": "bulletin",
    r"archive/\d{4}/": "archive of a year",
    r"articles/[^/]+/": "article",
    r"incidents/[^/]+/": "incident",
    r"incidents/": "index",
    NOWHERE: "not found",
}


@dataclass(frozen=True)
class Answer:
    address: str
    status: int
    headers: Message
    body: bytes

    @cached_property
    def named(self) -> Named:
        kind = self.headers.get_content_type()
        if kind.startswith(("text/", "application/")) or kind == "image/svg+xml":
            text = self.body.decode(self.headers.get_content_charset("utf-8"), "replace")
            found = named(self.address, kind, text)
        else:
            found = Named(self.address)
        if "Location" in self.headers:
            found.add("redirect", self.headers["Location"])
        return found


def ask(address: str) -> Answer:
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", parts.path + (f"?{parts.query}" if parts.query else ""))
    response = connection.getresponse()
    answer = Answer(address, response.status, response.headers, response.read())
    connection.close()
    return answer


@dataclass
class Crawl:
    """Of the site at `root`, which ends in no slash; addresses are whole and lack a fragment."""

    root: str
    answers: dict[str, Answer] = field(default_factory=dict)
    unasked: int = 0

    def __post_init__(self) -> None:
        waiting = [f"{self.root}/{path}" for path in [*STARTS, *TRIED, NOWHERE]]
        seen, queries = set(waiting), Counter[str]()
        with ThreadPoolExecutor(4) as pool:
            while waiting:
                asked = dict(zip(waiting, pool.map(ask, waiting), strict=True))
                self.answers |= asked
                found = self.targets(asked.values()) - seen
                seen |= found
                waiting = [one for one in sorted(found) if few(one, queries)]
                self.unasked += len(found) - len(waiting)
        for path in TRIED:
            if self.answers[f"{self.root}/{path}"].status == 404:
                del self.answers[f"{self.root}/{path}"]

    def targets(self, answers: Iterable[Answer]) -> set[str]:
        """What they name of the public site."""
        named = {link.address for answer in answers for link in answer.named.links}
        targets = {urldefrag(address).url for address in named}
        return {one for one in targets if self.holds(one) and "/admin/" not in one}

    def holds(self, address: str) -> bool:
        return f"{address}/".startswith(f"{self.root}/")

    def path(self, address: str) -> str:
        return address.removeprefix(f"{self.root}/")

    # What is found --------------------------------------------------------------------

    def broken(self) -> Iterator[str]:
        """Each address with its fault, the first place that names it, and how many others do."""
        places: dict[str, list[str]] = {}
        for page, answer in self.answers.items():
            if answer.named.fault:
                yield f"/{self.path(page)} {answer.named.fault}"
            for link in answer.named.links:
                if fault := self.fault(link.address, page):
                    place = f"/{self.path(page)}: {link.element}"
                    places.setdefault(f"{link.address} {fault}", []).append(place)
        for what, where in places.items():
            yield f"{what}\n    {where[0]}" + (f", and {len(where) - 1} more" if where[1:] else "")

    def fault(self, address: str, page: str) -> str:
        """What is wrong with an address on a page; nothing with another host's or one unasked."""
        target, fragment = urldefrag(address)
        if urlsplit(target)[:2] == urlsplit(self.root)[:2] and not self.holds(target):
            return "leads out of the site's prefix"
        answer = self.answers.get(target)
        if answer and "Location" in answer.headers:
            answer = self.answers.get(answer.named.links[-1].address)
        if answer is None:
            return ""
        if answer.status != 200 and target != page:
            return f"answers {answer.status}"
        known = not fragment or unquote(fragment) in answer.named.ids
        return "" if known else "names no id of that page"

    def not_for_all(self) -> Iterator[str]:
        """Answers that caches can't hand to everybody."""
        for page, answer in self.answers.items():
            if "Set-Cookie" in answer.headers:
                yield f"/{self.path(page)}: sets a cookie"
            if "cookie" in answer.headers.get("Vary", "").lower():
                yield f"/{self.path(page)}: varies by cookie"

    # Pages for people -----------------------------------------------------------------

    def pages(self) -> dict[str, bytes]:
        nowhere = f"{self.root}/{NOWHERE}"
        return {
            address: answer.body
            for address, answer in self.answers.items()
            if answer.headers.get_content_type() == "text/html"
            and (answer.status == 200 or address == nowhere)
        }

    def by_kind(self) -> dict[str, str]:
        """Of each kind the page that holds most."""
        pages = self.pages()
        by_length = sorted(pages, key=lambda address: len(pages[address]))
        return {self.kind(address): address for address in by_length}

    def kind(self, address: str) -> str:
        path, question, _query = self.path(address).partition("?")
        found = (name for pattern, name in KINDS.items() if re.fullmatch(pattern, path))
        return next(found, path) + (" with a query" if question else "")


def few(address: str, queries: Counter[str]) -> bool:
    """Whether not too many queries of its path came before."""
    path, question, _query = address.partition("?")
    queries[path] += bool(question)
    return queries[path] <= QUERIES_A_PATH
