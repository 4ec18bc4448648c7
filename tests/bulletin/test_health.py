from __future__ import annotations

from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

pytestmark = pytest.mark.django_db


def readyz(client: Client) -> tuple[int, list[str]]:
    response = client.get("/readyz")
    assert response["Cache-Control"] == "private, no-store"
    return response.status_code, response.content.decode().splitlines()


def test_each_part_has_a_line(client: Client) -> None:
    assert readyz(client) == (200, ["database: ok", "migrations: ok", "cache: ok"])


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_without_the_database_nobody_is_sent_here_nor_told_its_address(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(_recorder: MigrationRecorder) -> None:
        raise error("no route to secret.example.org")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)
    assert readyz(client) == (503, ["database: gone", "migrations: not known", "cache: ok"])


def test_without_the_cache_the_site_goes_on(client: Client, settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    status, lines = readyz(client)
    assert status == 200
    assert lines[-1] == "cache: gone, the site is slower"


@pytest.mark.parametrize(
    ("missing", "added", "expected"),
    [
        ({("sessions", "0001_initial")}, set(), (503, "migrations: 1 to apply")),
        (set(), {("bulletin", "9999_of_next_year")}, (200, "migrations: ok")),
    ],
    ids=["older", "newer"],
)
def test_a_database_older_than_the_code_is_not_served_and_a_newer_one_is(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    missing: set[tuple[str, str]],
    added: set[tuple[str, str]],
    expected: tuple[int, str],
) -> None:
    stock = MigrationRecorder.applied_migrations

    def applied(recorder: MigrationRecorder) -> dict[tuple[str, str], Any]:
        known = stock(recorder)
        return {key: known.get(key) for key in (set(known) - missing) | added}

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", applied)
    status, lines = readyz(client)
    assert (status, lines[1]) == expected
