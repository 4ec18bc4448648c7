from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from bulletin import readiness

pytestmark = pytest.mark.django_db


def told(client: Client) -> tuple[int, list[str]]:
    answer = client.get("/readyz")
    assert answer["Cache-Control"] == "private, no-store"
    return answer.status_code, answer.content.decode().splitlines()


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A database that takes connections and says nothing; a row for each time it is asked."""
    asked: list[int] = []
    end = threading.Event()

    def ask() -> readiness.Words:
        asked.append(1)
        end.wait()
        return {}

    probe = readiness.Probe(ask, "database", "migrations")
    monkeypatch.setattr(readiness, "PROBES", (probe,))
    monkeypatch.setattr(readiness, "PATIENCE", 0.02)
    yield asked
    end.set()


def test_each_part_has_a_line(client: Client) -> None:
    assert told(client) == (200, ["database: ok", "migrations: ok", "cache: ok"])


def test_a_database_that_hangs_holds_nobody_and_is_asked_once(
    client: Client, hung: list[int]
) -> None:
    silent = ["database: no answer in time", "migrations: no answer in time"]
    assert told(client) == told(client) == (503, silent)
    assert len(hung) == 1


def test_without_the_database_nobody_is_sent_here_nor_told_its_address(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_recorder: MigrationRecorder) -> None:
        raise DatabaseError("no route to secret.example.org")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)
    assert told(client) == (503, ["database: gone", "migrations: not known", "cache: ok"])


def test_without_the_cache_the_site_goes_on(client: Client, settings: object) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}  # type: ignore[attr-defined]
    status, lines = told(client)
    assert status == 200
    assert lines[-1] == "cache: gone, the site is slower"


def test_a_database_older_than_the_code_is_not_served_and_a_newer_one_is() -> None:
    applied = set(MigrationRecorder(connection).applied_migrations())
    assert readiness.waiting(applied - {("bulletin", "0001_initial")}) == 1
    assert readiness.waiting(applied | {("bulletin", "9999_of_next_year")}) == 0


def test_a_squashed_migration_is_applied_where_all_of_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = {("bulletin", "0001_a"), ("bulletin", "0002_b")}
    known = {("bulletin", "0001_squashed"): frozenset(old)}
    monkeypatch.setattr(readiness, "known_migrations", lambda: known)
    assert readiness.waiting(old) == 0
    assert readiness.waiting({("bulletin", "0001_a")}) == 1


def test_a_start_without_the_database_is_one_line(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    readiness.tell()
    assert not caplog.messages
    gone = readiness.Probe(lambda: {"database": "gone"}, "database", "migrations")
    monkeypatch.setattr(readiness, "PROBES", (gone,))
    readiness.tell()
    [line] = caplog.messages
    assert line.startswith("Serving without: database (gone), migrations (not known);")
