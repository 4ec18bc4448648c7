"""PostgreSQL is restarted, crashes, or is away for a while, under readers and an editor."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from tests import servers
from tests.faults.people import Editor, readers
from tests.faults.site import PASSWORD, Site, running

PATHS = ["/", "/feed.xml", "/archive/", "/incidents/", "/incidents.json", "/trends/"]
# Seconds of a restart, and of an absence that is longer than the pool waits.
AWAY = 25
INCIDENT = "/admin/incidents/incident/add/"


def restart(database: servers.PostgreSQL) -> None:
    database.stop()
    database.start()


def crash(database: servers.PostgreSQL) -> None:
    orphans = database.children()
    database.stop(servers.KILL)
    # They hold the memory that the next one wants.
    gone = [Path(f"/proc/{pid}") for pid in orphans]
    servers.wait_until(lambda: not any(map(Path.exists, gone)), "the end of its processes")
    database.start()


def backend_dies(database: servers.PostgreSQL) -> None:
    """One process of the server's dies; it then ends all others and starts them anew."""
    for pid in database.children():
        if b"idle" in Path(f"/proc/{pid}/cmdline").read_bytes():
            os.kill(pid, signal.SIGKILL)
            return


class Writer(threading.Thread):
    """Saves incidents one after another, and notes what was acknowledged."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        site.make_editors("ada")
        self.site, self.done = site, threading.Event()
        self.editor = Editor(site.server.port)
        assert self.editor.sign_in("ada", PASSWORD).status == 302
        self.acknowledged: list[str] = []
        self.refused: list[tuple[int, str]] = []

    def run(self) -> None:
        number = 0
        while not self.done.is_set():
            number += 1
            page = self.editor.ask("GET", INCIDENT)
            if page.status == 200:
                told = {"title": f"t-0-{number}", "started_at_0": "2021-07-02", "body": "Text."}
                page = self.editor.send(INCIDENT, page, started_at_1="15:00", **told)
            if page.status == 302:
                self.acknowledged.append(f"t-0-{number}")
            else:
                self.refused.append((page.status, page.headers["Cache-Control"]))

    def lost(self) -> list[str]:
        there = self.site.shell(
            "from incidents.models import Incident\n"
            "print(*Incident.objects.filter(title__startswith='t-0').values_list('title', flat=1))"
        ).split()
        return [token for token in self.acknowledged if there.count(token) != 1]


def with_page_cache(database: servers.PostgreSQL) -> dict[str, str]:
    return {"DATABASE_URL": database.url(), "PAGE_CACHE_MAX_BYTES": "32000000"}


def test_a_restart_of_postgresql_is_an_error_to_few_readers(
    postgresql: servers.PostgreSQL, tmp_path: Path, said: list[str]
) -> None:
    with running(tmp_path, **with_page_cache(postgresql)) as site:
        writer = Writer(site)
        writer.start()
        with readers(site.server.port, PATHS) as seen:
            for name, fault in (
                ("fast restart", restart), ("SIGKILL of all", crash),
                ("SIGKILL of a backend", backend_dies), ("fast restart", restart),
            ):  # fmt: skip
                before = len(seen.answers)
                servers.wait_until(lambda n=before: len(seen.answers) > n + 150, "readers")
                begun = time.monotonic()
                fault(postgresql)
                took = time.monotonic() - begun
                said.append(f"PostgreSQL, {name}: {took:.1f} s, page after {site.back():.2f} s")
            before = len(seen.answers)
            servers.wait_until(lambda: len(seen.answers) > before + 150, "readers")
        writer.done.set()
        writer.join()
        lost = writer.lost()
    said.append(
        f"PostgreSQL, readers: {seen.figures()}; saves: {len(writer.acknowledged)} acknowledged, "
        f"{len(lost)} lost, {len(writer.refused)} refused: {writer.refused[:4]}"
    )
    # Each save drops the pages, and one may have to be rendered in the moment of the restart.
    assert set(seen.statuses()) <= {200, 503}
    assert seen.statuses()[503] <= len(seen.answers) / 50
    assert lost == []
    assert {status for status, _cached in writer.refused} <= {503}, site.server.said()
    assert {cached for _status, cached in writer.refused} <= {"private, no-store"}


def test_a_page_is_there_soon_after_a_long_absence(
    postgresql: servers.PostgreSQL, tmp_path: Path, said: list[str]
) -> None:
    with running(tmp_path, DATABASE_URL=postgresql.url()) as site:
        with readers(site.server.port, PATHS, pause=0.2) as seen:
            servers.wait_until(lambda: len(seen.answers) > 20, "readers")
            postgresql.stop()
            time.sleep(AWAY)
            postgresql.start()
            back = site.back()
        refused = seen.statuses().keys() - {200}
    said.append(f"PostgreSQL away for {AWAY} s: page after {back:.2f} s; readers: {seen.figures()}")
    assert refused <= {503}
    assert back < AWAY


def test_what_was_read_before_is_read_through_a_long_absence(
    postgresql: servers.PostgreSQL, tmp_path: Path, said: list[str]
) -> None:
    with (
        running(tmp_path, **with_page_cache(postgresql)) as site,
        readers(site.server.port, PATHS, pause=0.02) as seen,
    ):
        servers.wait_until(lambda: len(seen.answers) > 400, "readers")
        postgresql.stop()
        time.sleep(AWAY)
        away = seen.figures()
        postgresql.start()
        site.back()
    said.append(f"PostgreSQL away for {AWAY} s, cached pages: {away}")
    assert set(seen.statuses()) == {200}


@pytest.mark.parametrize("path", ["/", "/admin/"])
def test_without_postgresql_a_page_says_so(
    path: str, postgresql: servers.PostgreSQL, tmp_path: Path
) -> None:
    with running(tmp_path, DATABASE_URL=postgresql.url()) as site:
        site.make_editors("ada")
        editor = Editor(site.server.port)
        editor.sign_in("ada", PASSWORD)
        postgresql.stop()
        answer = editor.ask("GET", path)
    assert answer.status == 503
    assert answer.headers["Retry-After"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Temporarily unavailable" in answer.text
