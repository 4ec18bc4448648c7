from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.storage import FileSystemStorage

from bulletin import doctor
from bulletin.doctor import database, files, setup
from bulletin.doctor.findings import Finding, ok
from tests.factories import make_editor, make_incident
from tests.servers import ROOT, free_port

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
PICTURE = f"uploads/{'0' * 32}-8x8.png"


class Installation:
    """A whole one of its own, on SQLite and files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "db.sqlite3"
        self.env = {
            "PATH": os.environ["PATH"],
            "SECRET_KEY": "only-for-tests-" + "0123456789" * 5,
            "SITE_URL": "http://127.0.0.1:8000",
            "DATABASE_URL": f"sqlite:///{self.file}",
            "MEDIA_ROOT": f"{folder}/media",
            "DEBUG": "true",
        }

    def manage(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "manage.py", *words],
            cwd=ROOT,
            env=self.env | more,
            capture_output=True,
            text=True,
            check=False,
        )

    def findings(self, *words: str, status: int, **more: str) -> dict[str, list[str]]:
        """The words of all that is not fine, by level and what they are about."""
        done = self.manage("doctor", "--json", *words, **more)
        assert done.returncode == status, done.stderr
        told: dict[str, list[str]] = {}
        for found in json.loads(done.stdout):
            if found["level"] != "ok":
                told.setdefault(f"{found['level']} {found['about']}", []).append(found["words"])
        return told


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path)
    assert made.manage("migrate").returncode == 0
    assert made.manage("load_demo").returncode == 0
    return made


def test_all_that_is_broken_is_told_at_once_and_search_mended(installation: Installation) -> None:
    nobody = {"warning accounts": ["nobody may publish"]}
    assert installation.findings(status=0) == nobody
    with sqlite3.connect(installation.file) as broken:
        broken.execute("UPDATE incidents_incident SET body_html = '' WHERE id = 1")
        body = f"![](/media/{PICTURE})"
        broken.execute("UPDATE incidents_incident SET body = ? WHERE id = 2", [body])
        broken.execute("DROP TRIGGER incident_fulltext_incidents_incident_update")
        broken.execute("DELETE FROM incidents_fulltext WHERE rowid & 3 = 3")
        broken.execute("PRAGMA writable_schema = ON")
        broken.execute("UPDATE sqlite_master SET sql = replace(sql, 'incident_kind_known', 'x')")
    broken.close()
    gone = f"redis://:hunter2@127.0.0.1:{free_port()}/0"
    told = installation.findings(status=1, REDIS_URL=gone)
    search = ["has 0 of 15 bulletins"]
    search += ["the database does not keep the incidents current: triggers are missing"]
    assert told == nobody | {
        "wrong texts": ["incident 1 (body) shows nothing: its HTML is missing"],
        "wrong pictures": [f"{PICTURE} is missing, which incident 2 (body) shows"],
        "wrong search": search,
        "wrong rules": ["of the database are missing: incident_kind_known"],
        "warning cache": ["gone, the site is slower (RedisCache)"],
    }
    assert "wrong search" not in installation.findings("--rebuild-search", status=1)


def test_a_database_that_is_away_is_told_once_and_without_its_password(tmp_path: Path) -> None:
    url = f"postgres://someone:hunter2@127.0.0.1:{free_port()}/log"
    done = Installation(tmp_path).manage("doctor", DATABASE_URL=url)
    assert done.returncode == 1
    assert "wrong    database: fails with OperationalError" in done.stdout
    assert "Something is wrong: 1 of" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_an_empty_database_is_to_be_migrated_and_nothing_else(tmp_path: Path) -> None:
    [told] = Installation(tmp_path).findings(status=1).items()
    assert told[0] == "wrong migrations"


def test_settings_that_stop_the_start_are_told_by_their_sentence(tmp_path: Path) -> None:
    done = Installation(tmp_path).manage("doctor", SITE_URL="http://log.example.org")
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("give the https address")


def test_a_check_that_breaks_is_a_finding_and_the_next_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(at: datetime) -> Iterator[Finding]:
        raise RuntimeError("on\ntwo lines")

    def goes_on(at: datetime) -> Iterator[Finding]:
        yield ok("goes on")

    monkeypatch.setattr(doctor, "CHECKS", {"one": breaks, "two": goes_on})
    monkeypatch.setattr(doctor, "OF_TABLES", {})
    first, second = doctor.examine(AT)
    assert first.is_wrong
    assert (first.about, first.words) == ("one", "fails with RuntimeError: on two lines")
    assert second == replace(ok("goes on"), about="two")


def only(findings: Iterator[Finding]) -> tuple[str, str]:
    [found] = findings
    return found.level, found.words


def test_static_files_are_outdated_once_the_code_has_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, kept = tmp_path / "source", tmp_path / "kept"
    for folder in (source, kept):
        folder.mkdir()
        (folder / "base.css").write_text("a{}")
    collected = StaticFilesStorage(location=kept, base_url="/static/")
    monkeypatch.setattr(files, "staticfiles_storage", collected)
    code = FileSystemStorage(location=source)
    assert files.is_collected("base.css", code)
    (source / "base.css").write_text("b{}")
    assert not files.is_collected("base.css", code)
    (kept / "base.css").unlink()
    assert not files.is_collected("base.css", code)


def test_a_file_of_secrets_is_for_its_owner(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / ".env").touch(mode=0o600)
    assert only(setup.file_of_settings(AT))[0] == "ok"
    (tmp_path / ".env").chmod(0o640)
    [told] = setup.file_of_settings(AT)
    assert told.hint == f"chmod 600 {tmp_path}/.env"
    # Another's file, which the site reads as one of the group.
    monkeypatch.setattr(setup.os, "geteuid", lambda: -1)
    assert only(setup.file_of_settings(AT))[0] == "ok"
    for mode in (0o644, 0o660):
        (tmp_path / ".env").chmod(mode)
        assert only(setup.file_of_settings(AT))[0] == "warning"


def test_what_is_an_opt_in_is_no_warning(settings: Any) -> None:
    settings.HTTPS, settings.SECURE_HSTS_SECONDS = True, 3600
    assert "security.W005" not in str(list(setup.settings_hold(AT)))
    settings.SILENCED_SYSTEM_CHECKS = []
    assert "security.W005" in str(list(setup.settings_hold(AT)))


def test_a_package_that_is_not_the_locks_is_named(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements" / "core.txt"
    lock.write_text("nh3==0.0.1 ; python_version > '3' \\\n    --hash=x\nnot-here==1\n")
    level, words = only(setup.packages(AT))
    assert level == "warning"
    assert words.startswith("nh3 ")
    assert words.endswith(" instead of 0.0.1")


def test_uploads_that_can_not_be_written_are_told(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "a-file").touch()
    settings.MEDIA_ROOT = tmp_path / "a-file"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    [told] = doctor.examined("uploads", files.uploads, AT)
    assert told.is_wrong
    assert "a-file" in told.words
    assert "MEDIA_ROOT" in told.hint


@pytest.mark.django_db
def test_what_is_well_is_said_to_be(settings: Any) -> None:
    make_incident()
    make_editor()
    for check in (database.search, database.constraints, database.texts, database.accounts):
        assert only(check(AT))[0] == "ok", check
    for check in (database.reached, database.server, database.migrated, files.pictures):
        assert only(check(AT))[0] == "ok", check
    assert all(found.is_fine for found in [*database.clock(AT), *files.uploads(AT)])
    assert [found.level for found in setup.picture(AT)] == ["ok"]
