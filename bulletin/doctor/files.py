"""What is kept in files: static files, uploads, and the room that is left."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, default_storage
from django.db import connection

from bulletin.doctor.findings import Finding, ok, warning, wrong
from bulletin.doctor.written import Written, written

# Bytes: a month of bulletins with pictures; and what SQLite needs to go on at all.
ROOMY, TIGHT = 1_000_000_000, 100_000_000
_UPLOAD: Final = re.compile(r"/media/(uploads/[\w-]+\.\w+)")


def static_files(at: datetime) -> Iterator[Finding]:
    """Each file of the code is collected, and is what it was then."""
    if settings.DEBUG:
        yield ok("are served from where they are, by DEBUG")
        return
    outdated = [
        name
        for finder in get_finders()
        for name, storage in finder.list(["CVS", ".*", "*~"])
        if not is_collected(name, storage)
    ]
    if outdated:
        words = f"{len(outdated)} of them are not collected as they are now, such as {outdated[0]}"
        yield wrong(words, "manage.py collectstatic --noinput, and a restart")
    else:
        yield ok(f"are collected in {settings.STATIC_ROOT}")


def is_collected(name: str, storage: Storage) -> bool:
    try:
        staticfiles_storage.url(name)
        with staticfiles_storage.open(name) as kept, storage.open(name) as source:
            return bool(kept.read() == source.read())
    except (OSError, ValueError):
        return False


def uploads(at: datetime) -> Iterator[Finding]:
    where = place_of_uploads()
    probe = default_storage.save("uploads/probe-of-doctor", ContentFile(b"ok"))
    try:
        with default_storage.open(probe) as file:
            whole = file.read() == b"ok"
    finally:
        default_storage.delete(probe)
    if whole:
        yield ok(f"can be written, read and deleted in {where}")
    else:
        yield wrong(f"are not read as they were written in {where}")


def place_of_uploads() -> str:
    if isinstance(default_storage, FileSystemStorage):
        return str(default_storage.location)
    return f"the bucket {settings.STORAGES['default'].get('OPTIONS', {}).get('bucket_name', '')}"


def room(at: datetime) -> Iterator[Finding]:
    """Where this machine keeps the database or uploads."""
    kept = []
    if connection.vendor == "sqlite":
        kept.append(Path(connection.settings_dict["NAME"]).parent)
    if isinstance(default_storage, FileSystemStorage):
        kept.append(Path(default_storage.location))
    for folder in kept:
        free = shutil.disk_usage(
            next(one for one in (folder, *folder.parents) if one.exists())
        ).free
        say = ok if free > ROOMY else warning if free > TIGHT else wrong
        yield say(f"{free / 1_000_000_000:.1f} GB are free for {folder}")


def pictures(at: datetime) -> Iterator[Finding]:
    """Those that a text names are there."""
    named: dict[str, Written] = {}
    for text in written():
        named |= dict.fromkeys(_UPLOAD.findall(text.source), text)
    missing = [name for name in sorted(named) if not default_storage.exists(name)]
    for name in missing:
        hint = "Bring the file back from a backup, or upload the picture anew."
        yield wrong(f"{name} is missing, which {named[name].name} shows", hint)
    if not missing:
        yield ok(f"that texts show are all there ({len(named)})")
