"""A reader of feeds as people use it (apt install newsboat), against the site itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.test import Client
from django.utils import timezone

from bulletin import publishing
from bulletin.models import Author, Bulletin
from tests.factories import PUBLISHED, make_bulletin, make_incident

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        not shutil.which("newsboat"), reason="no newsboat here: apt install newsboat"
    ),
]
# Of a request: its status, and whether it came with a validator.
Asked = tuple[int, bool]


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None: ...


class Site:
    """Serves the site in the test's own thread, whose database connection it shares, and notes
    what it was asked."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.asked: list[Asked] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        path, tag = environ["PATH_INFO"], environ.get("HTTP_IF_NONE_MATCH")
        response = self.client.get(path, headers={"if-none-match": tag} if tag else {})
        self.asked.append((response.status_code, bool(tag)))
        status = f"{response.status_code} {response.reason_phrase}"
        start_response(status, list(response.items()))
        return [response.content]


class Newsboat:
    """Newsboat with all that it keeps in `home`, for a feed of `server`."""

    def __init__(self, home: Path, server: WSGIServer, site: Site) -> None:
        self.home, self.server, self.site = home, server, site
        (home / "config").write_text("")

    def subscribe(self, path: str) -> None:
        (self.home / "urls").write_text(f"http://127.0.0.1:{self.server.server_port}{path}\n")

    def run(self, command: str) -> str:
        files = {"-C": "config", "-u": "urls", "-c": "cache.db"}
        options = [part for flag, name in files.items() for part in (flag, str(self.home / name))]
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        with subprocess.Popen(
            ["newsboat", *options, "-x", command],
            stdout=subprocess.PIPE,
            env=environment,
            text=True,
        ) as running:
            while running.poll() is None:
                self.server.handle_request()
            said = running.communicate()[0]
        assert running.returncode == 0
        return said

    def reload(self) -> list[Asked]:
        """What a run asked of the site."""
        self.site.asked.clear()
        self.run("reload")
        return list(self.site.asked)

    def entries(self, columns: str) -> list[tuple[str, ...]]:
        with closing(sqlite3.connect(self.home / "cache.db")) as cache:
            return cache.execute(f"select {columns} from rss_item").fetchall()  # noqa: S608


@pytest.fixture
def newsboat(client: Client, tmp_path: Path) -> Iterator[Newsboat]:
    site = Site(client)
    with make_server("127.0.0.1", 0, site, handler_class=Quiet) as server:
        server.timeout = 0.02
        yield Newsboat(tmp_path, server, site)


@pytest.fixture
def bulletin() -> Bulletin:
    make_incident(title="Packets lost by `eth0`")
    bulletin = make_bulletin()
    bulletin.authors.add(*(Author.objects.create(name=name) for name in ("Ana", "Ben")))
    return bulletin


@pytest.mark.parametrize("path", ["/feed.xml", "/rss.xml"])
def test_it_shows_the_entry_whole(newsboat: Newsboat, bulletin: Bulletin, path: str) -> None:
    newsboat.subscribe(path)
    newsboat.reload()
    assert newsboat.run("print-unread").startswith("1 unread articles")
    (entry,) = newsboat.entries("guid, title, url, author")
    url = "http://127.0.0.1:8000/2024-07-06/"
    assert entry[:3] == (bulletin.uid.urn, "June 30–July 6, 2024", url)
    assert "Ben" in entry[3]
    ((content,),) = newsboat.entries("content")
    assert "Packets lost by <code>eth0</code>" in content
    assert f'src="{url}grid.' in content


def test_from_its_third_run_it_asks_with_validators_and_takes_what_subscribers_are_told(
    newsboat: Newsboat, bulletin: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsboat.subscribe("/feed.xml")
    assert [newsboat.reload(), newsboat.reload()] == [[(200, False)], [(200, False)]]
    assert newsboat.reload() == [(304, True)]
    bulletin.essay = "We moved two racks."
    publishing.notify_subscribers(bulletin, PUBLISHED + timedelta(days=1))
    # Of the second that it was asked in, Last-Modified says nothing yet.
    later = timezone.now() + timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert newsboat.reload() == [(200, True)]
    ((content,),) = newsboat.entries("content")
    assert "two racks" in content
