"""The database as one file and back, by the engine's own means, while the site is running."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import quote

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

from bulletin.backups.archive import BackupError
from bulletin.environment import LOCK_TIMEOUT
from bulletin.page_cache.content_revision import ContentRevision
from incidents.models import Region
from incidents.triggers import TABLE as FULLTEXT

MIGRATIONS: Final = "django_migrations"


@dataclass(frozen=True, slots=True)
class State:
    """What a database holds: the migrations it has as "app.name", and the rows of each table."""

    migrations: set[str]
    rows: dict[str, int]


def state(cursor: Any, tables: list[str]) -> State:
    rows = {}
    for table in sorted(tables):
        cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 (a table that is there)
        rows[table] = cursor.fetchone()[0]
    if MIGRATIONS not in rows:
        return State(set(), rows)
    cursor.execute("SELECT app, name FROM django_migrations")
    return State({f"{app}.{name}" for app, name in cursor.fetchall()}, rows)


def current() -> State:
    """Of the installation's database, migrated or not."""
    with connection.cursor() as cursor:
        return state(cursor, connection.introspection.table_names(cursor))


def filled() -> dict[str, int]:
    """The rows of each table that holds more than `migrate` puts into an empty database."""
    made = {
        model._meta.db_table for model in (ContentType, Permission, Group, Region, ContentRevision)
    }
    made |= {Group.permissions.through._meta.db_table, MIGRATIONS}
    return {
        table: count
        for table, count in current().rows.items()
        # The index follows the rows that it is of, but SQLite keeps rows of its own in it.
        if count and table not in made and not table.startswith(FULLTEXT)
    }


class SQLite:
    """By the online backup API: in WAL mode a copy in one step is one state of the database, and
    nobody waits for it."""

    member: ClassVar = "db.sqlite3"

    def __init__(self) -> None:
        self.path = Path(connection.settings_dict["NAME"])
        # Where there is room for the database.
        self.scratch: Path | None = self.path.parent

    def copy(self, to: Path) -> State:
        source = sqlite3.connect(
            f"file:{quote(str(self.path))}?mode=rw", LOCK_TIMEOUT, uri=True, isolation_level=None
        )
        with closing(source), closing(sqlite3.connect(to, isolation_level=None)) as target:
            source.backup(target)
            # One file, which needs no others beside it.
            target.execute("PRAGMA journal_mode=DELETE")
            found = target.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise BackupError(f"{self.path} is damaged: {found}")
            names = target.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            own = [name for (name,) in names if not name.startswith("sqlite_")]
            return state(target.cursor(), own)

    def place(self, copy: Path) -> None:
        """All in one transaction of the database that is there, or of a new one."""
        connection.close()
        target = sqlite3.connect(self.path, LOCK_TIMEOUT, isolation_level=None)
        with closing(sqlite3.connect(copy)) as source, closing(target):
            source.backup(target)


class PostgreSQL:
    """By pg_dump and pg_restore, which must be of the server's version or newer."""

    member: ClassVar = "db.dump"
    scratch: Path | None = None

    def copy(self, to: Path) -> State:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            tables = connection.introspection.table_names(cursor)
            counted = state(cursor, tables)
            # What was counted is what is dumped, whatever is written meanwhile.
            cursor.execute("SELECT pg_export_snapshot()")
            words = ["--format=custom", "--compress=0", f"--snapshot={cursor.fetchone()[0]}"]
            run("pg_dump", *reached(), *words, f"--file={to}")
        return counted

    def place(self, copy: Path) -> None:
        """In one transaction, after another that drops what `migrate` made, since a newer
        version's tables would hold on to older ones."""
        run("pg_restore", "--list", str(copy))
        with transaction.atomic(), connection.cursor() as cursor:
            there = set(connection.introspection.table_names(cursor))
            own = {*connection.introspection.django_table_names(), MIGRATIONS, FULLTEXT}
            for table in there & own:
                cursor.execute(f'DROP TABLE "{table}" CASCADE')
        connection.close()
        words = ["--single-transaction", "--exit-on-error", "--clean", "--if-exists"]
        run("pg_restore", *reached(), *words, "--no-owner", "--no-privileges", str(copy))


def engine() -> SQLite | PostgreSQL:
    return SQLite() if connection.vendor == "sqlite" else PostgreSQL()


def reached() -> list[str]:
    """The words by which PostgreSQL's programs reach the database; a password isn't among them."""
    words, _ = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    return [*words[1:-1], "--no-password", "--dbname", words[-1]]


def run(program: str, *words: str) -> None:
    _, env = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    try:
        subprocess.run(  # noqa: S603 (no shell, and the words are ours)
            [program, *words],
            env=os.environ | (env or {}),
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise BackupError(
            f"{program} is not installed; it is among PostgreSQL's client programs, "
            "which must be of the server's version or newer"
        ) from error
    except subprocess.CalledProcessError as error:
        raise BackupError(f"{program} failed: {error.stderr.strip()[-2000:]}") from error
