"""What the site stands on is out: the database's connection is lost, or the disk takes nothing.

Told by the codes of the database and of the system, never by the words of a message.
"""

from __future__ import annotations

import errno
import sqlite3
from typing import Any, Final, cast

from django.db import DatabaseError, InterfaceError, OperationalError, connection

# sqlite.org/rescode.html: of each extended code the last byte.
SQLITE: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
}
# postgresql.org/docs/current/errcodes-appendix.html: too many connections, shut down by an
# administrator or a crash, starting up; all of class 08 is lost as well.
LOST: Final = {"53300", "57P01", "57P02", "57P03"}
# Disk full, and a server that only reads.
POSTGRESQL: Final = LOST | {"53100", "25006"}
# A bucket that fails says EIO as well.
DISK: Final = {errno.EIO, errno.ENOSPC, errno.EROFS, errno.EDQUOT}


def is_lost(error: BaseException) -> bool:
    """Whether a connection to the database broke or could not be had."""
    driver = _driver()
    if not isinstance(
        error, (OperationalError, InterfaceError, driver.OperationalError, driver.InterfaceError)
    ):
        return False
    cause = _of_the_driver(error)
    if isinstance(cause, sqlite3.Error):
        return False
    # A connection that breaks or is never made has no code of the server's.
    state = getattr(cause, "sqlstate", None)
    return state is None or state in LOST or state.startswith("08")


def is_outage(error: BaseException) -> bool:
    """Whether `error` is none of ours and passes once the database or the disk is back."""
    if isinstance(error, (DatabaseError, InterfaceError, _driver().Error)):
        cause = _of_the_driver(error)
        if isinstance(cause, sqlite3.Error):
            return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE
        return is_lost(error) or getattr(cause, "sqlstate", None) in POSTGRESQL
    return isinstance(error, OSError) and error.errno in DISK


def _driver() -> Any:
    """The module that speaks to the database."""
    return cast(Any, connection).Database


def _of_the_driver(error: BaseException) -> BaseException | None:
    """Django wraps the driver's errors, but for those of a cursor that is being closed."""
    return error if isinstance(error, _driver().Error) else error.__cause__
