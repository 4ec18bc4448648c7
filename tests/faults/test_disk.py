"""The disk is full, then read-only: reading goes on, a write is refused in words."""

from __future__ import annotations

import io
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

from tests.faults.people import Answer, Editor, Form
from tests.faults.site import PASSWORD, Site, running

PAGES = ["/", "/feed.xml", "/archive/", "/incidents/", "/search/?q=network", "/incidents.json"]
ADMIN = ["/admin/", "/admin/incidents/incident/", "/admin/incidents/incident/add/"]
INCIDENT = "/admin/incidents/incident/add/"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", place]
    done = subprocess.run(mounted, check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a disk can't be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path, leave: int = 0) -> None:
    """All of the disk but `leave` bytes."""
    rest = os.statvfs(disk)
    size = rest.f_bavail * rest.f_bsize - leave
    with open(disk / "filler", "ab", buffering=0) as file, suppress(OSError):
        while size > 0:
            size -= file.write(bytes(min(size, 65_536)))


@contextmanager
def on(disk: Path, tmp_path: Path) -> Iterator[Site]:
    variables = {"DATABASE_URL": f"sqlite:///{disk}/db.sqlite3", "MEDIA_ROOT": f"{disk}/media"}
    with running(tmp_path, **variables) as site:
        site.make_editors("ada")
        yield site


def signed_in(site: Site) -> Editor:
    editor = Editor(site.server.port)
    assert editor.sign_in("ada", PASSWORD).status == 302
    return editor


def typed(title: str) -> dict[str, str]:
    return {"title": title, "started_at_0": "2021-07-02", "started_at_1": "15:00", "body": "Text."}


def part(name: str, value: bytes, more: str = "") -> bytes:
    head = f'--cut\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + value + b"\r\n"


def send(editor: Editor, path: str, *parts: bytes) -> Answer:
    """As the admin's scripts do."""
    body = b"".join(parts) + b"--cut--\r\n"
    return editor.ask(
        "POST",
        path,
        body,
        Content_Type="multipart/form-data; boundary=cut",
        X_CSRFToken=editor.cookies["csrf"],
    )


def upload(editor: Editor) -> Answer:
    picture = io.BytesIO()
    Image.effect_noise((700, 700), 90).save(picture, "PNG")
    file = part("image", picture.getvalue(), '; filename="p.png"')
    return send(editor, "/admin/markdownx/upload/", file)


def refused(answer: Answer, *, as_json: bool = False) -> bool:
    """In words, and kept by nobody."""
    if as_json:
        in_words = bool(json.loads(answer.text).get("error"))
    else:
        in_words = "Nothing was saved" in answer.text
    never = answer.headers["Cache-Control"] == "private, no-store"
    return answer.status == 503 and bool(answer.headers["Retry-After"]) and never and in_words


def rows(site: Site) -> str:
    return site.shell(
        "from incidents.models import Incident\n"
        "from reversion.models import Revision\n"
        "from bulletin.models.editing import Autosave\n"
        "print(*[model.objects.count() for model in (Incident, Revision, Autosave)])"
    )


def read_and_write(site: Site, editor: Editor, page: Answer, said: list[str], name: str) -> None:
    """All that an editor and a reader do on a disk that takes nothing."""
    key = Form(page.text).fields
    typing = [part(each, value[0].encode()) for each, value in key.items() if value]
    got = {
        "save": editor.send(INCIDENT, page, **typed("full")),
        "keep": send(editor, "/admin/autosave/save/", *typing),
        "upload": upload(editor),
        "sign in": Editor(site.server.port).sign_in("ada", PASSWORD),
    }
    read = {path: site.get(path).status for path in PAGES}
    read |= {path: editor.ask("GET", path).status for path in ADMIN}
    said.append(
        f"disk {name}: "
        + ", ".join(f"{act} {answer.status}" for act, answer in got.items())
        + f"; pages {sorted(set(read.values()))}"
    )
    wrong = [
        f"{act}: {answer.status} {answer.text[:300]}"
        for act, answer in got.items()
        if not refused(answer, as_json=act in ("keep", "upload"))
    ]
    assert wrong == []
    assert set(read.values()) == {200}, read


def pictures(disk: Path) -> list[Path]:
    return [one for one in (disk / "media").rglob("*") if one.is_file()]


def test_a_full_disk_refuses_writes_in_words_and_is_read(
    disk: Path, tmp_path: Path, said: list[str]
) -> None:
    with on(disk, tmp_path) as site:
        editor = signed_in(site)
        page = editor.ask("GET", INCIDENT)
        assert site.get("/").status == 200
        before, stored = rows(site), pictures(disk)
        fill(disk)
        read_and_write(site, editor, page, said, "full")
        (disk / "filler").unlink()
        assert rows(site) == before
        assert pictures(disk) == stored
        # Room for a part of the picture.
        fill(disk, leave=100_000)
        answer = upload(editor)
        assert refused(answer, as_json=True), answer.text
        assert pictures(disk) == stored
        (disk / "filler").unlink()
        # As soon as there is room, all is as it was.
        assert editor.send(INCIDENT, page, **typed("later")).status == 302
        assert upload(editor).status == 200
