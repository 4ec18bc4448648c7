"""The file of a backup: a gzipped tar of the database, the uploads and a manifest.

The manifest is the last member and holds the size and SHA-256 of all others. So a file that was
cut off anywhere has none, and nothing has to be read twice to write it. Sizes are in bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, Protocol

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
MEDIA: Final = "media/"
# Room for half a million uploads.
MANIFEST_LIMIT: Final = 100_000_000
# Text shrinks well at this level, and pictures, which don't shrink, cost little.
LEVEL: Final = 3
CHUNK: Final = 1_048_576
# Relative, and with no step to where it isn't shown.
_NAME: Final = re.compile(r"db\.(sqlite3|dump)|media(/(?!\.{1,2}(/|$))[^/\\\0]+)+")


class BackupError(Exception):
    """Why there is no backup, or no restoring, in a sentence for the operator."""


class Readable(Protocol):
    """What can be read in pieces."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Stored:
    """What a member must be."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself; `migrations` are "app.name", `rows` are counted by table."""

    version: str
    made_at: str
    engine: str
    migrations: list[str]
    rows: dict[str, int]
    files: dict[str, Stored]

    @property
    def uploads(self) -> dict[str, Stored]:
        """By their names in the storage."""
        return {
            name.removeprefix(MEDIA): stored
            for name, stored in self.files.items()
            if name.startswith(MEDIA)
        }


class Measured:
    """A file with the size and digest of what was read of it."""

    def __init__(self, file: Readable) -> None:
        self._file, self._size, self._digest = file, 0, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._size += len(data)
        self._digest.update(data)
        return data

    def stored(self) -> Stored:
        """Of the whole file: what was not read yet is read here."""
        while self.read(CHUNK):
            pass
        return Stored(self._size, self._digest.hexdigest())


class Writer:
    """A backup being written; it is whole once `finish` was called and `writing` is over."""

    def __init__(self, tar: tarfile.TarFile, at: datetime) -> None:
        self.tar, self.at, self.files = tar, at, dict[str, Stored]()

    def add(self, name: str, file: Readable, size: int) -> None:
        if not _NAME.fullmatch(name):
            raise BackupError(f"{name!r} is no name for a file in a backup")
        measured = Measured(file)
        self._add(name, measured, size)
        self.files[name] = measured.stored()
        if self.files[name].size != size:
            raise BackupError(f"{name} grew while it was read; try again")

    def finish(self, **facts: Any) -> Manifest:
        """With all of a Manifest but `made_at` and `files`."""
        made = Manifest(made_at=self.at.isoformat(), files=self.files, **facts)
        data = json.dumps({"format": FORMAT} | asdict(made), indent=1).encode()
        self._add(MANIFEST, io.BytesIO(data), len(data))
        return made

    def _add(self, name: str, file: Readable, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, int(self.at.timestamp())
        self.tar.addfile(member, file)


@contextmanager
def writing(file: IO[bytes], at: datetime) -> Iterator[Writer]:
    zipped = gzip.GzipFile("", "wb", LEVEL, file, mtime=int(at.timestamp()))
    with zipped, tarfile.open(fileobj=zipped, mode="w|") as tar:
        yield Writer(tar, at)


def verify(path: Path) -> Manifest:
    """Reads all of the backup; BackupError unless each byte is as it was written."""
    found: dict[str, Stored] = {}
    text = b""
    with _members(path) as members:
        for member, file in members:
            if text or member.name in found:
                raise BackupError(f"{path} is not as it was made: {member.name!r} is one too many")
            if member.name == MANIFEST and member.size <= MANIFEST_LIMIT:
                text = file.read()
            else:
                found[_safe(member.name, path)] = Measured(file).stored()
    manifest = _manifest(text, path)
    wrong = sorted({name for name, _ in found.items() ^ manifest.files.items()})
    if wrong:
        raise BackupError(f"{path} is not as it was made: {', '.join(wrong[:5])}")
    return manifest


def contents(path: Path, files: Mapping[str, Stored], folder: Path) -> Iterator[tuple[str, Path]]:
    """Each member but the manifest as a file in `folder`, held to `files` once more; the file is
    there until the next one is asked for, unless it was moved."""
    with _members(path) as members:
        for member, file in members:
            if member.name == MANIFEST:
                return
            measured, part = Measured(file), folder / "part"
            with part.open("wb") as out:
                shutil.copyfileobj(measured, out, CHUNK)
            if files.get(member.name) != measured.stored():
                raise BackupError(f"{path} was changed while it was read")
            yield member.name, part


@contextmanager
def _members(path: Path) -> Iterator[Iterator[tuple[tarfile.TarInfo, IO[bytes]]]]:
    try:
        with gzip.open(path) as unzipped, tarfile.open(fileobj=unzipped, mode="r:") as tar:
            yield ((member, _file(tar, member, path)) for member in tar)
            # The tar ends before the checksum of gzip does.
            while unzipped.read(CHUNK):
                pass
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise BackupError(f"{path} can't be read: {error.strerror}") from error
    except (tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise BackupError(f"{path} is no whole backup: {error}") from error


def _file(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> IO[bytes]:
    file = tar.extractfile(member) if member.type == tarfile.REGTYPE else None
    if file is None:
        raise BackupError(f"{path} holds what no backup does: {member.name!r} is no plain file")
    return file


def _safe(name: str, path: Path) -> str:
    if not _NAME.fullmatch(name):
        raise BackupError(f"{path} holds what no backup does: {name!r}")
    return name


def _manifest(text: bytes, path: Path) -> Manifest:
    if not text:
        raise BackupError(f"{path} is no whole backup: it has no {MANIFEST} at its end")
    try:
        facts: dict[str, Any] = json.loads(text)
        if facts.pop("format") != FORMAT:
            raise BackupError(f"{path} was made in another format, by {facts.get('version')}")
        files = {name: Stored(**stored) for name, stored in facts.pop("files").items()}
        return Manifest(files=files, **facts)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupError(f"{path} has a {MANIFEST} that can't be read: {error}") from error
