"""What is answered from ready pages, and what never is."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from bulletin import revision
from bulletin.models import Bulletin, Status
from bulletin.ready import front, pages, watch
from bulletin.ready.front import Ready
from incidents.models import Incident, Region
from tests.bulletin.ready.conftest import ask
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
    return make_bulletin()


def calls(ready: Ready) -> int:
    return len(ready.inner.asked)  # type: ignore[attr-defined]


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
    ready: Ready, log: Bulletin, path: str, encoding: str
) -> None:
    straight = ask(ready.inner, path, ACCEPT_ENCODING=encoding)
    before = calls(ready)
    missing, kept = (ask(ready, path, ACCEPT_ENCODING=encoding) for _time in range(2))
    assert calls(ready) == before + 1
    assert missing == kept == straight


@pytest.mark.parametrize("path", ["/", "/grid.png"])
def test_head_has_the_headers_of_the_page_and_no_bytes(
    ready: Ready, log: Bulletin, path: str
) -> None:
    head = ask(ready, path, "HEAD")
    page = ask(ready, path)
    assert calls(ready) == 1
    assert (head.status, head.headers, head.body) == (200, page.headers, b"")
    assert int(head.headers["Content-Length"]) == len(page.body)


def test_what_a_reader_has_already_is_a_304(ready: Ready, log: Bulletin) -> None:
    etag = ask(ready, "/").headers["ETag"]
    for asked in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = ask(ready, "/", IF_NONE_MATCH=asked)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers.items() <= ask(ready.inner, "/", IF_NONE_MATCH=etag).headers.items()
        assert {"ETag", "Cache-Control", "Vary"} == set(answer.headers)
    assert ask(ready, "/", IF_NONE_MATCH='"other"').status == 200
    # The plain form is not the packed one.
    assert ask(ready, "/", IF_NONE_MATCH=etag, ACCEPT_ENCODING="gzip").status == 200


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
    ready: Ready, log: Bulletin, accepted: str, is_packed: bool
) -> None:
    plain = ask(ready, "/").body
    answer = ask(ready, "/", ACCEPT_ENCODING=accepted)
    assert ("Content-Encoding" in answer.headers) == is_packed
    assert (gzip.decompress(answer.body) if is_packed else answer.body) == plain


# Never --------------------------------------------------------------------------------


def test_a_draft_is_shown_to_an_editor_and_kept_for_nobody(ready: Ready) -> None:
    make_bulletin(status=Status.DRAFT, publish_at=None, essay="A secret.")
    editor = ask(ready, "/2024-07-06/", COOKIE=session())
    assert b"A secret." in editor.body
    for _time in range(2):
        assert ask(ready, "/2024-07-06/").status == 404
    assert not len(ready.pages)


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
    make_ready: Callable[..., Ready], status: str, headers: dict[str, str]
) -> None:
    def inner(environ: Any, start_response: Any) -> list[bytes]:
        start_response(status, [("ETag", '"x"'), *headers.items()])
        return [b"words"]

    ready = make_ready(inner)
    for _time in range(2):
        answer = ask(ready, "/")
        assert (answer.status, answer.body) == (int(status[:3]), b"words")
    assert calls(ready) == 2


@pytest.mark.parametrize(
    "headers",
    [{"AUTHORIZATION": "Basic eDp5"}, {"COOKIE": "session=x"}, {"TRANSFER_ENCODING": "chunked"}],
)
def test_who_shows_a_right_or_sends_something_is_passed_on(
    ready: Ready, log: Bulletin, headers: dict[str, str]
) -> None:
    ask(ready, "/")
    ask(ready, "/", **headers)
    assert calls(ready) == 2
    assert ready.inner.asked[-1].items() >= {f"HTTP_{k}": v for k, v in headers.items()}.items()  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/admin/login/", "/healthz", "/nothing/", "/static/css/no.css"])
def test_what_no_public_view_makes_is_passed_on_as_it_came(ready: Ready, path: str) -> None:
    for _time in range(2):
        ask(ready, path, USER_AGENT="a reader")
    assert calls(ready) == 2
    assert ready.inner.asked[-1]["HTTP_USER_AGENT"] == "a reader"  # type: ignore[attr-defined]


def test_a_page_is_made_in_nobodys_name(ready: Ready, log: Bulletin) -> None:
    ask(ready, "/?utm=1", COOKIE="csrf=1", USER_AGENT="a reader", ACCEPT_LANGUAGE="de")
    [asked] = ready.inner.asked  # type: ignore[attr-defined]
    assert asked["QUERY_STRING"] == ""
    said = {name for name in asked if name.startswith("HTTP_")}
    assert said == {"HTTP_HOST", "HTTP_ACCEPT_ENCODING"}


def test_plain_http_is_redirected_and_not_answered(
    make_ready: Callable[..., Ready], log: Bulletin, settings: Any
) -> None:
    settings.HTTPS = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ready = make_ready()
    for proto, made in (("https", 1), ("https", 1), ("http", 2), ("http", 3)):
        ask(ready, "/", X_FORWARDED_PROTO=proto)
        assert calls(ready) == made


# Queries ------------------------------------------------------------------------------


def test_words_that_no_view_asks_for_make_no_other_page(ready: Ready, log: Bulletin) -> None:
    for number in range(20):
        assert ask(ready, f"/?utm_source={number}").status == 200
        ask(ready, f"/incidents/?impact=partial&nonce={number}")
    assert calls(ready) == 2
    assert (len(ready.pages), len(ready.queries)) == (1, 1)


def test_endless_spellings_of_the_host_drive_out_each_other_and_no_page(
    ready: Ready, log: Bulletin
) -> None:
    ready.queries.limit = 400_000
    ask(ready, "/")
    for port in range(1, 60):
        assert ask(ready, "/", HOST=f"127.0.0.1:{port}").status == 200
    assert len(ready.pages) == 1
    assert 0 < len(ready.queries) < 59
    before = calls(ready)
    ask(ready, "/")
    assert calls(ready) == before


def test_a_304_of_open_data_may_be_read_by_any_page(ready: Ready, log: Bulletin) -> None:
    etag = ask(ready, "/incidents.json").headers["ETag"]
    for application in (ready, ready.inner):
        answer = ask(application, "/incidents.json", IF_NONE_MATCH=etag)
        assert answer.status == 304
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_endless_questions_drive_out_each_other_and_no_page(ready: Ready, log: Bulletin) -> None:
    ready.queries.limit = 400_000
    ask(ready, "/")
    for number in range(60):
        ask(ready, f"/search/?q={number}")
    assert 0 < len(ready.queries) < 60
    before = calls(ready)
    ask(ready, "/")
    assert calls(ready) == before


def test_every_parameter_that_a_view_reads_is_named(ready: Ready, log: Bulletin) -> None:
    for path in (
        "/incidents/?region=GRU&order=-length",
        "/incidents.json?service=Disks",
        "/search/?q=rack&kind=bulletins&order=best&page=1",
        "/trends/?year=2024",
        "/bulletins.json?before=2024-07-01",
        "/subscribe/?region=GRU",
    ):
        answer = ask(ready, path)
        assert answer.status == 200
        assert answer.body == ask(ready.inner, path).body


# Writes and hours ---------------------------------------------------------------------


def test_an_edit_at_one_replica_is_what_both_serve(
    make_ready: Callable[..., Ready], log: Bulletin
) -> None:
    replicas = [make_ready(), make_ready()]
    for ready in replicas:
        ask(ready, "/")
    log.essay = "We moved two racks."
    log.save()
    for ready in replicas:
        ready.watch.look()
        assert b"two racks" in ask(ready, "/").body


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
def test_no_write_gets_by(ready: Ready, log: Bulletin, move: Callable[[Bulletin], None]) -> None:
    path = f"/incidents/{Incident.objects.get().slug}/"
    ask(ready, path)
    move(log)
    ready.watch.look()
    ask(ready, path)
    assert calls(ready) == 2


def test_without_a_write_a_look_changes_nothing(ready: Ready, log: Bulletin) -> None:
    ready.watch.look()
    ask(ready, "/")
    make_editor()
    ready.watch.look()
    ask(ready, "/")
    assert calls(ready) == 1


def at(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    clock = SimpleNamespace(
        time=now.timestamp, monotonic=time.monotonic, perf_counter=time.perf_counter
    )
    for module in (front, pages, watch):
        monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_a_scheduled_post_is_there_on_its_minute_without_a_look(
    make_ready: Callable[..., Ready], log: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = datetime(2031, 5, 3, 12, tzinfo=UTC)
    at(monkeypatch, hour - timedelta(seconds=10))
    make_article(slug="due", title="It is due", publish_at=hour)
    ready = make_ready()
    ready.watch.late_from = float("inf")
    assert b"It is due" not in ask(ready, "/feed.xml").body
    at(monkeypatch, hour)
    assert b"It is due" in ask(ready, "/feed.xml").body


def test_a_page_is_a_minute_old_at_most(
    ready: Ready, log: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    ready.watch.late_from = float("inf")
    for seconds, made in ((0, 1), (59, 1), (61, 2)):
        at(monkeypatch, now + timedelta(seconds=seconds))
        ask(ready, "/")
        assert calls(ready) == made


def test_what_was_written_while_a_page_was_made_is_not_missed(
    make_ready: Callable[..., Ready], log: Bulletin
) -> None:
    site = make_ready().inner

    def inner(environ: Any, start_response: Any) -> Any:
        made = site(environ, start_response)
        Bulletin.objects.update(essay_html="<p>Written meanwhile</p>")
        ready.watch.look()
        return made

    ready = make_ready(inner)
    assert b"Written meanwhile" not in ask(ready, "/").body
    assert b"Written meanwhile" in ask(ready, "/").body


# Out of reach -------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OperationalError("away"), ValueError("of ours")])
def test_who_cannot_look_serves_what_there_is_and_says_so(
    ready: Ready, log: Bulletin, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    fresh = ask(ready, "/")
    assert "Cache-Status" not in fresh.headers

    def away() -> int:
        raise error

    monkeypatch.setattr(revision.Revision.objects, "number", away)
    ready.watch.late_from -= 3
    ready.watch.look()
    at(monkeypatch, timezone.now() + timedelta(hours=1))
    stale = ask(ready, "/")
    assert stale.body == fresh.body
    assert "out of reach" in stale.headers["Cache-Status"]
    assert calls(ready) == 1


def test_nothing_is_kept_where_nothing_is_counted(ready: Ready, log: Bulletin) -> None:
    revision.Revision.objects.all().delete()
    ready.watch.look()
    for _time in range(2):
        assert ask(ready, "/").status == 200
    assert calls(ready) == 2


# At once ------------------------------------------------------------------------------


def test_a_stampede_has_a_page_made_once(make_ready: Callable[..., Ready]) -> None:
    waiting = threading.Event()

    def inner(environ: Any, start_response: Any) -> list[bytes]:
        waiting.wait(10)
        start_response("200 OK", [("ETag", '"x"'), ("Cache-Control", "public")])
        return [b"words"]

    ready, got = make_ready(inner), []
    crowd = [
        threading.Thread(target=lambda: got.append(ask(ready, "/").body)) for _one in range(64)
    ]
    for one in crowd:
        one.start()
    waiting.set()
    for one in crowd:
        one.join()
    assert got == [b"words"] * 64
    assert calls(ready) == 1


def test_a_page_that_fails_lets_go_of_who_waits(make_ready: Callable[..., Ready]) -> None:
    waiting, failed = threading.Event(), []

    def inner(environ: Any, start_response: Any) -> list[bytes]:
        waiting.wait(10)
        raise ValueError("broken")

    def one() -> None:
        with pytest.raises(ValueError, match="broken"):
            ask(ready, "/")
        failed.append(True)

    ready = make_ready(inner)
    crowd = [threading.Thread(target=one, daemon=True) for _one in range(3)]
    for each in crowd:
        each.start()
    waiting.set()
    for each in crowd:
        each.join(10)
    assert len(failed) == 3
