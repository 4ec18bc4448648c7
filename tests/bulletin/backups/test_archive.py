"""What restoring takes for a backup, and what it refuses before it writes anything."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bulletin.backups import archive, databases, restoring
from bulletin.backups.archive import BackupError, Stored, contents, verify
from tests.bulletin.backups.conftest import ON_POSTGRESQL, Installation
from tests.factories import make_editor, make_incident

pytestmark = pytest.mark.xdist_group("backups")
AT = datetime(2024, 7, 7, 16, tzinfo=UTC)
FACTS = {"version": "1.0", "engine": "sqlite", "migrations": [], "rows": {"a": 1}}
UPLOAD = "media/uploads/a.png"
Members = list[tuple[tarfile.TarInfo, bytes]]


def made(path: Path, name: str = UPLOAD, **facts: Any) -> Path:
    with path.open("wb") as out, archive.writing(out, AT) as writer:
        member = databases.engine().member
        writer.add(member, io.BytesIO(b"rows" * 5000), 20_000)
        writer.add(name, io.BytesIO(bytes(range(256))), 256)
        writer.finish(**FACTS | {"engine": connection.vendor} | facts)
    return path


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return made(tmp_path / "backup.tar.gz")


def altered(path: Path, alter: Callable[[Members], object]) -> Path:
    with tarfile.open(path) as tar:
        members = [(one, tar.extractfile(one).read()) for one in tar]  # type: ignore[union-attr]
    alter(members)
    with tarfile.open(path, "w:gz") as tar:
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tuple[Any, bytes]:
    one = tarfile.TarInfo(name)
    one.type, one.linkname = kind, link
    return one, b""


def renamed(name: str) -> Callable[[Members], None]:
    def rename(members: Members) -> None:
        members[1][0].name = name

    return rename


def flip(members: Members) -> None:
    members[1] = (members[1][0], members[1][1][::-1])


def test_a_backup_says_what_is_in_it(backup: Path, tmp_path: Path) -> None:
    found = verify(backup)
    assert (found.made_at, found.rows) == ("2024-07-07T16:00:00+00:00", {"a": 1})
    assert found.uploads == {"uploads/a.png": found.files[UPLOAD]}
    assert found.files[UPLOAD].size == 256
    held = {name: part.read_bytes() for name, part in contents(backup, found.files, tmp_path)}
    assert held[UPLOAD] == bytes(range(256))
    assert len(held) == 2


@pytest.mark.parametrize(
    ("alter", "sentence"),
    [
        (flip, f"not as it was made: {UPLOAD}"),
        (lambda members: members.pop(1), f"not as it was made: {UPLOAD}"),
        (lambda members: members.insert(1, members[0]), "one too many"),
        (lambda members: members.insert(0, member("media/b")), "not as it was made: media/b"),
        (lambda members: members.append(member("media/b")), "one too many"),
        (lambda members: members.pop(), "no whole backup: it has no manifest.json"),
        (renamed("media/../../b"), "holds what no backup does"),
        (renamed("media/.."), "holds what no backup does"),
        (renamed("/media/b"), "holds what no backup does"),
        (renamed("media//b"), "holds what no backup does"),
        (renamed("media/a\\..\\b"), "holds what no backup does"),
        (renamed("elsewhere/b"), "holds what no backup does"),
        (lambda members: members.insert(0, member("media/b", tarfile.SYMTYPE, "/")), "no plain"),
        (lambda members: members.insert(1, member("media/b", tarfile.LNKTYPE, UPLOAD)), "no plain"),
        (lambda members: members.insert(0, member("media/b", tarfile.FIFOTYPE)), "no plain"),
        (lambda members: members.insert(0, member("media/b", tarfile.DIRTYPE)), "no plain"),
    ],
)
def test_what_was_altered_is_refused(
    backup: Path, alter: Callable[[Members], object], sentence: str
) -> None:
    with pytest.raises(BackupError) as refused:
        verify(altered(backup, alter))
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"format": 2}, "in another format, by 1.0"),
        ({"files": {"db.sqlite3": 1}}, "can't be read"),
        ({"more": 1}, "can't be read"),
        ({"files": None}, "can't be read"),
    ],
)
def test_a_manifest_of_another_kind_is_refused(
    backup: Path, facts: dict[str, Any], sentence: str
) -> None:
    def rewrite(members: Members) -> None:
        one, text = members[-1]
        data = json.dumps(json.loads(text) | facts).encode()
        one.size = len(data)
        members[-1] = (one, data)

    with pytest.raises(BackupError) as refused:
        verify(altered(backup, rewrite))
    assert sentence in str(refused.value)


def test_wherever_it_was_cut_off_it_is_refused(backup: Path) -> None:
    whole = backup.read_bytes()
    for size in range(len(whole)):
        backup.write_bytes(whole[:size])
        with pytest.raises(BackupError):
            verify(backup)


@pytest.mark.parametrize(
    "bad", [b"", b"not a backup", gzip.compress(b"nor this", mtime=0)], ids=repr
)
def test_what_is_no_backup_is_refused(tmp_path: Path, bad: bytes) -> None:
    with pytest.raises(BackupError):
        verify(tmp_path / "nothing")
    (tmp_path / "bad").write_bytes(bad)
    with pytest.raises(BackupError):
        verify(tmp_path / "bad")


def test_a_backup_that_changes_between_two_readings_is_noticed(
    backup: Path, tmp_path: Path
) -> None:
    files = verify(backup).files | {UPLOAD: Stored(256, "0" * 64)}
    with pytest.raises(BackupError, match="changed while it was read"):
        list(contents(backup, files, tmp_path))


def test_a_file_that_shrinks_or_grows_ends_the_backup(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out, archive.writing(out, AT) as writer:
        with pytest.raises(BackupError, match="grew"):
            writer.add(UPLOAD, io.BytesIO(b"12345"), 4)
        with pytest.raises(BackupError, match="no name"):
            writer.add("media/../a", io.BytesIO(), 0)
        with pytest.raises(OSError, match="end of data"):
            writer.add(UPLOAD, io.BytesIO(b"12345"), 6)


def test_migrations_from_elsewhere_are_refused(tmp_path: Path) -> None:
    known = made(tmp_path / "known", migrations=["bulletin.0001_initial"])
    assert restoring.check(known).migrations == ["bulletin.0001_initial"]
    with pytest.raises(BackupError, match=r"doesn't know: bulletin\.0999_later\. Use the version"):
        restoring.check(made(tmp_path / "later", migrations=["bulletin.0999_later"]))
    with pytest.raises(BackupError, match="LOGIN_EXTRA"):
        restoring.check(made(tmp_path / "extra", migrations=["elsewhere.0001_initial"]))


def test_another_database_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is of oracle, and this installation is on"):
        restoring.check(made(tmp_path / "other", engine="oracle"))


def test_uploads_go_again_when_the_database_fails(
    install: Callable[[], Installation], backup: Path
) -> None:
    target = install()
    refused = target.manage("restore", backup)
    assert refused.returncode == 1
    assert "Nothing was restored: " in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not target.files()
    assert not any(target.rows().values())


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite has no passwords")
def test_a_password_is_no_word_of_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "hush")
    assert "hush" not in " ".join(databases.reached())
    databases.run("sh", "-c", 'test "$PGPASSWORD" = hush')
    with pytest.raises(BackupError, match="sh failed: no"):
        databases.run("sh", "-c", "echo no >&2; exit 1")


@pytest.mark.django_db
def test_only_what_migrate_made_counts_as_empty() -> None:
    assert databases.filled() == {}
    make_editor()
    assert databases.filled() == {"auth_user": 1}
    make_incident()
    assert databases.filled() == {"auth_user": 1, "incidents_incident": 1}
