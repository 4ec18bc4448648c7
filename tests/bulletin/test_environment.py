from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from bulletin import environment

ROOT = Path(__file__).resolve().parent.parent.parent
OF_REQUESTS = {"wsgi.py", "application.py", "middleware.py", "meters.py"}
BUCKET = {"S3_BUCKET": "uploads"}


def given(**variables: str) -> environ.Env:
    env = environ.Env()
    env.ENVIRON = variables
    return env


def database(url: str) -> dict[str, Any]:
    return environment.database(
        given(DATABASE_URL=url), "DATABASE_URL", default=Path("x"), threads=4
    )


def test_sqlite_takes_its_lock_at_the_start_and_waits_for_it() -> None:
    setting = database("sqlite:////data/db.sqlite3")
    assert setting["NAME"] == "/data/db.sqlite3"
    assert setting["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert setting["OPTIONS"]["timeout"] >= 5
    assert "journal_mode=WAL" in setting["OPTIONS"]["init_command"]
    assert "synchronous=FULL" in setting["OPTIONS"]["init_command"]
    assert setting["ATOMIC_REQUESTS"] is False


def test_postgresql_has_a_connection_for_each_thread_and_tries_it_before_use() -> None:
    setting = database("postgres://ana:p%40ss@db.example.org:5433/log?sslmode=require")
    assert (setting["HOST"], setting["PORT"], setting["NAME"]) == ("db.example.org", 5433, "log")
    assert setting["PASSWORD"] == "p@ss"
    assert setting["OPTIONS"]["sslmode"] == "require"
    assert setting["OPTIONS"]["pool"]["max_size"] == 4
    assert setting["OPTIONS"]["options"] == "-c jit=off"
    assert setting["CONN_HEALTH_CHECKS"] is True
    assert setting["CONN_MAX_AGE"] == 0


@pytest.mark.parametrize(
    ("typed", "options"), [("", None), ("-c%20search_path%3Dlog", "-c search_path=log")]
)
def test_where_options_are_named_or_refused_there_are_no_others(
    typed: str, options: str | None
) -> None:
    setting = database(f"postgres://ana@db.example.org/log?options={typed}")
    assert setting["OPTIONS"].get("options") == options


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://u@h/log", "neither sqlite:/// nor postgres://"),
        ("log.sqlite3", "DATABASE_URL"),
        ("postgres://secret-word@h/", "names no database"),
        ("postgres://u:secret-word@h:port/log", "DATABASE_URL can't be read"),
        ("sqlite:////log.sqlite3?timeout=1", "options, which SQLite"),
    ],
)
def test_a_database_that_cannot_be_is_refused_without_its_password(url: str, message: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        database(url)
    assert message in str(refusal.value)
    assert "secret-word" not in str(refusal.value)


@pytest.mark.parametrize("url", ["localhost:6379", "http://h:6379", "redis://", "redis:///0"])
def test_a_cache_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        environment.cache(given(REDIS_URL=url), "REDIS_URL")


@pytest.mark.parametrize(
    "url", ["redis://h:6379/0", "rediss://:word@h:6379/1", "unix:///run/redis.sock?db=1"]
)
def test_a_cache_may_be_gone(url: str) -> None:
    setting = environment.cache(given(REDIS_URL=url), "REDIS_URL")
    assert setting["LOCATION"] == url
    assert setting["OPTIONS"]["IGNORE_EXCEPTIONS"] is True
    assert setting["OPTIONS"]["SOCKET_TIMEOUT"] <= 1


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"S3_ENDPOINT_URL": "https://s3.example.org"}, "S3_BUCKET is not"),
        ({"S3_BUCKET": "s3://Uploads"}, "bare name"),
        (BUCKET | {"S3_ENDPOINT_URL": "s3.example.org"}, "S3_ENDPOINT_URL"),
        (BUCKET | {"S3_ACCESS_KEY": "half"}, "S3_SECRET_KEY"),
    ],
)
def test_a_bucket_that_cannot_be_is_refused(variables: dict[str, str], message: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=message):
        environment.uploads(given(**variables))


def test_uploads_are_files_of_this_machine_where_no_bucket_is_named() -> None:
    assert "FileSystem" in environment.uploads(given())["BACKEND"]
    assert environment.uploads(given(**BUCKET))["OPTIONS"]["bucket_name"] == "uploads"


def test_the_documents_name_every_variable_and_no_other() -> None:
    rooms = ("bulletin", "login", "observe", "services")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    # The environment of some is that of a request.
    sources = [path.read_text() for path in files if path.name not in OF_REQUESTS]
    reader = re.compile(r'\benv(?:iron)?(?:\.\w+)?(?:\(env)?(?:\(|, )\s*"([A-Z][A-Z0-9_]+)"')
    read = {name for source in sources for name in reader.findall(source)}
    read -= {"DJANGO_SETTINGS_MODULE"}
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}
    assert sorted(read) == sorted(named)
