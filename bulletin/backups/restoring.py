"""A backup brought into an installation that is empty, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from bulletin.backups import archive, databases, uploads
from bulletin.backups.archive import MEDIA, BackupError, Manifest


def check(path: Path) -> Manifest:
    """Reads all of the backup and writes nothing; BackupError where this code can't take it."""
    manifest = archive.verify(path)
    if manifest.engine != connection.vendor or databases.engine().member not in manifest.files:
        raise BackupError(
            f"{path} is of {manifest.engine}, and this installation is on {connection.vendor}; "
            "set DATABASE_URL to an empty database of the same kind"
        )
    disk = MigrationLoader(None).disk_migrations
    known = {*disk, *(name for migration in disk.values() for name in migration.replaces)}
    unknown = sorted(set(manifest.migrations) - {".".join(name) for name in known})
    if unknown:
        raise BackupError(
            f"{path} has migrations that this installation doesn't know: "
            f"{', '.join(unknown[:5])}. Use the version that made it ({manifest.version}) or a "
            "newer one, with the same extras turned on (LOGIN_EXTRA)"
        )
    return manifest


def restore(path: Path) -> Manifest:
    """The database last, and in one step: until then nothing names the uploads."""
    manifest = check(path)
    refuse_what_is_there(manifest)
    engine = databases.engine()
    written: list[str] = []
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=engine.scratch) as folder:
        copy = Path(folder) / engine.member
        try:
            for member, file in archive.contents(path, manifest.files, Path(folder)):
                name = member.removeprefix(MEDIA)
                if member == engine.member:
                    file.rename(copy)
                # An attempt that was killed may have written it before.
                elif not default_storage.exists(name):
                    written.append(name)
                    uploads.put(name, file, manifest.files[member])
            os.sync()
            engine.place(copy)
        except BaseException:
            for name in written:
                default_storage.delete(name)
            raise
    return manifest


def differing(manifest: Manifest) -> list[str]:
    """The tables that have other numbers of rows than the backup."""
    counted = databases.current().rows
    return [table for table, count in manifest.rows.items() if counted.get(table) != count]


def refuse_what_is_there(manifest: Manifest) -> None:
    names = {model._meta.db_table: model._meta.verbose_name_plural for model in apps.get_models()}
    there = [f"{count} {names.get(table, table)}" for table, count in databases.filled().items()]
    there += uploads.strangers(manifest.uploads)
    if there:
        more = f" and {len(there) - 8} more" if len(there) > 8 else ""
        raise BackupError(f"this installation isn't empty: {', '.join(there[:8])}{more}")


def is_older() -> bool:
    """Whether the database lacks migrations of this code."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
