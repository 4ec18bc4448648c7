"""What nginx keeps of the site, what it must not, and what it still has when all else is dead."""

from __future__ import annotations

import gzip
import re
import time

import pytest

from tests import servers
from tests.deploy.stack import Stack, path_of

NEVER_KEPT = [
    "/admin/",
    "/admin/login/",
    "/healthz",
    "/readyz",
    "/2024-02-30/",
    "/nothing/",
    "/review/none/",
]
FEEDS = ["/feed.xml", "/rss.xml", "/feed.json", "/incidents.xml", "/incidents.ics"]


def public_paths(stack: Stack) -> list[str]:
    """Pages by the sitemap, feeds and data, then the pictures, styles and fonts of pages."""
    listed = stack.get("/sitemap.xml").body.decode()
    paths = [path_of(address) for address in re.findall(r"<loc>([^<]+)", listed)]
    paths += [*FEEDS, "/incidents.json", "/incidents.csv", "/bulletins.json", "/sitemap.xml"]
    found = set()
    for path in paths[:40]:
        text = stack.get(path).body.decode()
        found |= set(re.findall(r'(?:src|href)="(/(?:static|media)/[^"?#]+|/[^"?#]+\.png)"', text))
    return list(dict.fromkeys(paths + sorted(found)))


def test_what_may_be_kept_is_asked_of_the_site_once(stack: Stack) -> None:
    for path in ["/", "/feed.xml", "/grid.png", "/incidents/"]:
        stack.get(path)
        again = stack.get(path)
        assert (again.status, again.kept) == (200, "HIT"), path
        assert "Set-Cookie" not in again.headers


@pytest.mark.parametrize("path", NEVER_KEPT)
def test_what_nobody_may_keep_is_never_from_the_cache(stack: Stack, path: str) -> None:
    first, second = stack.get(path), stack.get(path)
    assert "no-store" in first.headers["Cache-Control"]
    # nginx alone keeps, for a second, that an address which could be a post's is none.
    assert second.kept in (None, "MISS", "EXPIRED") or second.status == 404
    assert "X-Accel-Expires" not in second.headers


def test_a_reader_without_gzip_gets_what_one_with_it_has_asked_for(stack: Stack) -> None:
    packed = stack.get("/archive/", Accept_Encoding="gzip")
    plain = stack.get("/archive/")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert plain.kept == "HIT"
    assert gzip.decompress(packed.body) == plain.body


def test_nginx_answers_a_reader_who_has_the_page(stack: Stack) -> None:
    etag = stack.get("/trends/", Accept_Encoding="gzip").headers["ETag"]
    again = stack.get("/trends/", Accept_Encoding="gzip", If_None_Match=etag)
    assert (again.status, again.kept, again.body) == (304, "HIT", b"")


def test_an_edit_is_what_every_replica_serves_and_then_nginx(stack: Stack, said: list[str]) -> None:
    path = stack.shell(
        "from bulletin.models import Bulletin; print(Bulletin.objects.order_by('date')[0].date)"
    )
    stack.get(f"/{path}/")
    stack.shell(
        "from bulletin.models import Bulletin; b = Bulletin.objects.order_by('date')[0];"
        "b.title = 'Seen by all of them'; b.save()"
    )
    took = [
        servers.wait_until(
            lambda one=replica: b"Seen by all" in stack.straight(one, f"/{path}/").body, "the edit"
        )
        for replica in range(2)
    ]
    said.append(f"an edit was served by every replica {sum(took):.1f} s after the command's end")
    editor = stack.get(f"/{path}/", Cookie="__Host-session=any")
    assert b"Seen by all of them" in editor.body
    assert editor.kept == "BYPASS"
    stack.shell(
        "from bulletin.models import Bulletin; b = Bulletin.objects.order_by('date')[0];"
        "b.title = 'Seen by nginx too'; b.save()"
    )
    edited = time.monotonic()
    while b"Seen by nginx too" not in stack.get(f"/{path}/").body:
        assert time.monotonic() - edited < 121
        time.sleep(1)
    said.append(f"an edit behind nginx was served after {time.monotonic() - edited:.0f} s")


def test_all_that_was_asked_for_outlives_the_site_and_its_database(
    stack: Stack, said: list[str]
) -> None:
    paths = public_paths(stack)
    for path in paths:
        stack.get(path)
    time.sleep(2)  # what was served while it was asked anew has come by then
    before = {path: stack.get(path, Accept_Encoding="gzip") for path in paths}
    assert {answer.status for answer in before.values()} == {200}
    stack.kill_all_behind()
    try:
        for path in paths:
            for accepted in ("gzip", "identity"):
                after = stack.get(path, Accept_Encoding=accepted)
                assert after.status == 200, (path, accepted, after.body[:200])
                same = before[path].body
                if accepted == "identity" and before[path].headers["Content-Encoding"] == "gzip":
                    same = gzip.decompress(same)
                assert after.body == same, path
        assert stack.get("/", Cookie="__Host-session=an-editor").status == 200
        assert stack.get("/?utm=never-asked").status == 502
        nobody = stack.get("/admin/")
        assert nobody.status == 502
        assert b"be reached just now" in nobody.body
        assert nobody.headers["Cache-Control"] == "private, no-store"
    finally:
        stack.start_all_behind()
    said.append(f"{len(paths)} addresses were served with everything behind nginx killed")


def test_what_is_taken_back_does_not_return_when_the_site_dies(
    stack: Stack, said: list[str]
) -> None:
    path = (
        "/"
        + stack.shell(
            "from bulletin.models import Bulletin;"
            "print(Bulletin.objects.order_by('date').values_list('date', flat=True)[1])"
        )
        + "/"
    )
    assert stack.get(path).status == 200
    stack.shell(
        "from bulletin.models import Bulletin;"
        "from bulletin.publishing import sync_publication; from django.utils import timezone;"
        "b = Bulletin.objects.order_by('date')[1]; b.status = 'draft'; b.save();"
        "sync_publication(b, timezone.now())"
    )
    taken_back = time.monotonic()
    while stack.get(path).status == 200:
        assert time.monotonic() - taken_back < 121
        time.sleep(1)
    said.append(f"what was taken back was gone after {time.monotonic() - taken_back:.0f} s")
    stack.kill_all_behind()
    try:
        time.sleep(1.5)  # longer than nginx keeps that it is not there
        assert stack.get(path).status == 404
    finally:
        stack.start_all_behind()


def test_one_replica_may_die(stack: Stack) -> None:
    stack.replicas[0].stop()
    try:
        answers = [stack.get(f"/incidents/?year={year}").status for year in range(2000, 2030)]
        assert set(answers) == {200}
    finally:
        stack.replicas[0].start()
