from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from bulletin import log_config
from bulletin.views import posts

pytestmark = pytest.mark.django_db
Written = Callable[[], list[str]]


@contextmanager
def written(form: str) -> Iterator[Written]:
    """The lines of what is logged, requests included, each by the handlers that serve the site."""
    stream = io.StringIO()
    setting = log_config.logging_config(form, "INFO", "-")
    formatter = setting["formatters"][form]["()"]()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    loggers = [logging.getLogger(name) for name in ("bulletin.access", "django.request")]
    before = [(logger.level, logger.propagate) for logger in loggers]
    try:
        for logger in loggers:
            logger.addHandler(handler)
            logger.setLevel("INFO")
            logger.propagate = False
        yield lambda: stream.getvalue().splitlines()
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate


def test_a_request_is_one_object_without_its_query_or_cookies(client: Client) -> None:
    client.cookies["session"] = "of-a-cookie"
    with written(log_config.JSON) as lines:
        answer = client.get("/search/?q=searched-for", headers={"X-Request-ID": "from-nginx.1"})
    [line] = lines()
    event = json.loads(line)
    assert event.pop("time").endswith("+00:00")
    assert event.pop("duration_ms") > 0
    assert event == {
        "level": "INFO",
        "logger": "bulletin.access",
        "message": event["message"],
        "request_id": "from-nginx.1",
        "method": "GET",
        "path": "/search/",
        "status": 200,
        "bytes": len(answer.content),
    }
    assert "of-a-cookie" not in line
    assert "searched-for" not in line


@pytest.mark.parametrize("form", [log_config.TEXT, log_config.JSON])
def test_neither_a_path_nor_an_id_begins_a_line_of_its_own(client: Client, form: str) -> None:
    with written(form) as lines:
        client.get("/a%0AERROR%0D%E2%80%A8x", headers={"X-Request-ID": "12345678\nforged"})
    assert len(lines()) == 2  # the request, and that nothing is at its address
    assert "\nforged" not in "".join(lines())
    assert all("ERROR" in line for line in lines())


@pytest.mark.parametrize("form", [log_config.TEXT, log_config.JSON])
def test_a_review_link_is_not_in_the_log(client: Client, form: str) -> None:
    with written(form) as lines:
        client.get("/review/opens-a-draft/")
    assert len(lines()) == 2
    assert "opens-a-draft" not in "".join(lines())


def test_an_error_is_one_event_under_the_number_that_its_page_shows(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: Any) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(posts, "page", fails)
    client.raise_request_exception = False
    with written(log_config.JSON) as lines:
        answer = client.get("/")
    error, request = (json.loads(line) for line in lines())
    assert error["exception"].endswith("RuntimeError: two\nlines")
    assert answer.status_code == request["status"] == 500
    assert error["request_id"] == request["request_id"] == answer["X-Request-ID"]
    assert f"<code>{answer['X-Request-ID']}</code>" in answer.content.decode()


@pytest.mark.parametrize("given", ["short", "with blank", 'quote"quote', "x" * 65, ""])
def test_an_id_that_could_spoil_a_line_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


def test_what_a_shared_cache_keeps_has_no_id(client: Client) -> None:
    assert "X-Request-ID" not in client.get("/")
    assert "X-Request-ID" in client.get("/admin/")


def test_gunicorn_and_the_site_write_to_the_same_handler() -> None:
    setting = log_config.logging_config(log_config.JSON, "INFO", "")
    assert setting["loggers"]["gunicorn.error"]["handlers"] == setting["root"]["handlers"]
    assert setting["handlers"]["events"]["formatter"] == log_config.JSON
    assert not setting["loggers"]["bulletin.access"]["handlers"]
