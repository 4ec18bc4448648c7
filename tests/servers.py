"""Throw-away PostgreSQL, Redis, S3, gunicorn and nginx on loopback, from what is installed.

Each is a context: it runs for as long as its block does, on a port of its own, with its files in a
folder that goes with it. As a program it runs a command with services in its environment:

    python -m tests.servers postgresql redis s3 -- pytest
"""

from __future__ import annotations

import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Seconds until something that does not come up is given up: for a machine that hangs, and so large
# that no busy one gets there.
PATIENCE = 300.0
BUCKET = "uploads"
KILL: Final = signal.SIGKILL


class Missing(RuntimeError):
    """A program is not installed; the message says what to install."""


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if not found:
        # Debian keeps each release of PostgreSQL in a folder of its own.
        releases = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
        found = max(map(str, releases), default=None, key=lambda path: int(path.split("/")[4]))
    if not found:
        raise Missing(f"{name} is not installed: apt install {package}")
    return found


def free_port() -> int:
    """Below those that the kernel gives to clients: it stays free until, and between, starts."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_until(holds: Callable[[], bool], what: str, patience: float | None = None) -> float:
    """Seconds that it took."""
    begun, patience = time.monotonic(), PATIENCE if patience is None else patience
    while not holds():
        if time.monotonic() - begun > patience:
            raise TimeoutError(f"{what} did not come up in {patience:.0f} s")
        time.sleep(0.02)
    return time.monotonic() - begun


def listens(port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(1)
        return caller.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A program that listens on a port of loopback; it can be stopped, killed and started again.

    As a context it runs for the block, and nothing of it is left after.
    """

    # What ends it without waiting for its clients.
    ended_by = signal.SIGTERM

    def __init__(self, command: Sequence[str | Path], port: int, log: Path, **options: Any) -> None:
        self.command = [str(word) for word in command]
        self.port, self.log, self.options = port, log, options
        self.popen: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self.popen, f"{self.command[0]} does not run"
        return self.popen.pid

    def start(self) -> float:
        """Seconds until it was ready; where it does not get there, nothing of it is left."""
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self.options,
            )
        try:
            return wait_until(self._is_up, Path(self.command[0]).name)
        except BaseException:
            self.stop(KILL)
            raise

    def _is_up(self) -> bool:
        if self.popen is None or self.popen.poll() is not None:
            raise RuntimeError(f"{self.command[0]} ended at once:\n{self.said()}")
        return self.is_ready()

    def is_ready(self) -> bool:
        return listens(self.port)

    def stop(self, by: signal.Signals | None = None) -> None:
        """Ends it and waits until it has ended; by SIGKILL with its children."""
        if self.popen is None:
            return
        by = by or self.ended_by
        popen, self.popen = self.popen, None
        if popen.poll() is None:
            (os.killpg if by == KILL else os.kill)(popen.pid, by)
        try:
            popen.wait(timeout=None if by == KILL else PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(popen.pid, KILL)
            popen.wait()
            raise

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in listed.split()]

    def said(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class PostgreSQL(Server):
    ended_by = signal.SIGINT

    def is_ready(self) -> bool:
        asked = [program("pg_isready", "postgresql"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(asked, check=False).returncode == 0

    def url(self, name: str = "postgres") -> str:
        """How to reach the database `name`; only the default one is there from the start."""
        return f"postgres://bulletin@127.0.0.1:{self.port}/{name}"


def postgresql(folder: Path, *, durable: bool = False) -> PostgreSQL:
    """An empty cluster, which waits for the disk only where it is to be `durable`.

    PostgreSQL refuses to run as root and is then run as the user that Debian made for it.
    """
    data = folder / "postgresql"
    data.mkdir()
    owner: dict[str, Any] = {}
    if os.getuid() == 0:
        owner = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(data, "postgres", "postgres")
        folder.chmod(0o755)
    initdb = [program("initdb", "postgresql"), "--pgdata", data, "--auth", "trust"]
    initdb += ["--username", "bulletin", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
    subprocess.run(initdb, check=True, capture_output=True, cwd=data, **owner)
    port = free_port()
    command = [program("postgres", "postgresql"), "-D", data, "-p", str(port), "-k", data]
    command += ["-c", "listen_addresses=127.0.0.1", "-c", "max_connections=60"]
    if not durable:
        command += ["-c", "fsync=off", "-c", "full_page_writes=off"]
    return PostgreSQL(command, port, folder / "postgresql.log", cwd=data, **owner)


def redis(folder: Path) -> Server:
    port = free_port()
    command = [program("redis-server", "redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
    command += ["--save", "", "--appendonly", "no", "--dir", folder]
    return Server(command, port, folder / "redis.log")


def s3(folder: Path) -> Server:
    """An S3 server that keeps its buckets in memory: it has none until `make_bucket`."""
    port = free_port()
    command = [BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    return Server(command, port, folder / "s3.log")


def bucket_settings(server: Server) -> dict[str, str]:
    return {
        "S3_BUCKET": BUCKET,
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
        "S3_REGION": "us-east-1",
        "S3_ACCESS_KEY": "throw-away",
        "S3_SECRET_KEY": "throw-away",
    }


def make_bucket(server: Server) -> None:
    import boto3  # noqa: PLC0415 - half a second that few tests need

    named = bucket_settings(server)
    client = boto3.client(
        "s3",
        endpoint_url=named["S3_ENDPOINT_URL"],
        region_name=named["S3_REGION"],
        aws_access_key_id=named["S3_ACCESS_KEY"],
        aws_secret_access_key=named["S3_SECRET_KEY"],
    )
    client.create_bucket(Bucket=BUCKET)


class Gunicorn(Server):
    """The site; its workers are its children."""

    def is_ready(self) -> bool:
        """Whether a worker answers: gunicorn listens long before."""
        caller = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            caller.request("GET", "/healthz")
            return bool(caller.getresponse().status)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            caller.close()

    def workers(self) -> list[int]:
        return self.children()

    def reload(self) -> None:
        """New workers take over from the old ones, which finish what they are at."""
        os.kill(self.pid, signal.SIGHUP)


def gunicorn(
    folder: Path, name: str, env: Mapping[str, str], *words: str, port: int | None = None
) -> Gunicorn:
    port = port or free_port()
    command = [BIN / "gunicorn", "--config", "bulletin/gunicorn_conf.py", "--no-control-socket"]
    command += ["--bind", f"127.0.0.1:{port}", *words, "bulletin.wsgi"]
    return Gunicorn(command, port, folder / f"{name}.log", cwd=ROOT, env=env)


def nginx(
    folder: Path, backends: Iterable[Server], *, port: int, host: str = "localhost"
) -> Server:
    """The shipped configuration by TLS on `port`, with a certificate of its own in `folder`."""
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    certificate += ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    certificate += ["-keyout", "privkey.pem", "-out", "fullchain.pem"]
    subprocess.run(certificate, check=True, capture_output=True, cwd=folder)
    shutil.copy(ROOT / "deploy/nginx/unreachable.html", folder)
    site = (ROOT / "deploy/nginx/site.conf.template").read_text()
    given = {
        "BACKENDS": " ".join(f"server 127.0.0.1:{each.port} fail_timeout=1s;" for each in backends),
        "SITE_HOST": host,
        "PREFIX": "",
        "HTTP_PORT": f"127.0.0.1:{free_port()}",
        "HTTPS_PORT": f"127.0.0.1:{port}",
        "CACHE_DIR": str(folder / "kept"),
        "TLS_DIR": str(folder),
        "HTML_DIR": str(folder),
        "ACCESS_LOG": str(folder / "nginx-access.log"),
    }
    for name, value in given.items():
        site = site.replace(f"${{{name}}}", value)
    (folder / "kept").mkdir(exist_ok=True)
    (folder / "site.conf").write_text(site)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    command = [program("nginx", "nginx"), "-c", folder / "nginx.conf", "-p", folder]
    return Server(command, port, folder / "nginx.log")


# What Debian's own nginx.conf would hold, but for files in `folder`.
NGINX: Final = """\
daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    include {folder}/site.conf;
}}
"""


@contextmanager
def services(names: Iterable[str]) -> Iterator[dict[str, str]]:
    """The variables that make a site use `names`, which run for as long as the block does."""
    with (
        tempfile.TemporaryDirectory(prefix="bulletin-services-") as scratch,
        ExitStack() as stack,
    ):
        folder, variables = Path(scratch), {}
        for name in names:
            server = stack.enter_context(SERVICES[name](folder))
            if name == "postgresql":
                variables["DATABASE_URL"] = server.url()
            elif name == "redis":
                variables["REDIS_URL"] = f"redis://127.0.0.1:{server.port}/0"
            else:
                make_bucket(server)
                variables |= bucket_settings(server)
        yield variables


SERVICES: Final = {"postgresql": postgresql, "redis": redis, "s3": s3}


def main(words: list[str]) -> int:
    """A command's exit status; 2 where a service can't be had."""
    cut = words.index("--")
    try:
        with services(words[:cut]) as variables:
            return subprocess.run(
                words[cut + 1 :], env=os.environ | variables, check=False
            ).returncode
    except Missing as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
