"""Backups of real installations, made and restored by the commands."""

from __future__ import annotations

import io
import json
import resource
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bulletin import backups
from bulletin.backups import DUMP, MANIFEST, BackupError
from tests.bulletin.backups.conftest import ON_POSTGRESQL, Installation
from tests.factories import make_editor
from tests.servers import ROOT, wait_until

Install = Callable[[], Installation]
Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.mark.parametrize("is_migrated", [False, True], ids=["bare", "migrated"])
def test_every_row_trigger_and_upload_comes_back(
    origin: Installation, backup: Path, install: Install, is_migrated: bool
) -> None:
    target = install()
    if is_migrated:
        target.fill(demo=False, static=False)
    restored = target.run("restore", backup)
    assert restored.returncode == 0, restored.stderr
    rows = origin.rows()
    empty = {table for table, found in rows.items() if not found}
    assert not {name for name in empty if not name.startswith("incidents_searchindex")}
    assert target.rows() == rows
    assert target.schema() == origin.schema()
    assert target.files() == origin.files()
    assert len(target.files()) == 3
    # A second time it is no longer empty, and stays as it is.
    again = target.run("restore", backup)
    assert again.returncode == 1
    assert "isn't empty: " in again.stderr
    assert "Traceback" not in again.stderr
    assert target.rows() == rows


def test_writes_meanwhile_are_in_it_whole_or_not_at_all(
    backup: Path, install: Install, tmp_path: Path
) -> None:
    busy, target, is_over = install(), install(), threading.Event()
    busy.run("restore", backup)
    before = {table: len(busy.rows()[table]) for table in ("incidents_service", "bulletin_author")}
    written = 0

    def write() -> None:
        nonlocal written
        with closing(busy.connect()) as database:
            if not ON_POSTGRESQL:
                # What was written is beside the database's file until this connection is closed.
                database.execute("PRAGMA wal_autocheckpoint = 0")
            while not is_over.is_set():
                for table, columns, values in (
                    ("incidents_service", "name, ours", f"'{written}', true"),
                    ("bulletin_author", "name, url", f"'{written}', ''"),
                ):
                    database.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})")  # noqa: S608
                database.commit()
                written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: written > 50, "the writer")
        at_start = written
        made = busy.run("backup", tmp_path / "busy.tar.gz")
        assert made.returncode == 0, made.stderr
        assert written > at_start
    finally:
        is_over.set()
        writer.join()
    assert target.run("restore", tmp_path / "busy.tar.gz").returncode == 0
    rows = target.rows()
    services, authors = (len(rows[table]) - count for table, count in before.items())
    assert services == authors
    assert at_start <= services <= written


def test_nothing_is_restored_while_a_process_has_the_database_open(
    backup: Path, install: Install
) -> None:
    target = install()
    target.fill(demo=False, static=False)
    with closing(target.connect()) as worker:
        worker.execute("SELECT count(*) FROM auth_user").fetchone()
        worker.commit()
        refused = target.run("restore", backup)
    assert refused.returncode == 1
    assert "the database is in use; stop the site first" in refused.stderr
    assert not target.files()
    assert target.run("restore", backup).returncode == 0


def test_uploads_of_others_are_not_mixed_in(backup: Path, install: Install) -> None:
    target = install()
    target.put("uploads/mine.png", b"mine")
    refused = target.run("restore", backup)
    assert refused.returncode == 1
    assert "isn't empty: uploads/mine.png" in refused.stderr
    assert target.files() == {"uploads/mine.png": b"mine"}


def test_an_attempt_that_was_killed_can_be_repeated(
    origin: Installation, backup: Path, install: Install
) -> None:
    target = install()
    target.put("uploads/empty.png", origin.files()["uploads/empty.png"])
    assert target.run("restore", backup).returncode == 0
    assert target.files() == origin.files()


def altered(path: Path, to: Path, alter: Callable[[Members], object]) -> Path:
    with tarfile.open(path) as tar:
        members = [(one, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]
    alter(members)
    with tarfile.open(to, "w:gz") as tar:
        for member, data in members:
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return to


def with_manifest(path: Path, to: Path, **facts: object) -> Path:
    def rewrite(members: Members) -> None:
        member, text = members[-1]
        members[-1] = (member, json.dumps(json.loads(text) | facts).encode())

    return altered(path, to, rewrite)


def flip_upload(members: Members) -> None:
    [(index, member, data)] = [
        (index, member, data)
        for index, (member, data) in enumerate(members)
        if member.name.endswith("ü 1.png")
    ]
    members[index] = (member, data[::-1])


def rename_upload(members: Members) -> None:
    members[1][0].name = "elsewhere/b"


@pytest.mark.parametrize(
    ("alter", "sentence"),
    [
        (flip_upload, "checksums differ"),
        (lambda members: members.pop(1), "checksums differ"),
        (lambda members: members.pop(), "checksums differ"),
        (lambda members: members.insert(1, members[0]), f"no backup has: {DUMP}"),
        (rename_upload, "no backup has: elsewhere/b"),
    ],
)
def test_an_altered_backup_is_refused(
    backup: Path, tmp_path: Path, alter: Callable[[Members], object], sentence: str
) -> None:
    with pytest.raises(BackupError, match=sentence):
        backups.check(altered(backup, tmp_path / "altered", alter))


def test_a_backup_of_elsewhere_is_refused(backup: Path, tmp_path: Path) -> None:
    assert MANIFEST not in backups.check(backup)["files"]
    with pytest.raises(BackupError, match="is of oracle, DATABASE_URL of"):
        backups.check(with_manifest(backup, tmp_path / "oracle", engine="oracle"))
    with pytest.raises(BackupError, match="is not a whole backup"):
        backups.check(with_manifest(backup, tmp_path / "bare", files=None))
    later = with_manifest(backup, tmp_path / "later", migrations=["bulletin.0999_later"])
    with pytest.raises(BackupError, match=r"doesn't know: bulletin\.0999_later; use the version"):
        backups.check(later)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_a_backup_that_was_cut_off_is_refused(backup: Path, tmp_path: Path, share: float) -> None:
    whole = backup.read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BackupError, match="is not a whole backup"):
        backups.check(tmp_path / "cut")


def test_uploads_go_again_when_the_database_fails(
    backup: Path, install: Install, tmp_path: Path
) -> None:
    def break_dump(members: Members) -> None:
        members[0] = (members[0][0], b"no database" * 1000)
        digests = json.loads(members[-1][1])
        digests["files"][DUMP] = backups.hashlib.sha256(members[0][1]).hexdigest()
        members[-1] = (members[-1][0], json.dumps(digests).encode())

    target = install()
    refused = target.run("restore", altered(backup, tmp_path / "broken", break_dump))
    assert refused.returncode == 1
    assert refused.stderr.startswith("CommandError: Nothing was restored: ")
    assert not target.files()
    assert not any(target.rows().values())


def test_a_check_reads_all_and_writes_nothing(
    origin: Installation, backup: Path, install: Install
) -> None:
    target = install()
    for words in (["backup", "--check", backup], ["restore", "--check", backup]):
        for each in (target, origin):
            before = each.files()
            checked = each.run(*words)
            assert "3 uploads" in checked.stdout, checked.stderr
            assert each.files() == before
    assert not any(target.rows().values())


def test_a_backup_can_be_piped(origin: Installation, tmp_path: Path) -> None:
    with (tmp_path / "piped.tar.gz").open("wb") as out:
        command = [sys.executable, "manage.py", "backup", "-"]
        subprocess.run(command, cwd=ROOT, env=origin.env, stdout=out, check=True)
    assert len(backups.check(tmp_path / "piped.tar.gz")["files"]) == 4


def test_a_backup_is_its_owners_alone_and_replaces_none(origin: Installation, backup: Path) -> None:
    before = backup.read_bytes()
    assert backup.stat().st_mode & 0o777 == 0o600
    refused = origin.run("backup", backup)
    assert refused.returncode == 1
    assert "exists; give another name" in refused.stderr
    assert backup.read_bytes() == before


def test_a_full_disk_leaves_no_file(origin: Installation, tmp_path: Path) -> None:
    limit = (100_000, 100_000)
    refused = origin.run(
        "backup",
        tmp_path / "full.tar.gz",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    assert refused.returncode == 1
    assert refused.stderr.startswith("CommandError: Backup failed: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite needs none")
def test_missing_programs_are_named(origin: Installation, tmp_path: Path) -> None:
    origin.env["PATH"], path = str(tmp_path), origin.env["PATH"]
    try:
        refused = origin.run("backup", tmp_path / "none.tar.gz")
    finally:
        origin.env["PATH"] = path
    assert "'pg_dump' not found" in refused.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db
def test_only_what_migrate_made_counts_as_empty() -> None:
    uploads = {"files": [f"media/{name}" for name in backups.upload_names()]}
    backups.refuse_if_not_empty(uploads)
    make_editor()
    with pytest.raises(BackupError, match="auth_user"):
        backups.refuse_if_not_empty(uploads)
