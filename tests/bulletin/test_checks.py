from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.checks import run_checks
from django.core.files.storage import FileSystemStorage

from bulletin import checks
from tests.factories import make_editor, make_incident
from tests.installation import Installation
from tests.servers import free_port


@pytest.fixture
def site(tmp_path: Path) -> Installation:
    return Installation(tmp_path, DEBUG="true")


def messages(site: Installation, *, status: int, **variables: str) -> dict[str, str]:
    """What `doctor` says, by id."""
    done = site.run("doctor", "--json", env=site.env | variables)
    assert done.returncode == status, done.stderr
    return {found["id"]: found["msg"] for found in json.loads(done.stdout)}


def test_doctor_reports_everything_that_is_broken(site: Installation) -> None:
    site.fill(static=False)
    nobody = {"bulletin.W001": "No active user may publish."}
    assert messages(site, status=0) == nobody
    with sqlite3.connect(site.folder / "db.sqlite3") as broken:
        broken.execute("DELETE FROM incidents_searchdocument WHERE kind = 'bulletin'")
        broken.execute("DROP TRIGGER count_content_write_incidents_incident_update")
    broken.close()
    found = messages(site, status=1, REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0")
    assert set(found) == {"bulletin.E004", "bulletin.E005", "bulletin.W001", "bulletin.W002"}
    assert "incidents_incident" in found["bulletin.E004"]
    assert "bulletins" in found["bulletin.E005"]
    site.manage("rebuild_search")
    assert "bulletin.E005" not in messages(site, status=1)


def test_an_unreachable_database_is_reported_without_its_password(site: Installation) -> None:
    url = f"postgres://someone:hunter2@127.0.0.1:{free_port()}/log"
    done = site.run("doctor", env=site.env | {"DATABASE_URL": url})
    assert done.returncode == 1
    assert "bulletin.E001" in done.stdout
    assert "DATABASE_URL" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_database_needs_migrations_and_nothing_else(site: Installation) -> None:
    assert list(messages(site, status=1)) == ["bulletin.E002"]
    site.manage("migrate")


def test_a_system_check_without_a_database_asks_nothing_outside(site: Installation) -> None:
    done = site.run("check", "--deploy", env=site.env | {"REDIS_URL": "redis://127.0.0.1:1/0"})
    assert done.returncode == 0
    assert "bulletin." not in done.stderr
    assert not (site.folder / "media").exists()


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
        assert bool(list(checks.check_env_file())) == is_open


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
    assert list(check()) == []


def test_the_checks_are_registered() -> None:
    assert run_checks(tags=[checks.TAG], include_deployment_checks=True) == []
