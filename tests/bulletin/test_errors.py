from __future__ import annotations

import errno
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.commands import migrate as stock
from django.db import (
    DatabaseError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    connection,
)
from django.test import Client

from bulletin.admin.views import store
from bulletin.http_caching import NO_STORE
from bulletin.management.commands import migrate
from bulletin.uploads import Picture
from bulletin.views import errors, posts
from tests.factories import make_editor


def of_sqlite(code: int) -> OperationalError:
    error, cause = OperationalError("words"), sqlite3.OperationalError("words")
    cause.sqlite_errorcode = code
    error.__cause__ = cause
    return error


OUT = [
    *(of_sqlite(code) for code in (5, 10, 13, 14, 8, 8 | 4 << 8)),
    OperationalError("the connection is lost"),
    InternalError("cannot execute INSERT in a read-only transaction"),
    InterfaceError("connection already closed"),
    *(OSError(code, "words") for code in (errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT)),
]
OURS = [
    of_sqlite(sqlite3.SQLITE_ERROR),
    ProgrammingError("relation does not exist"),
    DatabaseError("disk is full"),
    OSError(errno.ENOENT, "no space left"),
    ValueError("unable to open database file"),
]


@pytest.mark.parametrize("error", OUT, ids=lambda error: repr(error.__cause__ or error))
def test_an_outage_is_told_by_its_code(error: Exception) -> None:
    assert errors.is_outage(error)


def test_an_error_of_the_driver_that_django_let_through_is_known_as_well() -> None:
    error = connection.Database.OperationalError("words")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    assert errors.is_outage(error)


@pytest.mark.parametrize("error", OURS)
def test_an_error_of_ours_is_no_outage_whatever_it_says(error: Exception) -> None:
    assert not errors.is_outage(error)


# Pages --------------------------------------------------------------------------------


@pytest.fixture
def out(db: None) -> Iterator[None]:
    """Every query fails as on a full disk."""

    def fail(*_given: object) -> None:
        raise of_sqlite(sqlite3.SQLITE_FULL)

    with connection.execute_wrapper(fail):
        yield


def test_a_page_that_cannot_be_read_says_so_and_is_kept_by_nobody(out: None) -> None:
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 503
    assert response["Cache-Control"] == NO_STORE
    assert int(response["Retry-After"]) > 0
    assert "Nothing was saved" not in response.content.decode()


def test_a_save_that_fails_says_that_the_browser_keeps_what_was_typed(out: None) -> None:
    response = Client(raise_request_exception=False).post("/admin/login/", {"username": "ada"})
    assert response.status_code == 503
    assert "saved in this browser" in response.content.decode()


@pytest.mark.django_db
def test_the_admin_s_scripts_are_told_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_editor())

    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "words")

    monkeypatch.setattr("bulletin.autosave.save_autosave", full)
    response = client.post("/admin/autosave/save/", {"_key": "x"})
    assert response.status_code == 503
    assert json.loads(response.content)["error"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status"), [(OperationalError("words"), 503), (DatabaseError("no such row"), 400)]
)
def test_a_session_that_an_outage_kept_from_being_saved_is_no_mistake_of_the_client(
    monkeypatch: pytest.MonkeyPatch, settings: Any, error: Exception, status: int
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make_editor())
    settings.SESSION_SAVE_EVERY_REQUEST = True
    monkeypatch.setattr(Session, "save", MagicMock(side_effect=error))
    assert client.get("/admin/").status_code == status


@pytest.mark.django_db
def test_an_error_of_ours_stays_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts.Bulletin.objects, "published", MagicMock(side_effect=ValueError))
    assert Client(raise_request_exception=False).get("/").status_code == 500


# Files --------------------------------------------------------------------------------


def test_a_picture_that_the_disk_cut_short_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Picture(b"all of it", "png", 3, 3)
    whole = default_storage.save

    def cut(path: str, content: object) -> None:
        whole(path, ContentFile(b"all"))
        raise OSError(errno.ENOSPC, "words")

    with monkeypatch.context() as patch:
        patch.setattr(default_storage, "save", cut)
        with pytest.raises(OSError, match="words"):
            store(picture)
    assert not default_storage.exists(f"uploads/{picture.name}")


# Migrating ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_database_is_migrated_by_one_process_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []
    monkeypatch.setattr(stock.Command, "handle", lambda *_a, **_o: held.append(is_held()))
    migrate.Command().handle(database="default")
    assert held == [True]
    assert not is_held()


def is_held() -> bool:
    """Whether somebody else would wait."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # The other workers of the suite migrate databases of their own beside this one.
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_locks.database ="
                " pg_database.oid WHERE locktype = 'advisory' AND datname = current_database()"
            )
            return bool(cursor.fetchone()[0])
    folder = os.open(Path(str(connection.settings_dict["NAME"])).parent, os.O_RDONLY)
    try:
        migrate.fcntl.flock(folder, migrate.fcntl.LOCK_EX | migrate.fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(folder)
    return False
