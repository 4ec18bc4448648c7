"""The site installed in a folder of its own, and run from without.

What is slow to make is made once a session and copied: migrating takes 4.5 s of a processor, the
demo log 4, collecting static files 2.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests import servers
from tests.session import made_once

KEY = "only-for-tests-" + "0123456789" * 5


class Installation:
    """At first without a database; `variables` are of its environment."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder, port = folder, servers.free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.env = {
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "tests.installation_settings",
            "SECRET_KEY": KEY,
            "SITE_URL": self.url,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "MEDIA_ROOT": f"{folder}/media",
            "STATIC_ROOT": f"{folder}/static",
            "DEBUG": "false",
            "LOG_LEVEL": "CRITICAL",
            **variables,
        }
        self.server = servers.gunicorn(folder, "web", self.env, port=port)

    def run(self, *words: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """A command of manage.py, whatever its exit status."""
        command = [sys.executable, "-W", "error", "manage.py", *map(str, words)]
        options.setdefault("env", self.env)
        return subprocess.run(
            command, cwd=servers.ROOT, check=False, capture_output=True, text=True, **options
        )

    def manage(self, *words: str | Path) -> str:
        """What a command says, which must succeed."""
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return str(done.stdout)

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "--command", code).strip()

    def fill(self, *, demo: bool = True, static: bool = True) -> None:
        """A migrated database, with the demo log, and collected static files."""
        if static:
            self.env["STATIC_ROOT"] = f"{static_files()}/static"
        if not self.env["DATABASE_URL"].startswith("sqlite:///"):
            self.manage("migrate", "--verbosity", "0")
        # The demo's texts have the site's prefix in their links; a bucket is elsewhere.
        elif demo and not urlsplit(self.env["SITE_URL"]).path and "S3_BUCKET" not in self.env:
            self.copy(with_demo())
            return
        else:
            self.copy(migrated())
        if demo:
            self.manage("load_demo")

    def copy(self, made: Path) -> None:
        shutil.copy(made / "db.sqlite3", self.env["DATABASE_URL"].removeprefix("sqlite:///"))
        if (made / "media").exists():
            shutil.copytree(made / "media", self.env["MEDIA_ROOT"], dirs_exist_ok=True)


@contextmanager
def running(folder: Path, *, demo: bool = True, **variables: str) -> Iterator[Installation]:
    installation = Installation(folder, **variables)
    installation.fill(demo=demo)
    with installation.server:
        yield installation


# Made once a session ------------------------------------------------------------------


def migrated() -> Path:
    """A folder with SQLite's file, for the extras of this process's environment."""

    def make(folder: Path) -> None:
        installation_in(folder).manage("migrate", "--verbosity", "0")

    return made_once("migrated", make)


def with_demo() -> Path:
    """The same with the demo log and its uploads."""

    def make(folder: Path) -> None:
        shutil.copytree(migrated(), folder)
        installation_in(folder).manage("load_demo")

    return made_once("demo", make)


def static_files() -> Path:
    def make(folder: Path) -> None:
        installation_in(folder).manage("collectstatic", "--noinput")

    return made_once("static", make)


def installation_in(folder: Path) -> Installation:
    folder.mkdir(exist_ok=True)
    chosen = ("LOGIN_EXTRA", "OBSERVE_EXTRA", "METRICS_TOKEN")
    extras = {name: os.environ[name] for name in chosen if name in os.environ}
    return Installation(folder, **extras)
