from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.checks import run_checks
from django.core.files.storage import FileSystemStorage

from bulletin import checks
from tests.factories import make_editor, make_incident
from tests.servers import ROOT, free_port


class Installation:
    """One of its own, on SQLite and files in a folder."""

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

    def messages(self, *, status: int, **more: str) -> dict[str, str]:
        """What `doctor` says, by id."""
        done = self.manage("doctor", "--json", **more)
        assert done.returncode == status, done.stderr
        return {found["id"]: found["msg"] for found in json.loads(done.stdout)}


def test_doctor_reports_everything_that_is_broken(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    assert installation.manage("migrate").returncode == 0
    assert installation.manage("load_demo").returncode == 0
    nobody = {"bulletin.W001": "Nobody may publish."}
    assert installation.messages(status=0) == nobody
    with sqlite3.connect(installation.file) as broken:
        broken.execute("DELETE FROM incidents_fulltext WHERE rowid & 3 = 3")
        broken.execute("DROP TRIGGER count_content_write_incidents_incident_update")
    broken.close()
    found = installation.messages(status=1, REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    assert set(found) == {"bulletin.E004", "bulletin.E005", "bulletin.W001", "bulletin.W002"}
    assert "incidents_incident" in found["bulletin.E004"]
    assert "bulletins" in found["bulletin.E005"]
    assert installation.manage("rebuild_search").returncode == 0
    assert "bulletin.E005" not in installation.messages(status=1)


def test_an_unreachable_database_is_reported_without_its_password(tmp_path: Path) -> None:
    url = f"postgres://someone:hunter2@127.0.0.1:{free_port()}/log"
    done = Installation(tmp_path).manage("doctor", DATABASE_URL=url)
    assert done.returncode == 1
    assert "bulletin.E001" in done.stdout
    assert "DATABASE_URL" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_database_needs_migrations_and_nothing_else(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    assert list(installation.messages(status=1)) == ["bulletin.E002"]
    assert installation.manage("migrate").returncode == 0


def test_a_system_check_without_a_database_asks_nothing_outside(tmp_path: Path) -> None:
    done = Installation(tmp_path).manage("check", "--deploy", REDIS_URL="redis://127.0.0.1:1/0")
    assert done.returncode == 0
    assert "bulletin." not in done.stderr
    assert not (tmp_path / "media").exists()


def test_static_files_are_outdated_when_the_code_has_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, collected = tmp_path / "source", tmp_path / "collected"
    for folder in (source, collected):
        folder.mkdir()
        (folder / "base.css").write_text("a{}")
    storage = StaticFilesStorage(location=collected, base_url="/static/")
    monkeypatch.setattr(checks, "staticfiles_storage", storage)
    code = FileSystemStorage(location=source)
    assert checks.is_collected("base.css", code)
    (source / "base.css").write_text("b{}")
    assert not checks.is_collected("base.css", code)
    (collected / "base.css").unlink()
    assert not checks.is_collected("base.css", code)


def test_a_file_of_secrets_is_its_owners(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path
    file = tmp_path / ".env"
    file.touch()
    for mode, is_open in ((0o600, False), (0o640, False), (0o644, True), (0o660, True)):
        file.chmod(mode)
        assert bool(checks.check_env_file()) == is_open


def test_uploads_that_can_not_be_written_are_reported(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "a-file").touch()
    settings.MEDIA_ROOT = tmp_path / "a-file"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    }
    [message] = checks.check_uploads()
    assert "a-file" in message.msg
    assert "MEDIA_ROOT" in str(message.hint)


@pytest.mark.django_db
@pytest.mark.parametrize("check", [checks.check_database, checks.check_uploads, checks.check_cache])
def test_nothing_is_reported_where_all_is_well(check: Callable[[], checks.Messages]) -> None:
    make_incident()
    make_editor()
    assert check() == []


def test_the_checks_are_registered() -> None:
    assert run_checks(tags=[checks.TAG], include_deployment_checks=True) == []
