"""One save of the admin at a time, so that what was checked is what is saved.

A save reads many rows before it writes: the post, its incidents, the bulletins whose periods must
not overlap. SQLite lets one writer in at a time anyway (BEGIN IMMEDIATE, see the settings);
PostgreSQL would let a second one save what it read before the first had ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

# Any number that nothing else in the database locks.
LOCK_KEY: Final = 20240702


@contextmanager
def save_lock() -> Iterator[None]:
    """A transaction that begins when those before it have ended; one within another is the same."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        yield
