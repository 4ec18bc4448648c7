"""The public site as files, for any file server under any path.

A path here is one within the site, such as "2024-07-06/" or "feed.xml"; the home page's is "".
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import posixpath
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from html import escape, unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from bulletin import sitemaps
from bulletin.context_processors import COPY
from bulletin.models import Bulletin
from incidents.exports import to_json

FEEDS: Final = ("atom", "rss", "json_feed", "incidents_atom")
DATA: Final = ("incidents_json", "incidents_csv", "incidents_calendar", "incidents_schema")
MACHINES: Final = ("bulletins_json", "sitemap", "robots", "favicon", "touch_icon")
PICTURES: Final = ("grid_svg", "grid_png", "card_png")
# What pages name and no list has. A query becomes a directory: "trends/?year=2024" is at
# "trends/year/2024/"; others lead to the site itself.
FOUND_IN_PAGES: Final = re.compile(
    r"(static|media)/[^?]+|[\d-]+/grid\.\w+\.png|incidents/\?before=[\w-]+"
    r"|(trends/\?year|archive/\?before)=\d{4}"
)
NOT_FOUND: Final = "404.html"
LISTING: Final = ".export.json"
LOCK: Final = ".export.lock"
STAGE: Final = ".export"
# Our pages write attributes in double quotes, and no bare "<" in any text.
TAG: Final = re.compile(r'<[a-z](?:"[^"]*"|[^<>"])*>', re.IGNORECASE)
ADDRESS: Final = re.compile(r'(\s(?:href|src|action)=)"([^"]*)"')
STAYS: Final = re.compile(r'\srel="(?:canonical|external)"')
IN_CSS: Final = re.compile(r"""url\(["']?([^"')]+)""")
NEXT: Final = re.compile(r'<([^>]+)>; rel="next"')


class Command(BaseCommand):
    help = (
        "Write every public page, picture and feed to a directory, for any file server under any "
        "path. Run again, it writes what changed and removes what is no longer public."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", type=Path)

    def handle(self, *, directory: Path, **options: Any) -> None:
        try:
            staticfiles_storage.url("css/base.css")
        except ValueError as error:
            raise CommandError("Run manage.py collectstatic first.") from error
        access_log = logging.getLogger("bulletin.access")
        access_log.disabled = True  # these requests are no reader's
        try:
            counts = update(directory, Export(timezone.now()).files())
        except OSError as error:
            raise CommandError(str(error)) from error
        finally:
            access_log.disabled = False
        self.stdout.write("wrote {}, unchanged {}, removed {}".format(*counts))


class Export:
    """The files of a copy, whose links lead to what it has, and others to the site."""

    def __init__(self, at: datetime) -> None:
        self.pending = deque(public_paths(at))
        self.listed = frozenset(self.pending)
        self.paths = set(self.listed)
        # The header isn't one that a client could send.
        self.environ: dict[str, Any] = {
            COPY: True,
            "HTTP_HOST": urlsplit(settings.SITE_URL).netloc,
        }
        self.client = Client(raise_request_exception=False, **self.environ)

    def files(self) -> Iterator[tuple[str, bytes]]:
        request = RequestFactory(**self.environ).get(f"/{NOT_FOUND}")
        yield NOT_FOUND, self.content(NOT_FOUND, render(request, "404.html"))
        while self.pending:
            path = self.pending.popleft()
            response = self.get(path)
            is_optional = path not in self.listed and not path.startswith("static/")
            if response.status_code == 404 and is_optional:
                continue  # only a text names it
            if response.status_code != 200:
                raise CommandError(f"{settings.SITE_URL}/{path} answers {response.status_code}.")
            place = directory(path)
            is_page = not place or place.endswith("/")
            yield f"{place}index.html" if is_page else place, self.content(path, response)

    def get(self, path: str) -> Any:
        """What readers get, at the end of redirects within the site."""
        response = self.client.get(f"/{path}", secure=settings.HTTPS)
        target = inside(urljoin(settings.SITE_URL, response.get("Location", "")))
        return response if target is None else self.get(target)

    def content(self, path: str, response: Any) -> bytes:
        kind = response.headers["Content-Type"].partition(";")[0]
        body = b"".join(response)
        if kind in ("text/html", "image/svg+xml"):
            return rewrite(body.decode(), lambda href: self.link(path, href)).encode()
        if kind == "text/css":
            for href in IN_CSS.findall(body.decode()):
                self.link(path, href)
        elif kind == "application/json":
            return self.all_results(json.loads(body))
        elif kind == "text/csv":
            return body + self.further_rows(response)
        return body

    def link(self, here: str, href: str) -> str:
        if href.startswith("#"):
            return href
        whole = urljoin(f"{settings.SITE_URL}/{here}", href)
        target, hash_, fragment = whole.partition("#")
        path = inside(target)
        # The page of what is missing is served at any depth.
        if path is None or not self.has(path) or here == NOT_FOUND:
            return whole
        way = "" if fragment and path == here else relative(directory(here), directory(path))
        return f"{way}{hash_}{fragment}"

    def has(self, path: str) -> bool:
        if path not in self.paths and path.isascii() and FOUND_IN_PAGES.fullmatch(path):
            self.paths.add(path)
            self.pending.append(path)
        return path in self.paths

    def all_results(self, document: dict[str, Any]) -> bytes:
        # A file has no query by which the site gives further pages.
        results = document["results"]
        while document["next"]:
            document = json.loads(self.get(str(inside(document["next"]))).content)
            results += document["results"]
        return to_json({"results": results, "next": None}).encode()

    def further_rows(self, response: Any) -> bytes:
        rows = []
        while link := NEXT.search(response.get("Link", "")):
            response = self.get(str(inside(link[1])))
            rows.append(response.content.partition(b"\r\n")[2])
        return b"".join(rows)


def public_paths(at: datetime) -> list[str]:
    days = list(Bulletin.objects.published(at).values_list("date", flat=True))
    addresses = [reverse(name) for name in (*FEEDS, *DATA, *MACHINES)]
    addresses += [reverse("newest_grid")] if days else []
    addresses += [reverse(name, args=[day]) for day in days for name in PICTURES]
    for section, sitemap in sitemaps.sections(at).items():
        addresses.append(reverse("sitemap_section", args=[section]))
        addresses += map(sitemap.location, sitemap.items())
    return [address.removeprefix(f"{settings.PREFIX}/") for address in addresses]


def inside(address: str) -> str | None:
    root = f"{settings.SITE_URL}/"
    return address.removeprefix(root) if address.startswith(root) else None


def directory(path: str) -> str:
    path, question, query = path.partition("?")
    return path + query.replace("=", "/") + "/" if question else path


def relative(here: str, there: str) -> str:
    """ "../archive/", for a link at `here` to `there`."""
    way = posixpath.relpath(f"/{there}", posixpath.dirname(f"/{here}"))
    return way if there and not there.endswith("/") else f"{way}/"


def rewrite(page: str, link: Callable[[str], str]) -> str:
    """A page with each address as `link` has it, unless its rel says that it leads to the site."""

    def rewrite_tag(tag: re.Match[str]) -> str:
        if STAYS.search(tag[0]):
            return tag[0]
        return ADDRESS.sub(lambda at: f'{at[1]}"{escape(link(unescape(at[2])))}"', tag[0])

    return TAG.sub(rewrite_tag, page)


def update(root: Path, files: Iterator[tuple[str, bytes]]) -> tuple[int, int, int]:
    """How many files were written, unchanged, removed. Nothing changes before all are there; then
    each is put in place at once, and files that no export wrote stay."""
    root.mkdir(parents=True, exist_ok=True)
    before, stage = listed_files(root), root / STAGE
    with (root / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(stage, ignore_errors=True)
        try:
            names, changed = [], []
            for name, content in files:
                names.append(name)
                if not (root / name).is_file() or (root / name).read_bytes() != content:
                    changed.append(name)
                    write(stage / name, content)
            gone = before.difference(names)
            # A run that is killed leaves nothing behind that is not listed.
            list_files(root, before.union(names))
            for name in reversed(changed):  # what a page shows before the page
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (stage / name).replace(root / name)
            for name in gone:
                (root / name).unlink(missing_ok=True)
                with suppress(OSError):  # those that are not empty stay, and `root` never is
                    os.removedirs((root / name).parent)
            list_files(root, names)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return len(changed), len(names) - len(changed), len(gone)


def listed_files(root: Path) -> set[str]:
    if (root / LISTING).exists():
        return set(json.loads((root / LISTING).read_text()))
    if any(path.name not in (STAGE, LOCK) for path in root.iterdir()):
        raise CommandError(f"{root} holds files of something else; give an empty directory.")
    return set()


def list_files(root: Path, names: Iterable[str]) -> None:
    write(root / STAGE / LISTING, json.dumps(sorted(names), indent=0).encode())
    (root / STAGE / LISTING).replace(root / LISTING)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
