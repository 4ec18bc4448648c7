"""The site as it is run, in a folder of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers
from tests.faults.people import Answer, ask

PASSWORD = "only-for-this-run"


class Site:
    """One gunicorn; `port` stays the same when it is started again."""

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder = folder
        self.env = os.environ | {
            "SECRET_KEY": secrets.token_urlsafe(50),
            "SITE_URL": "http://127.0.0.1:1",
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "MEDIA_ROOT": f"{folder}/media",
            "DEBUG": "false",
            "LOG_LEVEL": "ERROR",
            "WEB_CONCURRENCY": "2",
            # They would hide from readers what stands beneath.
            "READY_MAX_BYTES": "0",
            **variables,
        }
        self.server = servers.gunicorn(folder, "web", self.env, "--log-level", "error")
        self.env["SITE_URL"] = self.url
        self.server.options["env"] = self.env

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    def get(self, path: str) -> Answer:
        return ask(self.server.port, "GET", path)

    def manage(self, *words: str) -> str:
        command = [sys.executable, "-W", "error", "manage.py", *words]
        done = subprocess.run(
            command, cwd=servers.ROOT, env=self.env, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "--command", code).strip()

    def fill(self, *, demo: bool = True) -> None:
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        if demo:
            self.manage("load_demo")

    def make_editors(self, *names: str) -> None:
        self.shell(
            "from django.contrib.auth import get_user_model as m\n"
            f"for name in {names}: m().objects.create_superuser(name, password='{PASSWORD}')"
        )

    def back(self, path: str = "/") -> float:
        """Seconds until a public page is a 200."""

        def answers() -> bool:
            try:
                return self.get(path).status == 200
            except OSError:
                return False

        return servers.wait_until(answers, f"{self.url}{path}")


@contextmanager
def running(folder: Path, *, demo: bool = True, **variables: str) -> Iterator[Site]:
    site = Site(folder, **variables)
    site.fill(demo=demo)
    with site.server:
        yield site
