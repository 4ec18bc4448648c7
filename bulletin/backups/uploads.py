"""The uploaded files, wherever they are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

from bulletin.backups.archive import BackupError, Measured, Stored


def names(folder: str = "") -> Iterator[str]:
    """All of the storage, in an order that depends on nothing else."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError as error:
        # A folder is made for the first upload; a bucket, which isn't named here, must be there.
        if error.filename is None:
            raise
        return
    yield from (f"{folder}{name}" for name in sorted(files))
    for name in sorted(folders):
        yield from names(f"{folder}{name}/")


def stored(name: str) -> Stored:
    with default_storage.open(name) as file:
        return Measured(file).stored()


def strangers(uploads: Mapping[str, Stored]) -> list[str]:
    """What is in the storage and isn't in `uploads`, or is something else there."""
    return [name for name in names() if name not in uploads or stored(name) != uploads[name]]


def put(name: str, path: Path, as_it_was: Stored) -> None:
    with path.open("rb") as file:
        default_storage.save(name, File(file))
    if stored(name) != as_it_was:
        raise BackupError(f"{name} is not what was written to where uploads are kept")
