from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.conf import settings as site
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from bulletin.extras.metrics import count_cached_response
from bulletin.page_cache.application import PageCacheWSGI
from tests.bulletin.page_cache.conftest import ask, make_page_cache, still
from tests.installation import Installation
from tests.servers import PATIENCE, wait_until

__all__ = ["make_page_cache", "still"]

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


def requests(figures: Figures, view: str, method: str = "GET") -> float:
    name = "django_http_requests_total_by_view_transport_method_total"
    labels = {"view": view, "transport": "http", "method": method}
    return figures.get((name, frozenset(labels.items())), 0)


def cached(figures: Figures, view: str, status: int, method: str = "GET") -> float:
    labels = {"view": view, "status": str(status), "method": method}
    return figures.get(("bulletin_page_cache_responses_total", frozenset(labels.items())), 0)


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
    after = scraped(client)
    for view, count in (("bulletin", 1), ("incident", 2)):
        assert requests(after, view) == requests(before, view) + count
    assert not any("no-such" in value for _name, labels in after for _label, value in labels)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_request_is_counted_once_whether_the_page_cache_has_its_page(
    make_page_cache: Callable[..., PageCacheWSGI], method: str
) -> None:
    page_cache = make_page_cache(None, count_cached_response)

    def scraped() -> Figures:
        answer = ask(page_cache.inner, "/metrics", AUTHORIZATION=TOKEN["Authorization"])
        return parsed(answer.body.decode())

    before = scraped()
    for _time in range(3):
        assert ask(page_cache, "/", method).status == 200
    after = scraped()
    # The page is rendered by a GET.
    assert requests(after, "home") == requests(before, "home") + 1
    assert requests(after, "home", "HEAD") == requests(before, "home", "HEAD")
    assert cached(after, "home", 200, method) == cached(before, "home", 200, method) + 2


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


def test_workers_are_summed_and_a_killed_one_leaves_its_counts(served: Served) -> None:
    wait_until(lambda: len(served.workers()) == 2, "the second worker")
    before = requests(served.figures(), "healthz")
    for _ in range(20):
        assert served.status("/healthz") == 200
    assert requests(served.figures(), "healthz") == before + 20
    killed = served.workers()
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    wait_until(lambda: len(served.workers() - killed) == 2, "new workers")
    assert requests(served.figures(), "healthz") == before + 20
