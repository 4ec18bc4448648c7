"""A backup, made while the site is running."""

from __future__ import annotations

import os
import tempfile
import tomllib
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from bulletin.backups import databases, uploads
from bulletin.backups.archive import MEDIA, BackupError, Manifest, writing


def write_file(path: Path, at: datetime) -> Manifest:
    """Whole, on the disk and for its owner's eyes alone, or not there at all."""
    if path.exists():
        raise BackupError(f"{path} is there already; give another name")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
        part = Path(folder) / "part"
        part.touch(mode=0o600)
        with part.open("wb") as out:
            manifest = write(out, at, Path(folder))
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    parent = os.open(path.parent, os.O_RDONLY)
    os.fsync(parent)
    os.close(parent)
    return manifest


def write(out: IO[bytes], at: datetime, folder: Path) -> Manifest:
    """The database comes first: an upload is stored before a text names it and never changes, so
    those that the copy names are all there afterwards. `folder` takes the copy."""
    engine = databases.engine()
    copy = folder / engine.member
    held = engine.copy(copy)
    if not held.migrations:
        raise BackupError("the database is empty; there is nothing to back up")
    with writing(out, at) as archive:
        with copy.open("rb") as file:
            archive.add(engine.member, file, copy.stat().st_size)
        for name in uploads.names():
            with default_storage.open(name) as upload:
                archive.add(f"{MEDIA}{name}", upload, upload.size)
        return archive.finish(
            version=version(),
            engine=connection.vendor,
            migrations=of_installed_apps(held.migrations),
            rows=held.rows,
        )


def version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]
    return str(project["version"])


def of_installed_apps(migrations: set[str]) -> list[str]:
    """Without those of extras that were turned off again, whose tables come along all the same."""
    installed = MigrationLoader(None).migrated_apps
    return sorted(name for name in migrations if name.partition(".")[0] in installed)
