"""The page cache in front of Django's application, asked as a server asks; `poll` stands for the
half second after which a process looks at the database."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from bulletin.page_cache import watcher
from bulletin.page_cache.application import OnResponse, PageCacheWSGI

LIMIT = 8_000_000


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(application: Any, path: str, method: str = "GET", **headers: str) -> Answer:
    """Headers by their names in a WSGI environment, without HTTP_."""
    path, _mark, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **{f"HTTP_{name}": value for name, value in headers.items()},
    }
    started: list[Any] = []
    parts = application(environ, lambda *given: started.extend(given))
    body = b"".join(parts)
    if close := getattr(parts, "close", None):
        close()
    return Answer(int(started[0].split()[0]), dict(started[1]), body)


@dataclass
class Counted:
    """An application, and what was asked of it."""

    inner: Callable[..., Iterable[bytes]]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        self.asked.append(environ)
        return self.inner(environ, start_response)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No thread looks at the database; looks and requests leave the test its connection."""
    monkeypatch.setattr(watcher.RevisionWatcher, "start", lambda _self: None)
    monkeypatch.setattr(watcher, "connection", MagicMock())
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def make_page_cache(db: None, still: None) -> Callable[[], PageCacheWSGI]:
    def make(inner: Any = None, *on_response: OnResponse) -> PageCacheWSGI:
        page_cache = PageCacheWSGI(Counted(inner or WSGIHandler()), LIMIT, on_response)
        page_cache.watcher.poll()
        return page_cache

    return make


@pytest.fixture
def page_cache(make_page_cache: Callable[[], PageCacheWSGI]) -> PageCacheWSGI:
    return make_page_cache()
