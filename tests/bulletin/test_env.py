from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from bulletin.env import SQLITE_OPTIONS, database
from bulletin.extras import services

ROOT = Path(__file__).resolve().parent.parent.parent
OF_REQUESTS = {"wsgi.py", "application.py", "middleware.py", "metrics.py"}


def extended(**variables: str) -> dict[str, Any]:
    """What of the settings the services change."""
    env = environ.Env()
    env.ENVIRON = variables
    settings = {
        "DATABASES": {"default": database(env, Path("x"))},
        "STORAGES": {"default": {}},
        "WEB_THREADS": 4,
    }
    services.extend(settings, env)
    return settings


def of_database(url: str) -> dict[str, Any]:
    config: dict[str, Any] = extended(DATABASE_URL=url)["DATABASES"]["default"]
    return config


def test_sqlite_takes_its_lock_at_the_start_and_waits_for_it() -> None:
    config = of_database("sqlite:////data/db.sqlite3")
    assert (config["NAME"], config["OPTIONS"]) == ("/data/db.sqlite3", SQLITE_OPTIONS)
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in config["OPTIONS"]["init_command"]
    assert config["ATOMIC_REQUESTS"] is False
    # A connection keeps the index without which nobody reads from a full disk.
    assert config["CONN_MAX_AGE"] is None


def test_postgresql_has_a_connection_for_each_thread_and_tries_it_before_use() -> None:
    config = of_database("postgres://ana:p%40ss@db.example.org:5433/log?sslmode=require")
    assert (config["HOST"], config["PORT"], config["NAME"]) == ("db.example.org", 5433, "log")
    assert config["PASSWORD"] == "p@ss"
    assert config["OPTIONS"]["sslmode"] == "require"
    assert config["OPTIONS"]["pool"]["max_size"] == 4
    assert config["OPTIONS"]["options"] == "-c jit=off"
    assert config["CONN_HEALTH_CHECKS"] is True
    assert config["CONN_MAX_AGE"] == 0


def test_an_empty_option_is_for_poolers_that_refuse_any() -> None:
    config = of_database("postgres://ana@db.example.org/log?options=")
    assert "options" not in config["OPTIONS"]


def test_options_that_are_named_take_the_place_of_ours() -> None:
    config = of_database("postgres://ana@db.example.org/log?options=-c%20search_path%3Dlog")
    assert config["OPTIONS"]["options"] == "-c search_path=log"


@pytest.mark.parametrize("url", ["mysql://u:secret-word@h/log", "oracle://u:secret-word@h/log"])
def test_a_database_that_cannot_be_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        of_database(url)
    assert "neither sqlite:/// nor postgres://" in str(refusal.value)
    assert "secret-word" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("redis://h:6379/0", "redis://h:6379/0"),
        ("rediss://:word@h:6379/1", "rediss://:word@h:6379/1"),
        ("redis:///run/redis.sock?db=1", "unix:///run/redis.sock"),
    ],
)
def test_a_cache_may_be_gone(url: str, location: str) -> None:
    config = extended(REDIS_URL=url)["CACHES"]["default"]
    assert config["LOCATION"] == location
    assert config["OPTIONS"]["IGNORE_EXCEPTIONS"] is True
    assert config["OPTIONS"]["SOCKET_TIMEOUT"] <= 1


def test_uploads_are_in_a_bucket_where_one_is_named() -> None:
    assert extended()["STORAGES"]["default"] == {}
    stored = extended(S3_BUCKET="uploads")["STORAGES"]["default"]
    assert stored["OPTIONS"]["bucket_name"] == "uploads"
    assert stored["OPTIONS"]["client_config"].connect_timeout <= 2


def test_the_documents_name_every_variable_and_no_other() -> None:
    files = (ROOT / "bulletin").rglob("*.py")
    # The environment of some is that of a request.
    sources = [path.read_text() for path in files if path.name not in OF_REQUESTS]
    reader = re.compile(r'\benv(?:iron)?(?:\.\w+)?(?:\(env)?(?:\(|, )\s*"([A-Z][A-Z0-9_]+)"')
    read = {name for source in sources for name in reader.findall(source)}
    read -= {"DJANGO_SETTINGS_MODULE"}
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/operating.md").read_text(), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}
    assert sorted(read) == sorted(named)
