"""What an installation says of itself by environment variables, read into Django's settings.

What is wrong raises ImproperlyConfigured with the variable's name and what to give instead. A
secret in a value is never part of the sentence.
"""

from __future__ import annotations

import atexit
import ipaddress
import os
import re
import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

# FULL, because an acknowledged save must outlive a power cut; in WAL mode NORMAL leaves the file
# whole but may lose the last commits (sqlite.org/pragma.html#pragma_synchronous).
# Readers don't pay for it and an editor's save is one wait for the disk.
SQLITE_OPTIONS: Final = {
    # A transaction that reads and then writes must not fail for a lock halfway.
    "transaction_mode": "IMMEDIATE",
    # Seconds to wait for another's write.
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
}


def site_address(env: environ.Env) -> SplitResult:
    """Its path is empty or begins, and does not end, with a slash."""
    url: str = env.str("SITE_URL").rstrip("/")
    parts = urlsplit(url)
    is_whole = re.fullmatch(r"https?://[\w.:\[\]-]+(/[\w~-][\w.~-]*)*", url)
    if not is_whole or not parts.hostname:
        raise ImproperlyConfigured(
            f"SITE_URL is {url!r}; give the site's whole address, such as https://log.example.org"
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ImproperlyConfigured(
            f"SITE_URL is {url!r}; http is for this machine alone, give the https address"
        )
    return parts


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def database(env: environ.Env, default: Path) -> dict[str, Any]:
    """SQLite in WAL mode, or PostgreSQL, whose own settings are the extra's."""
    config: dict[str, Any] = env.db_url("DATABASE_URL", default=f"sqlite:///{default}")
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = SQLITE_OPTIONS | config.get("OPTIONS", {})
        # An open connection has the WAL's index, without which a full disk can't be read: of 16
        # pages none could be had then, and all with this. Opening one costs ten queries' time.
        config["CONN_MAX_AGE"] = None
    elif config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(
            "DATABASE_URL begins with neither sqlite:/// nor postgres://, which are all there is"
        )
    # Each write says itself how far its transaction goes; ATOMIC_REQUESTS would hold SQLite's one
    # write lock for as long as a page takes.
    return config | {"ATOMIC_REQUESTS": False}


def choice(env: environ.Env, variable: str, default: str, *others: str) -> str:
    value: str = env.str(variable, default=default)
    if value not in (default, *others):
        choices = " or ".join(dict.fromkeys([default, *others]))
        raise ImproperlyConfigured(f"{variable} is {value!r}; give {choices}")
    return value


def temporary_folder(name: str) -> str:
    """For what worker processes share: it is new at each start and goes with the process that made
    it, gunicorn's master."""
    folder, maker = tempfile.mkdtemp(prefix=f"bulletin-{name}-"), os.getpid()

    def remove() -> None:
        if os.getpid() == maker:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


def require_packages(variable: str, extra: str, *packages: str) -> None:
    if not all(find_spec(package) for package in packages):
        raise ImproperlyConfigured(
            f"{variable} asks for packages that are missing: "
            f"pip install --require-hashes -r requirements/{extra}.txt"
        )
