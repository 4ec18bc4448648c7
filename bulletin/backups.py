"""An installation in one file: a tar of the database's dump, the uploads and, last, a manifest with
the SHA-256 of each. So a file that was cut off has no manifest."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from dbbackup.db.base import get_connector
from dbbackup.db.exceptions import CommandConnectorError
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from bulletin.page_cache.content_revision import ContentRevision
from incidents.models import Region
from incidents.search import INDEX

DUMP: Final = "database"
MEDIA: Final = "media/"
MANIFEST: Final = "manifest.json"
# What `migrate` puts into an empty database.
TABLES_FILLED_BY_MIGRATE: Final = {
    "django_migrations",
    Group.permissions.through._meta.db_table,
    *(model._meta.db_table for model in (ContentType, Permission, Group, Region, ContentRevision)),
}

Manifest = dict[str, Any]


class BackupError(Exception):
    """Why there is no backup or nothing was restored, in a sentence for the operator."""


FAILURES: Final = (
    *(BackupError, CommandConnectorError, DatabaseError, OSError),
    *(sqlite3.Error, SuspiciousOperation),
)


def write_file(path: Path, at: datetime) -> Manifest:
    """Whole, on the disk and for its owner alone, or not there at all."""
    if path.exists():
        raise BackupError(f"{path} exists; give another name")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
        part = Path(folder) / "part"
        part.touch(mode=0o600)
        with part.open("wb") as out:
            manifest = write(out, at)
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    return manifest


def write(out: IO[bytes], at: datetime) -> Manifest:
    loader = MigrationLoader(connection)
    migrations = [key for key in loader.applied_migrations if key[0] in loader.migrated_apps]
    if not migrations:
        raise BackupError("the database is empty")
    digests = {}
    with tarfile.open(fileobj=out, mode="w|gz") as tar:
        # First, for an upload is stored before a text names it, and never changes.
        with get_connector().create_dump() as dump:
            digests[DUMP] = add(tar, DUMP, dump)
        for name in upload_names():
            with default_storage.open(name) as upload:
                digests[f"{MEDIA}{name}"] = add(tar, f"{MEDIA}{name}", upload)
        manifest = {
            "made_at": at.isoformat(),
            "engine": connection.vendor,
            "migrations": sorted(map(".".join, migrations)),
            "files": digests,
        }
        add(tar, MANIFEST, io.BytesIO(json.dumps(manifest, indent=1).encode()))
    return manifest


def add(tar: tarfile.TarFile, name: str, file: Any) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    member = tarfile.TarInfo(name)
    member.size = file.seek(0, os.SEEK_END)
    file.seek(0)
    tar.addfile(member, file)
    return digest


def upload_names(folder: str = "") -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:  # a folder is made for the first upload
        return
    yield from (f"{folder}{name}" for name in files)
    for name in folders:
        yield from upload_names(f"{folder}{name}/")


@contextmanager
def open_members(path: Path) -> Iterator[Iterator[tuple[str, Any]]]:
    try:
        with tarfile.open(path, "r|gz") as tar:
            yield ((member.name, file) for member in tar if (file := tar.extractfile(member)))
    except (tarfile.TarError, zlib.error, EOFError, ValueError, KeyError) as error:
        raise BackupError(f"{path} is not a whole backup: {error}") from error


def check(path: Path) -> Manifest:
    """Reads all of it; BackupError unless it is as it was written and this code can restore it."""
    digests, manifest = {}, {}
    with open_members(path) as members:
        for name, file in members:
            if name == MANIFEST:
                manifest = json.load(file)
            elif (name == DUMP or name.startswith(MEDIA)) and name not in digests:
                digests[name] = hashlib.file_digest(file, "sha256").hexdigest()
            else:
                raise BackupError(f"{path} has a member that no backup has: {name}")
    if manifest.get("files") != digests:
        raise BackupError(f"{path} is not a whole backup: checksums differ")
    if manifest["engine"] != connection.vendor:
        raise BackupError(f"{path} is of {manifest['engine']}, DATABASE_URL of {connection.vendor}")
    known = map(".".join, MigrationLoader(None).disk_migrations)
    if unknown := sorted({*manifest["migrations"]}.difference(known)):
        raise BackupError(
            f"{path} has migrations that this installation doesn't know: {', '.join(unknown[:5])}; "
            "use the version that made it or a newer one, with the same extras"
        )
    return manifest


def restore(path: Path) -> Manifest:
    manifest = check(path)
    # A pool has more connections than the one that is asked whether it is alone.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    refuse_if_not_empty(manifest)
    refuse_if_in_use()
    written: list[str] = []
    with tempfile.NamedTemporaryFile() as dump, open_members(path) as members:
        try:
            for name, file in members:
                upload = name.removeprefix(MEDIA)
                if name == DUMP:
                    shutil.copyfileobj(file, dump)
                elif name != MANIFEST and not default_storage.exists(upload):
                    written.append(default_storage.save(upload, ContentFile(file.read())))
            dump.seek(0)
            load(dump)
        except BaseException:
            for name in written:
                default_storage.delete(name)
            raise
    return manifest


def refuse_if_not_empty(manifest: Manifest) -> None:
    with connection.cursor() as cursor:
        filled = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608 (a table that is there)
            # SQLite has rows of its own in an empty index.
            if cursor.fetchone() and not table.startswith(INDEX):
                filled.append(table)
    # Those of the backup, which are named by content, may be of an attempt that was killed.
    filled += [name for name in upload_names() if f"{MEDIA}{name}" not in manifest["files"]]
    if found := [name for name in filled if name not in TABLES_FILLED_BY_MIGRATE]:
        raise BackupError(f"this installation isn't empty: {', '.join(found[:8])}")


def refuse_if_in_use() -> None:
    """A process that serves would go on with what it knows of the old database."""
    is_used = False
    if connection.vendor == "sqlite":
        connection.close()
        with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0)) as database:
            try:
                # Only who is alone can leave WAL mode: each open connection locks the file.
                database.execute("PRAGMA journal_mode = DELETE")
            except sqlite3.OperationalError:
                is_used = True
    else:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            is_used = bool(cursor.fetchone()[0])
    if is_used:
        raise BackupError("the database is in use; stop the site first")


def load(dump: IO[bytes]) -> None:
    if connection.vendor == "sqlite":
        # dbbackup would truncate the file first, and a full disk would leave half of it.
        file = connection.settings_dict["NAME"]
        with closing(sqlite3.connect(dump.name)) as source, closing(sqlite3.connect(file)) as old:
            source.backup(old)
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # What a newer version's `migrate` made would hold on to older tables.
        tables = connection.introspection.django_table_names()
        for table in {*tables, "django_migrations"}:
            cursor.execute(f'DROP TABLE IF EXISTS "{table}" CASCADE')
    connection.close()
    connector = get_connector()
    connector.pg_options = ["--no-owner", "--no-privileges"]
    connector.restore_dump(dump)
