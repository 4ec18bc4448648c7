"""The topology of deploy/compose.yaml as processes on loopback, from the same files."""

from __future__ import annotations

import http.client
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests import servers
from tests.installation import Installation

HOST = "localhost"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def kept(self) -> str | None:
        """What nginx says of its cache: MISS, HIT, STALE, EXPIRED, BYPASS …"""
        return self.headers["X-Cache"]


@dataclass
class Stack:
    site: Installation
    database: servers.PostgreSQL
    redis: servers.Server
    replicas: list[servers.Gunicorn]
    nginx: servers.Server

    @property
    def url(self) -> str:
        return self.site.env["SITE_URL"]

    def get(self, path: str, method: str = "GET", body: bytes = b"", **headers: str) -> Answer:
        """Through nginx, by TLS."""
        context = ssl.create_default_context(cafile=f"{self.nginx.log.parent}/fullchain.pem")
        caller = http.client.HTTPSConnection(HOST, self.nginx.port, timeout=30, context=context)
        return ask(caller, method, path, body, headers)

    def straight(self, replica: int, path: str, **headers: str) -> Answer:
        """To one replica, as nginx would ask."""
        caller = http.client.HTTPConnection("127.0.0.1", self.replicas[replica].port, timeout=30)
        headers = {"Host": HOST, "X-Forwarded-Proto": "https"} | headers
        return ask(caller, "GET", path, b"", headers)

    def shell(self, code: str) -> str:
        return self.site.shell(code)

    def kill_all_behind(self) -> None:
        for server in (*self.replicas, self.database, self.redis):
            server.stop(servers.KILL)

    def start_all_behind(self) -> None:
        for server in (self.database, self.redis, *self.replicas):
            server.start()
        servers.wait_until(lambda: self.get("/readyz").status == 200, "the site")


def ask(
    caller: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        caller.request(method, path, body or None, named)
        response = caller.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        caller.close()


def path_of(address: str) -> str:
    return urlsplit(address).path


@contextmanager
def running(replicas: int = 2) -> Iterator[Stack]:
    """The demo log on PostgreSQL, Redis and S3, two replicas of the site, nginx in front."""
    with (
        tempfile.TemporaryDirectory(prefix="bulletin-deploy-", ignore_cleanup_errors=True) as path,
        ExitStack() as stack,
    ):
        folder, port = Path(path), servers.free_port()
        database = stack.enter_context(servers.postgresql(folder, durable=True))
        redis = stack.enter_context(servers.redis(folder))
        bucket = stack.enter_context(servers.s3(folder))
        servers.make_bucket(bucket)
        variables = {
            "SITE_URL": f"https://{HOST}:{port}",
            "DATABASE_URL": database.url(),
            "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
            **servers.bucket_settings(bucket),
            "TRUST_FORWARDED_PROTO": "true",
            "TRUSTED_PROXIES": "1",
            "WEB_CONCURRENCY": "2",
            "LOG_LEVEL": "WARNING",
        }
        site = Installation(folder, **variables)
        site.fill()
        web = [servers.gunicorn(folder, f"web{number + 1}", site.env) for number in range(replicas)]
        nginx = servers.nginx(folder, web, port=port, host=HOST)
        for server in (*web, nginx):
            stack.enter_context(server)
        yield Stack(site, database, redis, web, nginx)
