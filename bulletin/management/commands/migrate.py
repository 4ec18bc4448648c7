"""Django's own `migrate`, by one process at a time: replicas that start at once would each find the
same migrations waiting and each apply them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.core.management.commands import migrate
from django.db import connections

# Any number that nothing else in the database locks.
LOCK: Final = 20240703


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with migration_lock(options["database"]):
            super().handle(*args, **options)


@contextmanager
def migration_lock(alias: str) -> Iterator[None]:
    """Waits for whoever migrates the database; a process that dies lets go of it."""
    connection = connections[alias]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    else:
        folder = os.open(Path(str(connection.settings_dict["NAME"])).parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
