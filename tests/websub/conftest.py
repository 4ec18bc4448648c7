"""Runs of their own, with the extras on (`make test`); elsewhere these tests are not collected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.conf import settings

if settings.SETTINGS_MODULE != "tests.login.settings":
    collect_ignore_glob = ["test_*.py"]


@dataclass
class Hub:
    """A hub on this machine: what it was sent, and the status that it answers with, 0 for none."""

    url: str = ""
    status: int = 204
    body: bytes = b""
    received: list[dict[str, list[str]]] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        sent = request.rfile.read(int(request.headers["Content-Length"])).decode()
        assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
        self.received.append(parse_qs(sent))
        if self.status:
            request.send_response(self.status)
            request.send_header("Location", self.url)
            request.end_headers()
            request.wfile.write(self.body)


@pytest.fixture
def hub(settings: Any) -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hub.answer(self)

        do_GET = do_POST

        def log_message(self, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        hub.url = settings.WEBSUB_HUB = f"http://127.0.0.1:{server.server_port}/hub?key=1"
        yield hub
        server.shutdown()
        thread.join()
