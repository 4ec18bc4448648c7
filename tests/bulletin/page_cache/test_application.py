"""What is answered from page_cache pages, and what never is."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from bulletin import log_config
from bulletin.middleware import log_cached_response
from bulletin.models import Bulletin, ContentRevision, Status
from bulletin.page_cache import application, cached_page, content_revision, watcher
from bulletin.page_cache.application import PageCacheWSGI
from incidents.models import Incident, Region
from tests.bulletin.page_cache.conftest import ask
from tests.bulletin.test_log_config import written
from tests.factories import make_article, make_bulletin, make_editor, make_incident

PATHS = [
    *("/", "/2024-07-06/", "/archive/", "/archive/2024/", "/articles/the-switch/", "/incidents/"),
    *("/incidents/?impact=partial", "/search/?q=rack", "/subscribe/", "/trends/?year=2024"),
    *("/grid.png", "/2024-07-06/grid.svg", "/2024-07-06/card.png"),
    *("/feed.xml", "/rss.xml", "/feed.json", "/sitemap.xml", "/robots.txt", "/incidents.json"),
    *("/incidents.csv", "/incidents.ics", "/incidents.xml", "/bulletins.json"),
]


@pytest.fixture
def log(db: None) -> Bulletin:
    incident = make_incident(regions="GRU", services="Disks")
    make_article(incidents=[incident])
    bulletin = make_bulletin()
    # Within the second of a change Last-Modified is the second before.
    ContentRevision.objects.update(changed_at="2025-01-01T00:00Z")
    return bulletin


def calls(page_cache: PageCacheWSGI) -> int:
    return len(page_cache.inner.asked)  # type: ignore[attr-defined]


def session() -> str:
    """The cookie of an editor who is signed in."""
    client = Client()
    client.force_login(make_editor())
    name = settings.SESSION_COOKIE_NAME
    return f"a=b; {name}={client.cookies[name].value}"


# The same answer ----------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("path", PATHS)
def test_a_ready_page_is_what_the_site_says_to_the_byte(
    page_cache: PageCacheWSGI, log: Bulletin, path: str, encoding: str
) -> None:
    straight = ask(page_cache.inner, path, ACCEPT_ENCODING=encoding)
    before = calls(page_cache)
    missing, kept = (ask(page_cache, path, ACCEPT_ENCODING=encoding) for _time in range(2))
    assert calls(page_cache) == before + 1
    assert missing == kept == straight


@pytest.mark.parametrize("path", ["/", "/grid.png"])
def test_head_has_the_headers_of_the_page_and_no_bytes(
    page_cache: PageCacheWSGI, log: Bulletin, path: str
) -> None:
    head = ask(page_cache, path, "HEAD")
    page = ask(page_cache, path)
    assert calls(page_cache) == 1
    assert (head.status, head.headers, head.body) == (200, page.headers, b"")
    assert int(head.headers["Content-Length"]) == len(page.body)


def test_what_a_reader_has_already_is_a_304(page_cache: PageCacheWSGI, log: Bulletin) -> None:
    etag = ask(page_cache, "/").headers["ETag"]
    for asked in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = ask(page_cache, "/", IF_NONE_MATCH=asked)
        assert (answer.status, answer.body) == (304, b"")
        assert (
            answer.headers.items() <= ask(page_cache.inner, "/", IF_NONE_MATCH=etag).headers.items()
        )
        assert {"ETag", "Cache-Control", "Vary"} == set(answer.headers)
    assert ask(page_cache, "/", IF_NONE_MATCH='"other"').status == 200
    # The plain form is not the packed one.
    assert ask(page_cache, "/", IF_NONE_MATCH=etag, ACCEPT_ENCODING="gzip").status == 200


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [
        ("gzip", True),
        ("GZIP;Q=0.5", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip ; q=0.000, br", False),
        ("", False),
        (",;,;q=;gzipped=1;==", False),
        ("\xff\xfe" + "," * 2000, False),
    ],
)
def test_an_encoding_is_only_given_to_who_takes_it(
    page_cache: PageCacheWSGI, log: Bulletin, accepted: str, is_packed: bool
) -> None:
    plain = ask(page_cache, "/").body
    answer = ask(page_cache, "/", ACCEPT_ENCODING=accepted)
    assert ("Content-Encoding" in answer.headers) == is_packed
    assert (gzip.decompress(answer.body) if is_packed else answer.body) == plain


def test_a_feed_without_a_change_since_is_a_304(page_cache: PageCacheWSGI, log: Bulletin) -> None:
    for path in ("/feed.xml", "/rss.xml", "/feed.json", "/incidents.xml"):
        for asked in (page_cache.inner, page_cache, page_cache):
            since = ask(asked, path).headers["Last-Modified"]
            assert since == "Wed, 01 Jan 2025 00:00:00 GMT"
            assert ask(asked, path, IF_MODIFIED_SINCE=since).status == 304
            earlier = "Tue, 31 Dec 2024 23:59:59 GMT"
            assert ask(asked, path, IF_MODIFIED_SINCE=earlier).status == 200
            # An ETag counts alone where both are given.
            answer = ask(asked, path, IF_MODIFIED_SINCE=since, IF_NONE_MATCH='"other"')
            assert answer.status == 200


def test_a_deletion_is_a_change_of_the_feeds(page_cache: PageCacheWSGI, log: Bulletin) -> None:
    page_cache.watcher.poll()
    since = ask(page_cache, "/feed.xml").headers["Last-Modified"]
    log.delete()
    page_cache.watcher.poll()
    assert ask(page_cache, "/feed.xml", IF_MODIFIED_SINCE=since).status == 200


# Never --------------------------------------------------------------------------------


def test_a_draft_is_shown_to_an_editor_and_kept_for_nobody(page_cache: PageCacheWSGI) -> None:
    make_bulletin(status=Status.DRAFT, publish_at=None, essay="A secret.")
    editor = ask(page_cache, "/2024-07-06/", COOKIE=session())
    assert b"A secret." in editor.body
    for _time in range(2):
        assert ask(page_cache, "/2024-07-06/").status == 404
    assert not len(page_cache.pages)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        ("200 OK", {"Cache-Control": "private, no-store"}),
        ("200 OK", {"Cache-Control": "max-age=60"}),
        ("200 OK", {}),
        ("200 OK", {"Cache-Control": "public", "Set-Cookie": "a=b"}),
        ("404 Not Found", {"Cache-Control": "public, max-age=60"}),
        ("302 Found", {"Cache-Control": "public, max-age=60"}),
    ],
)
def test_only_a_whole_public_answer_is_kept(
    make_page_cache: Callable[..., PageCacheWSGI], status: str, headers: dict[str, str]
) -> None:
    def inner(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("ETag", '"x"'), *headers.items()])
        return [b"words"]

    page_cache = make_page_cache(inner)
    for _time in range(2):
        answer = ask(page_cache, "/")
        assert (answer.status, answer.body) == (int(status[:3]), b"words")
    assert calls(page_cache) == 2


@pytest.mark.parametrize(
    "headers",
    [{"AUTHORIZATION": "Basic eDp5"}, {"COOKIE": "session=x"}, {"TRANSFER_ENCODING": "chunked"}],
)
def test_who_shows_a_right_or_sends_something_is_passed_on(
    page_cache: PageCacheWSGI, log: Bulletin, headers: dict[str, str]
) -> None:
    ask(page_cache, "/")
    ask(page_cache, "/", **headers)
    assert calls(page_cache) == 2
    assert (
        page_cache.inner.asked[-1].items() >= {f"HTTP_{k}": v for k, v in headers.items()}.items()
    )  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/admin/login/", "/healthz", "/nothing/", "/static/css/no.css"])
def test_what_no_public_view_makes_is_passed_on_as_it_came(
    page_cache: PageCacheWSGI, path: str
) -> None:
    for _time in range(2):
        ask(page_cache, path, USER_AGENT="a reader")
    assert calls(page_cache) == 2
    assert page_cache.inner.asked[-1]["HTTP_USER_AGENT"] == "a reader"  # type: ignore[attr-defined]


def test_a_page_is_made_in_nobodys_name(page_cache: PageCacheWSGI, log: Bulletin) -> None:
    ask(page_cache, "/?utm=1", COOKIE="csrf=1", USER_AGENT="a reader", ACCEPT_LANGUAGE="de")
    [asked] = page_cache.inner.asked  # type: ignore[attr-defined]
    assert asked["QUERY_STRING"] == ""
    said = {name for name in asked if name.startswith("HTTP_")}
    assert said == {"HTTP_HOST", "HTTP_ACCEPT_ENCODING"}


def test_plain_http_is_redirected_and_not_answered(
    make_page_cache: Callable[..., PageCacheWSGI], log: Bulletin, settings: Any
) -> None:
    settings.HTTPS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    page_cache = make_page_cache()
    for proto, made in (("https", 1), ("https", 1), ("http", 2), ("http", 3)):
        ask(page_cache, "/", X_FORWARDED_PROTO=proto)
        assert calls(page_cache) == made


# Queries ------------------------------------------------------------------------------


def test_words_that_no_view_asks_for_make_no_other_page(
    page_cache: PageCacheWSGI, log: Bulletin
) -> None:
    for number in range(20):
        assert ask(page_cache, f"/?utm_source={number}").status == 200
        ask(page_cache, f"/incidents/?impact=partial&nonce={number}")
    assert calls(page_cache) == 2
    assert len(page_cache.pages) == 4  # each plain and packed


def test_a_304_of_open_data_may_be_read_by_any_page(
    page_cache: PageCacheWSGI, log: Bulletin
) -> None:
    etag = ask(page_cache, "/incidents.json").headers["ETag"]
    for asked in (page_cache, page_cache.inner):
        answer = ask(asked, "/incidents.json", IF_NONE_MATCH=etag)
        assert answer.status == 304
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_endless_questions_drive_out_each_other_and_no_page_that_is_read_meanwhile(
    page_cache: PageCacheWSGI, log: Bulletin
) -> None:
    page_cache.pages.limit = 400_000
    for number in range(1, 30):
        ask(page_cache, "/")
        ask(page_cache, f"/search/?q={number}")
        ask(page_cache, "/archive/", HOST=f"127.0.0.1:{number}")
    assert 1 < len(page_cache.pages) < 118
    before = calls(page_cache)
    ask(page_cache, "/")
    assert calls(page_cache) == before


def test_every_parameter_that_a_view_reads_is_named(
    page_cache: PageCacheWSGI, log: Bulletin
) -> None:
    for path in (
        "/incidents/?region=GRU&order=-length",
        "/incidents.json?service=Disks",
        "/search/?q=rack&kind=bulletins&order=best&page=1",
        "/trends/?year=2024",
        "/bulletins.json?before=2024-07-01",
        "/subscribe/?region=GRU",
    ):
        answer = ask(page_cache, path)
        assert answer.status == 200
        assert answer.body == ask(page_cache.inner, path).body


# Writes and hours ---------------------------------------------------------------------


def test_an_edit_at_one_replica_is_what_both_serve(
    make_page_cache: Callable[..., PageCacheWSGI], log: Bulletin
) -> None:
    replicas = [make_page_cache(), make_page_cache()]
    for page_cache in replicas:
        ask(page_cache, "/")
    log.essay = "We moved two racks."
    log.save()
    for page_cache in replicas:
        page_cache.watcher.poll()
        assert b"two racks" in ask(page_cache, "/").body


def move_by_update(log: Bulletin) -> None:
    Incident.objects.update(title="Another title")


def move_by_delete(log: Bulletin) -> None:
    Incident.objects.all().delete()


def move_by_relation(log: Bulletin) -> None:
    Incident.objects.get().regions.set(Region.objects.exclude(code="GRU")[:1])


def move_by_sql(log: Bulletin) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE incidents_service SET name = 'Another'")


def move_by_rename(log: Bulletin) -> None:
    Region.objects.filter(code="GRU").update(place="Another place")


@pytest.mark.parametrize(
    "move", [move_by_update, move_by_delete, move_by_relation, move_by_sql, move_by_rename]
)
def test_no_write_gets_by(
    page_cache: PageCacheWSGI, log: Bulletin, move: Callable[[Bulletin], None]
) -> None:
    path = f"/incidents/{Incident.objects.get().slug}/"
    ask(page_cache, path)
    move(log)
    page_cache.watcher.poll()
    ask(page_cache, path)
    assert calls(page_cache) == 2


def test_without_a_write_a_look_changes_nothing(page_cache: PageCacheWSGI, log: Bulletin) -> None:
    page_cache.watcher.poll()
    ask(page_cache, "/")
    make_editor()
    page_cache.watcher.poll()
    ask(page_cache, "/")
    assert calls(page_cache) == 1


def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    clock = SimpleNamespace(
        time=now.timestamp, monotonic=time.monotonic, perf_counter=time.perf_counter
    )
    for module in (application, cached_page, watcher):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_a_scheduled_post_is_there_on_its_minute_without_a_look(
    make_page_cache: Callable[..., PageCacheWSGI], log: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = datetime(2031, 5, 3, 12, tzinfo=UTC)
    at(monkeypatch, hour - timedelta(seconds=10))
    make_article(slug="due", title="It is due", publish_at=hour)
    page_cache = make_page_cache()
    page_cache.watcher.stale_after = float("inf")
    assert b"It is due" not in ask(page_cache, "/feed.xml").body
    at(monkeypatch, hour)
    assert b"It is due" in ask(page_cache, "/feed.xml").body


def test_a_page_is_a_minute_old_at_most(
    page_cache: PageCacheWSGI, log: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    page_cache.watcher.stale_after = float("inf")
    for seconds, made in ((0, 1), (59, 1), (61, 2)):
        at(monkeypatch, now + timedelta(seconds=seconds))
        ask(page_cache, "/")
        assert calls(page_cache) == made


def test_what_was_written_while_a_page_was_made_is_not_missed(
    make_page_cache: Callable[..., PageCacheWSGI], log: Bulletin
) -> None:
    site = make_page_cache().inner

    def inner(environ: Any, start_response: Any) -> Any:
        made = site(environ, start_response)
        Bulletin.objects.update(essay_html="<p>Written meanwhile</p>")
        page_cache.watcher.poll()
        return made

    page_cache = make_page_cache(inner)
    assert b"Written meanwhile" not in ask(page_cache, "/").body
    assert b"Written meanwhile" in ask(page_cache, "/").body


# Out of reach -------------------------------------------------------------------------


def answers_when_woken(page_cache: PageCacheWSGI) -> None:
    """The watcher's thread polls when it is woken, as it does once it has a processor again."""
    page_cache.watcher._wake = SimpleNamespace(set=page_cache.watcher.poll)  # type: ignore[assignment]


@pytest.mark.parametrize("error", [OperationalError("away"), ValueError("of ours")])
def test_who_cannot_look_serves_what_there_is_and_says_so(
    page_cache: PageCacheWSGI, log: Bulletin, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fresh = ask(page_cache, "/")
    assert "Cache-Status" not in fresh.headers
    current = MagicMock(side_effect=error)
    monkeypatch.setattr(content_revision.ContentRevision.objects, "current", current)
    page_cache.watcher.poll()
    at(monkeypatch, timezone.now() + timedelta(hours=1))
    stale = ask(page_cache, "/")
    assert stale.body == fresh.body
    assert "out of reach" in stale.headers["Cache-Status"]
    packed = ask(page_cache, "/", ACCEPT_ENCODING="gzip")
    assert gzip.decompress(packed.body) == fresh.body
    assert calls(page_cache) == 1


def test_a_database_that_says_nothing_is_out_of_reach(
    page_cache: PageCacheWSGI, log: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "REFRESH_TIMEOUT", 0.01)
    fresh = ask(page_cache, "/")
    at(monkeypatch, timezone.now() + timedelta(hours=1))
    for _time in range(2):
        stale = ask(page_cache, "/")
        assert stale.body == fresh.body
        assert "out of reach" in stale.headers["Cache-Status"]


def test_a_process_that_had_no_processor_for_a_while_is_no_outage(
    page_cache: PageCacheWSGI, log: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers_when_woken(page_cache)
    page_cache.watcher.poll()
    now = timezone.now()
    ask(page_cache, "/")
    for seconds, rendered in ((2.2, 1), (63, 2)):
        at(monkeypatch, now + timedelta(seconds=seconds))
        answer = ask(page_cache, "/")
        assert answer.status == 200
        assert "Cache-Status" not in answer.headers
        assert calls(page_cache) == rendered


def test_what_was_written_while_a_process_slept_is_seen_by_the_first_who_asks(
    page_cache: PageCacheWSGI, log: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers_when_woken(page_cache)
    ask(page_cache, "/")
    Bulletin.objects.update(essay_html="<p>Written meanwhile</p>")
    at(monkeypatch, timezone.now() + timedelta(seconds=2.2))
    assert b"Written meanwhile" in ask(page_cache, "/").body


def test_nothing_is_kept_where_nothing_is_counted(page_cache: PageCacheWSGI, log: Bulletin) -> None:
    content_revision.ContentRevision.objects.all().delete()
    page_cache.watcher.poll()
    for _time in range(2):
        assert ask(page_cache, "/").status == 200
    assert calls(page_cache) == 2


# The log ------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/2024-07-07/"])
def test_each_request_is_one_line_of_the_log_under_one_id(
    make_page_cache: Callable[..., PageCacheWSGI], log: Bulletin, method: str, path: str
) -> None:
    page_cache = make_page_cache(None, log_cached_response)
    with written(log_config.JSON) as lines:
        for number in range(2):
            ask(page_cache, path, method, X_REQUEST_ID=f"request-{number}")
    events = [json.loads(line) for line in lines()]
    requests = [event for event in events if event["logger"] == "bulletin.access"]
    assert [event["request_id"] for event in requests] == ["request-0", "request-1"]
    assert {(event["method"], event["path"]) for event in requests} == {(method, path)}


# At once ------------------------------------------------------------------------------


def test_a_stampede_has_a_page_made_once(make_page_cache: Callable[..., PageCacheWSGI]) -> None:
    waiting = threading.Event()

    def inner(environ: Any, start_response: Any) -> list[bytes]:
        waiting.wait(10)
        start_response("200 OK", [("ETag", '"x"'), ("Cache-Control", "public")])
        return [b"words"]

    page_cache, got = make_page_cache(inner), []
    crowd = [
        threading.Thread(target=lambda: got.append(ask(page_cache, "/").body)) for _one in range(64)
    ]
    for one in crowd:
        one.start()
    waiting.set()
    for one in crowd:
        one.join()
    assert got == [b"words"] * 64
    assert calls(page_cache) == 1


def test_a_page_that_fails_lets_go_of_who_waits(
    make_page_cache: Callable[..., PageCacheWSGI],
) -> None:
    waiting, failed = threading.Event(), []

    def inner(environ: Any, start_response: Any) -> list[bytes]:
        waiting.wait(10)
        raise ValueError("broken")

    def one() -> None:
        with pytest.raises(ValueError, match="broken"):
            ask(page_cache, "/")
        failed.append(True)

    page_cache = make_page_cache(inner)
    crowd = [threading.Thread(target=one, daemon=True) for _one in range(3)]
    for each in crowd:
        each.start()
    waiting.set()
    for each in crowd:
        each.join(10)
    assert len(failed) == 3
