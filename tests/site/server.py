"""The demo log behind a gunicorn of its own, with its own database, on a free port."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent


def environment(url: str, scratch: str) -> dict[str, str]:
    return os.environ | {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "SITE_URL": url,
        "DATABASE_URL": f"sqlite:///{scratch}/db.sqlite3",
        "MEDIA_ROOT": f"{scratch}/media",
        "DEBUG": "false",
        "LOG_LEVEL": "ERROR",
    }


def manage(env: dict[str, str], *words: str) -> None:
    command = [sys.executable, "-W", "error", "manage.py", *words, "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=env, check=True)


@contextmanager
def served(prefix: str) -> Iterator[str]:
    """The address of a site that holds the demo log, for as long as the block runs."""
    with (
        tempfile.TemporaryDirectory(prefix="bulletin-site-") as scratch,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        url = f"http://127.0.0.1:{listener.getsockname()[1]}{prefix}"
        env = environment(url, scratch)
        manage(env, "migrate")
        manage(env, "load_demo")
        # gunicorn takes the socket that is open already: nobody gets the port in between, and a
        # request that comes too early waits in line.
        bind = [
            "--bind",
            f"fd://{listener.fileno()}",
            "--no-control-socket",
            "--log-level",
            "error",
        ]
        server = subprocess.Popen(
            [BIN / "gunicorn", "--config", "bulletin/gunicorn_conf.py", *bind, "bulletin.wsgi"],
            cwd=ROOT,
            env=env,
            pass_fds=[listener.fileno()],
        )
        try:
            urlopen(f"{url}/readyz", timeout=60).close()  # noqa: S310
            yield url
        finally:
            server.terminate()
            server.wait(timeout=60)
