"""The file of SQLite, opened so that it can be read on a disk that takes nothing more.

In WAL mode a reader, too, writes: to the index of the log, FILE-shm (sqlite.org/wal.html). Who
opens the file while nobody else has it open makes that index anew, which a disk that is full or
read-only refuses.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

REFUSED: Final = {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_READONLY_CANTINIT,
    sqlite3.SQLITE_READONLY_DIRECTORY,
}
# The first connection of each process to each file, open for as long as the process lives: so the
# index is there when the disk fills.
_held: dict[tuple[int, str], sqlite3.Connection] = {}


class Connection(sqlite3.Connection):
    """Reads without the index where there can be none. Nobody can write then, for a writer would
    need it; and a connection lives for one request, so that the next one looks again."""

    def __init__(self, database: str | Path, **options: Any) -> None:
        super().__init__(database, **options)
        try:
            self.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError as error:
            self.close()
            if error.sqlite_errorcode not in REFUSED or has_log(database):
                raise
            super().__init__(f"file:{quote(str(database))}?immutable=1", **options | {"uri": True})
        else:
            if self.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                hold(database)


def has_log(database: str | Path) -> bool:
    """Whether there are writes beside the file that only a reader with the index would see."""
    log = Path(f"{database}-wal")
    return log.exists() and log.stat().st_size > 0


def hold(database: str | Path) -> None:
    """Keep the index of `database`, once a process and a file."""
    key = os.getpid(), str(database)
    if key not in _held:
        _held[key] = held = sqlite3.connect(database, check_same_thread=False)
        held.execute("PRAGMA schema_version").fetchone()
