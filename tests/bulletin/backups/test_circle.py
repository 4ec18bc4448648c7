# ruff: noqa: S608 (a number of ours)
"""Backups of real installations, made and restored by the commands."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bulletin.backups import archive
from tests.bulletin.backups.conftest import IN_BUCKET, ON_POSTGRESQL, Installation
from tests.servers import ROOT, wait_until

# All on one worker, which makes what they share once.
pytestmark = pytest.mark.xdist_group("backups")
Install = Callable[[], Installation]


@pytest.mark.parametrize("is_migrated", [False, True], ids=["bare", "migrated"])
def test_every_row_and_file_comes_back(
    origin: Installation, backup: Path, install: Install, is_migrated: bool
) -> None:
    target = install()
    if is_migrated:
        target.manage("migrate")
    restored = target.manage("restore", backup)
    assert restored.returncode == 0, restored.stderr
    assert "All of it is restored" in restored.stdout
    assert "migrate" not in restored.stdout
    rows = origin.rows()
    empty = {table for table, found in rows.items() if not found}
    assert not {name for name in empty if not name.startswith("incidents_fulltext")}
    assert target.rows() == rows
    assert target.schema() == origin.schema()
    assert target.files() == origin.files()
    assert len(target.files()) == 3
    # A second time it is no longer empty, and stays as it is.
    again = target.manage("restore", backup)
    assert again.returncode == 1
    assert "isn't empty: 1 users" in again.stderr
    assert target.rows() == rows


def test_writes_meanwhile_are_in_it_whole_or_not_at_all(
    backup: Path, install: Install, tmp_path: Path
) -> None:
    busy, target, over = install(), install(), threading.Event()
    busy.manage("restore", backup)
    there = {table: len(busy.rows()[table]) for table in ("incidents_service", "bulletin_author")}
    written = 0

    def write() -> None:
        nonlocal written
        with closing(busy.connect()) as database:
            if not ON_POSTGRESQL:
                # What was written is beside the database's file until this connection is closed.
                database.execute("PRAGMA wal_autocheckpoint = 0")
            while not over.is_set():
                service = f"INSERT INTO incidents_service (name, ours) VALUES ('{written}', true)"
                author = f"INSERT INTO bulletin_author (name, url) VALUES ('{written}', '')"
                database.execute(service)
                database.execute(author)
                database.commit()
                written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: written > 50, "the writer")
        before = written
        made = busy.manage("backup", tmp_path / "busy.tar.gz")
        assert made.returncode == 0, made.stderr
        assert written > before
    finally:
        over.set()
        writer.join()
    assert target.manage("restore", tmp_path / "busy.tar.gz").returncode == 0
    rows = target.rows()
    services, authors = (len(rows[table]) - count for table, count in there.items())
    assert services == authors
    assert before <= services <= written


def test_an_older_version_is_restored_and_then_migrated(install: Install, tmp_path: Path) -> None:
    older, target = install(), install()
    older.manage("migrate", "incidents", "0005")
    made = older.manage("backup", tmp_path / "older.tar.gz")
    assert made.returncode == 0, made.stderr
    target.manage("migrate")
    restored = target.manage("restore", tmp_path / "older.tar.gz")
    assert restored.returncode == 0, restored.stderr
    assert "run manage.py migrate now" in restored.stdout
    assert target.rows() == older.rows()
    migrated = target.manage("migrate")
    assert migrated.returncode == 0, migrated.stderr


def test_uploads_of_its_own_are_neither_lost_nor_mixed(
    origin: Installation, backup: Path, install: Install
) -> None:
    target = install()
    target.put("uploads/mine.png", b"mine")
    refused = target.manage("restore", backup)
    assert refused.returncode == 1
    assert "isn't empty: uploads/mine.png" in refused.stderr
    assert target.files() == {"uploads/mine.png": b"mine"}


def test_an_attempt_that_was_killed_can_be_made_again(
    origin: Installation, backup: Path, install: Install
) -> None:
    target = install()
    target.put("uploads/empty.png", origin.files()["uploads/empty.png"])
    assert target.manage("restore", backup).returncode == 0
    assert target.files() == origin.files()


def test_a_backup_that_was_cut_off_writes_nothing(
    backup: Path, install: Install, tmp_path: Path
) -> None:
    target, cut = install(), tmp_path / "cut.tar.gz"
    cut.write_bytes(backup.read_bytes()[:-2000])
    refused = target.manage("restore", cut)
    assert refused.returncode == 1
    assert "is no whole backup" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not target.files()
    assert not any(target.rows().values())


def test_a_drill_reads_all_and_writes_nothing(
    origin: Installation, backup: Path, install: Install
) -> None:
    target = install()
    for one in (target, origin):
        before = one.files()
        checked = one.manage("restore", "--check", backup)
        assert "3 uploads. Nothing was restored." in checked.stdout, checked.stderr
        assert one.files() == before
    assert not any(target.rows().values())


@pytest.mark.skipif(not IN_BUCKET, reason="a folder is made for the first upload")
def test_a_bucket_that_is_not_there_is_no_empty_one(origin: Installation, tmp_path: Path) -> None:
    origin.environment["S3_BUCKET"], there = "nowhere", origin.bucket
    try:
        refused = origin.manage("backup", tmp_path / "none.tar.gz")
    finally:
        origin.environment["S3_BUCKET"] = there
    assert "No backup was made" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_a_backup_can_be_piped(origin: Installation, tmp_path: Path) -> None:
    with (tmp_path / "piped.tar.gz").open("wb") as out:
        command = [sys.executable, "manage.py", "backup", "-"]
        subprocess.run(command, cwd=ROOT, env=origin.environment, stdout=out, check=True)
    assert len(archive.verify(tmp_path / "piped.tar.gz").uploads) == 3


def test_a_backup_is_its_owners_alone_and_replaces_none(origin: Installation, backup: Path) -> None:
    before = backup.read_bytes()
    assert backup.stat().st_mode & 0o777 == 0o600
    refused = origin.manage("backup", backup)
    assert refused.returncode == 1
    assert "is there already" in refused.stderr
    assert backup.read_bytes() == before


def test_a_full_disk_leaves_no_file(origin: Installation, tmp_path: Path) -> None:
    limit = (100_000, 100_000)
    refused = origin.manage(
        "backup",
        tmp_path / "full.tar.gz",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit),
    )
    assert refused.returncode == 1
    assert "No backup was made" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(IN_BUCKET, reason="it is held up by a pipe among the uploads")
def test_a_killed_backup_leaves_no_file(backup: Path, install: Install) -> None:
    held = install()
    held.manage("restore", backup)
    os.mkfifo(held.folder / "media/uploads/pipe.png")
    command = [sys.executable, "manage.py", "backup", str(held.folder / "killed.tar.gz")]
    with subprocess.Popen(command, cwd=ROOT, env=held.environment) as running:
        wait_until(lambda: any(held.folder.glob(".backup-*/db.*")), "the copy of the database")
        running.send_signal(signal.SIGKILL)
    assert running.returncode == -signal.SIGKILL
    assert not list(held.folder.glob("*.tar.gz"))


def test_programs_that_are_missing_are_named(origin: Installation, tmp_path: Path) -> None:
    if not ON_POSTGRESQL:
        pytest.skip("SQLite needs none")
    origin.environment["PATH"], path = str(tmp_path), origin.environment["PATH"]
    try:
        refused = origin.manage("backup", tmp_path / "none.tar.gz")
    finally:
        origin.environment["PATH"] = path
    assert "pg_dump is not installed" in refused.stderr
    assert not list(tmp_path.iterdir())
