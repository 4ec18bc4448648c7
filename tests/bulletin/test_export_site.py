"""What a copy of the site holds, and what never gets into one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import resolve
from django.utils import timezone
from django.utils.html import strip_tags
from PIL import Image

from bulletin import api, publishing
from bulletin.management.commands.export_site import LISTING, LOCK, relative, rewrite, update
from bulletin.models import Bulletin, Status
from bulletin.urls import urlpatterns
from bulletin.views import posts as pages_of_posts
from bulletin.views import trends
from incidents import exports, views
from tests.factories import make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
LATER = datetime(2024, 8, 1, 12, tzinfo=UTC)
SITE = "http://127.0.0.1:8000"
SHOWN, HIDDEN, MISSING = (f"{letter * 32}-4x4.png" for letter in "abc")
Export = Callable[..., str]


@pytest.fixture
def export(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Export:
    """Writes the copy and returns what the command says."""
    settings.WHITENOISE_USE_FINDERS = True

    def export(*options: str, at: datetime = LATER) -> str:
        monkeypatch.setattr(timezone, "now", lambda: at)
        out = StringIO()
        call_command("export_site", str(tmp_path / "copy"), *options, stdout=out)
        return out.getvalue()

    return export


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


@pytest.fixture
def log() -> Bulletin:
    """A week with all that a site has."""
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    for name in (SHOWN, HIDDEN):
        default_storage.delete(f"uploads/{name}")
        default_storage.save(f"uploads/{name}", ContentFile(picture.getvalue()))
    incident = make_incident(regions="IAD", body=f"![A rack](/media/uploads/{SHOWN})")
    make_article(incidents=[incident])
    return make_bulletin(
        essay=f"[All](/incidents/) [Minor](/incidents/?impact=minor) [Us]({SITE}/)"
    )


def files(copy: Path) -> dict[str, bytes]:
    found = (path for path in copy.rglob("*") if path.is_file())
    return {str(path.relative_to(copy)): path.read_bytes() for path in found}


def test_each_address_of_the_site_map_is_in_the_copy_or_never_public(
    log: Bulletin, export: Export, copy: Path
) -> None:
    export()
    names = {name.removesuffix("index.html") for name in files(copy)}
    names = {
        name for name in names if not name.startswith(("static/", ".export", "404", "trends/"))
    }
    copied = {resolve(f"/{name}").url_name for name in names} | {"trends"}
    mapped = {getattr(pattern, "name", None) for pattern in urlpatterns} - {None}
    never = {"review", "healthz", "readyz", "markdownx_upload", "markdownx_markdownify"}
    assert mapped - copied == never


def test_feeds_data_and_pictures_are_what_the_site_gives(
    log: Bulletin, export: Export, copy: Path
) -> None:
    export()
    same = "feed.xml rss.xml feed.json incidents.xml incidents.json incidents.csv incidents.ics"
    same += " incidents.schema.json bulletins.json sitemap.xml robots.txt 2024-07-06/grid.png"
    names = [*same.split(), f"media/uploads/{SHOWN}"]
    client = Client(SERVER_NAME="127.0.0.1")
    given = {name: client.get(f"/{name}").content for name in names}
    assert [name for name in names if (copy / name).read_bytes() != given[name]] == []


def test_a_page_says_what_it_says_on_the_site_and_that_it_is_a_copy(
    log: Bulletin, export: Export, copy: Path
) -> None:
    export()
    told = words((copy / "2024-07-06/index.html").read_text())
    ours = words(Client(SERVER_NAME="127.0.0.1").get("/2024-07-06/").content.decode())
    copied = " Copy of: the site itself"
    assert told.count(copied) == 1
    assert told.replace(copied, "") == ours


def words(page: str) -> str:
    return " ".join(strip_tags(page).split())


def test_links_stay_on_the_copy_wherever_it_is_but_for_queries(
    log: Bulletin, export: Export, copy: Path
) -> None:
    export()
    page = (copy / "2024-07-06/index.html").read_text()
    addresses = re.findall(r'\s(?:href|src|action)="([^"]*)"', page)
    away = {one for one in addresses if one.startswith(("/", "http"))}
    assert away == {f"{SITE}/2024-07-06/", f"{SITE}/", f"{SITE}/incidents/?impact=minor"}
    assert {"../incidents/", "../", f"../media/uploads/{SHOWN}"} <= set(addresses)
    assert "#2024-07-02-packet-loss" in addresses


def test_pages_by_query_have_a_place_of_their_own(
    export: Export, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(1, 6):
        make_incident(title=f"Number {day}", started_at=datetime(2024, 7, day, 19, tzinfo=UTC))
        make_bulletin(
            **dict.fromkeys(("date", "period_first", "period_last"), date(2018 + day, 7, 6))
        )
    monkeypatch.setattr(views, "PAGE", 2)
    monkeypatch.setattr(pages_of_posts, "YEARS", 4)
    export()
    index = copy / "incidents"
    before = [f"before/2024-07-0{day}-number-{day}" for day in (4, 2)]
    pages = [(index / place / "index.html").read_text() for place in ("", *before)]
    rows = [re.findall(r'<th scope="row"><a href="[^"]*(\d)/"', page) for page in pages]
    assert rows == [["5", "4"], ["3", "2"], ["1"]]
    assert 'href="before/2024-07-04-number-4/"' in pages[0]
    assert 'href="../2024-07-02-number-2/"' in pages[1]
    assert (copy / "trends/year/2024/index.html").exists()
    assert 'href="../../2019/"' in (copy / "archive/before/2020/index.html").read_text()


def test_data_in_pages_is_whole(
    export: Export, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        day = date(2024, 7, 6) - timedelta(weeks=number)
        make_bulletin(date=day, period_first=day - timedelta(days=6), period_last=day)
        make_incident(title=f"Number {number}")
    export()
    whole = files(copy)
    monkeypatch.setattr(views, "PAGE", 2)
    monkeypatch.setattr(api, "PAGE", 2)
    monkeypatch.setattr(exports, "MAX_SHEET_CHARACTERS", 1)
    export()
    for name in ("incidents.json", "bulletins.json", "incidents.csv"):
        assert (copy / name).read_bytes() == whole[name]
    assert json.loads(whole["incidents.json"])["next"] is None


def test_nothing_that_is_not_public_gets_into_a_copy(
    log: Bulletin, export: Export, copy: Path
) -> None:
    make_incident(title="Quagga", publish_at=None)
    make_incident(title="Quagga", publish_at=LATER + timedelta(hours=1))
    essay = f"Quagga ![A rack](/media/uploads/{HIDDEN})"
    week = {"period_first": date(2024, 7, 7), "period_last": date(2024, 7, 13)}
    make_bulletin(date=date(2024, 7, 13), essay=essay, status=Status.DRAFT, **week)
    make_article(title="Quagga", slug="quagga", publish_at=LATER + timedelta(hours=1))
    export()
    assert [name for name, content in files(copy).items() if b"quagga" in content.lower()] == []
    assert not [
        name for name in files(copy) if "quagga" in name or HIDDEN in name or "07-13" in name
    ]


def test_the_same_log_gives_the_same_bytes_and_what_is_taken_back_vanishes(
    log: Bulletin, export: Export, copy: Path
) -> None:
    first = export()
    number = re.fullmatch(r"wrote (\d+), unchanged 0, removed 0\n", first)
    assert number
    before = files(copy)
    assert export(at=LATER + timedelta(days=3)) == f"wrote 0, unchanged {number[1]}, removed 0\n"
    assert files(copy) == before
    log.status, log.publish_at = Status.DRAFT, None
    log.save()
    publishing.sync_publication(log, LATER)
    export()
    assert not (copy / "2024-07-06").exists()
    assert [name for name, content in files(copy).items() if b"2024-07-06/" in content] == []


def test_a_picture_that_is_gone_stops_nothing(export: Export, copy: Path) -> None:
    make_incident(body=f"![A rack](/media/uploads/{MISSING}) [No](/2024-07-13/)")
    export()
    page = (copy / "incidents/2024-07-02-packet-loss/index.html").read_text()
    assert f'src="../../media/uploads/{MISSING}"' in page
    assert not (copy / "media").exists()
    assert f'href="{SITE}/2024-07-13/"' in page


def test_an_address_that_fails_is_named_and_the_old_copy_stays(
    log: Bulletin, export: Export, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export()
    before = files(copy)
    log.essay = "We moved another rack."
    log.save()
    monkeypatch.setattr(trends, "Trends", None)
    with pytest.raises(CommandError, match=f"{SITE}/trends/ answers 500"):
        export()
    assert files(copy) == before


def test_feeds_canonical_links_and_the_page_of_what_is_missing_lead_to_the_site(
    log: Bulletin, export: Export, copy: Path
) -> None:
    export()
    assert f'href="{SITE}/2024-07-06/"' in (copy / "feed.xml").read_text()
    page = (copy / "2024-07-06/index.html").read_text()
    assert f'<link rel="canonical" href="{SITE}/2024-07-06/">' in page
    missing = (copy / "404.html").read_text()
    assert f'href="{SITE}/archive/"' in missing
    assert 'href="#main"' in missing


def test_a_static_file_that_was_not_collected_is_named(export: Export) -> None:
    make_incident(body="[Old](/static/css/old.css)")
    with pytest.raises(CommandError, match=f"{SITE}/static/css/old.css answers 404"):
        export()


def test_without_collected_files_it_says_what_to_run(
    export: Export, settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path / "nothing"
    hashed = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": hashed}}
    with pytest.raises(CommandError, match="collectstatic first"):
        export()


def test_an_empty_log_has_a_copy_too(export: Export, copy: Path) -> None:
    export()
    assert "No bulletin is published yet." in (copy / "index.html").read_text()
    assert not (copy / "grid.png").exists()


def test_a_directory_that_cannot_be_made_is_named(export: Export, copy: Path) -> None:
    copy.write_text("a file")
    with pytest.raises(CommandError, match="copy/inside"):
        call_command("export_site", str(copy / "inside"))


# Paths --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "there", "way"),
    [
        ("", "", "./"),
        ("", "2024-07-06/", "2024-07-06/"),
        ("", "feed.xml", "feed.xml"),
        ("2024-07-06/", "2024-07-06/grid.png", "grid.png"),
        ("2024-07-06/", "", "../"),
        ("2024-07-06/grid.svg", "2024-07-06/", "./"),
        ("trends/year/2024/", "static/css/base.css", "../../../static/css/base.css"),
    ],
)
def test_a_relative_link(here: str, there: str, way: str) -> None:
    assert relative(here, there) == way


def test_links_are_rewritten_and_text_that_looks_like_one_is_not() -> None:
    page = '<a class="x > y" href="/a?b=1&amp;c=2">src="/a"</a><img src="/i" alt="&quot; href=/a">'
    assert rewrite(page, str.upper) == (
        '<a class="x > y" href="/A?B=1&amp;C=2">src="/a"</a><img src="/I" alt="&quot; href=/a">'
    )
    page = '<link rel="canonical" href="/a"><a rel="external" href="/a">'
    assert rewrite(page, str.upper) == page


# The directory ------------------------------------------------------------------------


def write(root: Path, **pages: str) -> tuple[int, int, int]:
    return update(root, ((f"{name}/index.html", text.encode()) for name, text in pages.items()))


def texts(root: Path) -> dict[str, str]:
    return {
        name: text.decode() for name, text in files(root).items() if name not in (LISTING, LOCK)
    }


def test_a_run_writes_what_changed_and_removes_what_is_gone(tmp_path: Path) -> None:
    assert write(tmp_path, a="1", b="1", c="1") == (3, 0, 0)
    changed_at = (tmp_path / "a/index.html").stat().st_mtime_ns
    assert write(tmp_path, a="1", b="2") == (1, 1, 1)
    assert texts(tmp_path) == {"a/index.html": "1", "b/index.html": "2"}
    assert not (tmp_path / "c").exists()
    assert (tmp_path / "a/index.html").stat().st_mtime_ns == changed_at


def test_a_directory_of_something_else_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CommandError, match="holds files of something else"):
        write(tmp_path, a="1")
    assert texts(tmp_path) == {"notes.txt": "mine"}


def test_files_that_somebody_added_to_a_copy_stay(tmp_path: Path) -> None:
    write(tmp_path, a="1", b="1")
    (tmp_path / "b/CNAME").write_text("mine")
    assert write(tmp_path, a="1") == (0, 1, 1)
    assert texts(tmp_path) == {"a/index.html": "1", "b/CNAME": "mine"}


def test_a_run_that_fails_halfway_changes_nothing(tmp_path: Path) -> None:
    def failing() -> Iterator[tuple[str, bytes]]:
        yield "a/index.html", b"2"
        raise OSError("No space left on device")

    write(tmp_path, a="1")
    with pytest.raises(OSError, match="No space"):
        update(tmp_path, failing())
    assert texts(tmp_path) == {"a/index.html": "1"}


@pytest.mark.parametrize("moves", range(6))
def test_a_run_killed_at_any_move_leaves_whole_files_that_the_next_one_knows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    write(tmp_path, a="1", gone="1")
    left, replace = iter(range(moves)), Path.replace

    def replace_once_more(staged: Path, path: Path) -> Path:
        next(left)
        return replace(staged, path)

    monkeypatch.setattr(Path, "replace", replace_once_more)
    try:
        write(tmp_path, a="2", b="2", c="2")
    except StopIteration:
        assert moves < 5
    monkeypatch.undo()
    assert set(texts(tmp_path).values()) <= {"1", "2"}
    write(tmp_path, a="3")
    assert texts(tmp_path) == {"a/index.html": "3"}


def test_two_runs_at_once_are_one(tmp_path: Path) -> None:
    def second() -> Iterator[tuple[str, bytes]]:
        with pytest.raises(OSError, match="temporarily unavailable"):
            write(tmp_path, a="2")
        yield "a/index.html", b"1"

    update(tmp_path, second())
    assert texts(tmp_path) == {"a/index.html": "1"}
