"""The directory of a copy: new files beside the old ones, then all of them put in place."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final, NamedTuple

LIST: Final = ".export.json"
STAGE: Final = ".export"


class Refused(Exception):
    """The directory isn't one to write to."""


class Outcome(NamedTuple):
    wrote: int
    unchanged: int
    removed: int


class Folder:
    """`root` with the files of a copy, and others that somebody put there, which stay.

    Nothing of the copy changes before `settle`. The list of its files names all of them at every
    instant, so that a run that is cut short leaves nothing behind that the next doesn't know.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._before = self._listed()
        self._names: list[str] = []
        self._changed: list[str] = []

    def put(self, name: str, content: bytes) -> None:
        path = self.root / name
        self._names.append(name)
        if path.exists() and name not in self._before:
            raise Refused(f"{path} was not written by an export; move it away.")
        if not path.exists() or path.read_bytes() != content:
            self._changed.append(name)
            write(self.root / STAGE / name, content)

    def settle(self) -> Outcome:
        """Puts the changed files in place, the last one first, and removes what is no longer
        in the copy."""
        gone = self._before.difference(self._names)
        self._list({*self._before, *self._names})
        for name in reversed(self._changed):
            place(self.root / STAGE / name, self.root / name)
        for name in gone:
            remove(self.root / name, self.root)
        self._list(set(self._names))
        wrote = len(self._changed)
        return Outcome(wrote, len(self._names) - wrote, len(gone))

    def _listed(self) -> set[str]:
        path = self.root / LIST
        if not path.exists():
            if any(found.name != STAGE for found in self.root.iterdir()):
                raise Refused(
                    f"{self.root} holds files of something else; give an empty directory."
                )
            return set()
        try:
            names = set(map(str, json.loads(path.read_text())))
        except (TypeError, ValueError) as error:
            raise Refused(f"{path} can't be read; delete all of the copy, and it too.") from error
        if any(PurePosixPath(name).is_absolute() or ".." in name.split("/") for name in names):
            raise Refused(f"{path} names files out of the copy.")
        return names

    def _list(self, names: set[str]) -> None:
        if names == self._before:
            return
        self._before = names
        write(self.root / STAGE / LIST, f"{json.dumps(sorted(names), indent=0)}\n".encode())
        place(self.root / STAGE / LIST, self.root / LIST)


@contextmanager
def opened(root: Path) -> Iterator[Folder]:
    """The directory for one run alone, made where there is none."""
    if root.exists() and not root.is_dir():
        raise Refused(f"{root} is a file; give a directory.")
    root.mkdir(parents=True, exist_ok=True)
    with locked(root):
        folder = Folder(root)
        # It holds what a run left that was killed.
        shutil.rmtree(root / STAGE, ignore_errors=True)
        try:
            yield folder
        finally:
            shutil.rmtree(root / STAGE, ignore_errors=True)


@contextmanager
def locked(root: Path) -> Iterator[None]:
    lock = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Refused(f"Another export writes to {root}.") from error
    finally:
        os.close(lock)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def place(staged: Path, path: Path) -> None:
    """At once: who reads meanwhile gets the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(path)


def remove(path: Path, root: Path) -> None:
    """The file, and the directories that it leaves empty."""
    path.unlink(missing_ok=True)
    for parent in path.relative_to(root).parents[:-1]:
        try:
            (root / parent).rmdir()
        except OSError:
            return
