from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings as site
from django.db import DatabaseError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from bulletin.models import Status
from bulletin.views import health, posts
from tests.factories import PUBLISHED, make_bulletin, make_incident
from tests.installation import Installation
from tests.servers import PATIENCE, wait_until

TOKEN = {"Authorization": f"Bearer {site.METRICS_TOKEN}"}
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(text: str) -> Figures:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scraped(client: Client) -> Figures:
    answer = client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    return parsed(answer.content.decode())


def figure(figures: Figures, name: str, **labels: str) -> float | None:
    return figures.get((f"bulletin_{name}", frozenset(labels.items())))


def counted(figures: Figures, view: str, status: int, method: str = "GET") -> float:
    labels = {"view": view, "status": str(status), "method": method}
    return figure(figures, "requests_total", **labels) or 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given", [{}, {"Authorization": "Bearer "}, {"Authorization": "Bearer é" + "x" * 30}]
)
def test_without_the_token_there_is_nothing(client: Client, given: dict[str, str]) -> None:
    assert client.get("/metrics", headers=given).status_code == 404


@pytest.mark.django_db
def test_a_replica_is_asked_by_its_address_and_without_https(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/metrics", headers=TOKEN | {"Host": "10.1.2.3:8000"})
    assert answer.status_code == 200


@pytest.mark.django_db
def test_requests_are_counted_by_the_name_of_their_view(client: Client) -> None:
    before = scraped(client)
    client.get("/2024-07-06/")
    client.get("/incidents/no-such/")
    client.get("/incidents/nor-this/")
    client.get("/anywhere/")
    client.generic("BREW", "/")
    after = scraped(client)
    gained = {key: value - before.get(key, 0) for key, value in after.items()}
    assert counted(gained, "bulletin", 404) == 1
    assert counted(gained, "incident", 404) == 2
    assert counted(gained, "none", 404) == 1
    assert counted(gained, "none", 405, "other") == 1
    assert figure(gained, "request_seconds_count", view="incident") == 2
    assert figure(after, "requests_in_flight") == 0
    assert not any("no-such" in value for _name, labels in after for _label, value in labels)


@pytest.mark.django_db
def test_what_broke_is_counted_by_kind(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: Any) -> None:
        raise DatabaseError

    before = scraped(client)
    monkeypatch.setattr(posts, "page", fails)
    client.raise_request_exception = False
    assert client.get("/").status_code == 500
    after = scraped(client)
    for name, labels in (("exceptions", {"type": "DatabaseError"}), ("database_errors", {})):
        was = figure(before, f"{name}_total", **labels) or 0
        assert figure(after, f"{name}_total", **labels) == was + 1


@pytest.mark.django_db
def test_the_log_is_told_in_figures(client: Client, django_assert_num_queries: Any) -> None:
    make_incident()
    make_incident(publish_at=None)
    make_bulletin()
    far = PUBLISHED + timedelta(days=36_500)
    week = {"period_first": far.date(), "period_last": far.date(), "date": far.date()}
    make_bulletin(status=Status.PUBLISHED, publish_at=far, **week)
    with django_assert_num_queries(9):
        figures = scraped(client)
    assert figure(figures, "bulletins_published") == 1
    assert figure(figures, "incidents_told") == 2
    assert figure(figures, "incidents_untold") == 0
    assert figure(figures, "last_publication_timestamp_seconds") == PUBLISHED.timestamp()
    assert figure(figures, "next_publication_timestamp_seconds") == far.timestamp()
    assert figure(figures, "ready", part="cache") == 1


@pytest.mark.django_db
def test_without_the_database_its_figures_are_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {"database": "gone", "migrations": "not known"}
    monkeypatch.setattr(health, "database_status", lambda: gone)
    figures = scraped(client)
    assert figure(figures, "ready", part="database") == 0
    assert figure(figures, "bulletins_published") is None


# Several workers -----------------------------------------------------------------------


class Served:
    """A gunicorn of two workers with an empty database."""

    def __init__(self, site: Installation) -> None:
        self.site = site

    def status(self, path: str) -> int:
        try:
            with urlopen(f"{self.site.url}{path}", timeout=PATIENCE) as answer:  # noqa: S310
                return int(answer.status)
        except HTTPError as error:
            return error.code

    def figures(self) -> Figures:
        asked = Request(f"{self.site.url}/metrics", headers=TOKEN)  # noqa: S310
        with urlopen(asked, timeout=PATIENCE) as answer:  # noqa: S310
            return parsed(answer.read().decode())

    def workers(self) -> set[int]:
        return set(self.site.server.workers())


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    observed = {"OBSERVE_EXTRA": "true", "METRICS_TOKEN": site.METRICS_TOKEN}
    installation = Installation(tmp_path, WEB_CONCURRENCY="2", **observed)
    with installation.server:
        yield Served(installation)


def test_workers_are_summed_and_a_killed_one_leaves_its_counts_alone(served: Served) -> None:
    wait_until(lambda: len(served.workers()) == 2, "the second worker")
    before = counted(served.figures(), "healthz", 200)
    for _ in range(20):
        assert served.status("/healthz") == 200
    assert counted(served.figures(), "healthz", 200) == before + 20
    held = hold(served)
    wait_until(lambda: (figure(served.figures(), "requests_in_flight") or 0) == 1, "a request")
    killed = served.workers()
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    held.close()
    wait_until(lambda: len(served.workers() - killed) == 2, "new workers")
    assert not served.workers() & killed
    figures = served.figures()
    assert figure(figures, "requests_in_flight") == 0
    assert counted(figures, "healthz", 200) == before + 20


def hold(served: Served) -> socket.socket:
    """A request whose body never comes in full: the check of its token waits for it."""
    caller = socket.create_connection(("127.0.0.1", served.site.server.port))
    caller.sendall(
        b"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\n"
        b"Cookie: csrf=" + b"a" * 32 + b"\r\n\r\na"
    )
    return caller
