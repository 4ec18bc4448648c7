# ruff: noqa: S608 (names of tables, none of them typed by anybody)
"""A number that the database itself moves with every write that a public page could show.

Triggers do it, so that no write gets by: no bulk update, no delete, no shell, no other program. On
PostgreSQL each connection counts in a row of its own, for two that write at once would else wait
for each other; the number is the sum, and moves when a transaction is committed. SQLite has one
writer at a time, and one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Sum

NAME: Final = "count_content_write"
TABLE: Final = "bulletin_contentrevision"
EVENTS: Final = ("INSERT", "UPDATE", "DELETE")
# What no reader sees: where the number itself is, what was typed and not saved, review links.
PRIVATE_MODELS: Final = {"contentrevision", "unsaved", "reviewlink"}
# Two connections whose process ids agree in this share a row, and wait for each other.
_SLOTS: Final = 1024
_FUNCTION: Final = f"""CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {TABLE} AS kept (slot, number) VALUES (pg_backend_pid() % {_SLOTS}, 1)
    ON CONFLICT (slot) DO UPDATE SET number = kept.number + 1;
    RETURN NULL;
END $$"""


class ContentRevisionManager(models.Manager["ContentRevision"]):
    def current(self) -> int | None:
        """None where the database counts nothing."""
        total: int | None = self.aggregate(total=Sum("number"))["total"]
        return total


class ContentRevision(models.Model):
    """How many writes one connection has made, or all of them."""

    slot = models.IntegerField(primary_key=True)
    number = models.BigIntegerField()

    objects = ContentRevisionManager()

    class Meta:
        db_table = TABLE

    def __str__(self) -> str:
        return f"{self.slot}: {self.number}"


def content_tables() -> list[str]:
    """Those that public pages are made of."""
    shown = [
        model
        for label in ("bulletin", "incidents")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.model_name not in PRIVATE_MODELS
    ]
    return sorted(model._meta.db_table for model in shown)


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    """Makes the triggers anew, on all tables that are there: most changes of a table on SQLite make
    another one, and lose them."""
    there = set(connection.introspection.table_names())
    if TABLE not in there:
        return
    with connection.cursor() as cursor:
        for statement in _statements(connection, [one for one in content_tables() if one in there]):
            cursor.execute(statement)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s"
            cursor.execute(named, [f"{NAME}%"])
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute(f"DROP FUNCTION IF EXISTS {NAME} CASCADE")


def tables_without_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """The tables whose triggers are missing."""
    named = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s "
        f"GROUP BY tbl_name HAVING count(*) = {len(EVENTS)}",
        "postgresql": "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
        "WHERE tgname LIKE %s AND tgenabled IN ('O', 'A')",
    }
    with connection.cursor() as cursor:
        cursor.execute(named[connection.vendor], [f"{NAME}%"])
        watched = {table for (table,) in cursor.fetchall()}
    return [table for table in content_tables() if table not in watched]


def _statements(connection: BaseDatabaseWrapper, watched: list[str]) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield f"INSERT OR IGNORE INTO {TABLE} (slot, number) VALUES (0, 0)"
        for table in watched:
            for event in EVENTS:
                name = f"{NAME}_{table}_{event.lower()}"
                yield f"DROP TRIGGER IF EXISTS {name}"
                # No upsert: the conflict clause of the write that fires it would win.
                yield (
                    f"CREATE TRIGGER {name} AFTER {event} ON {table} "
                    f"BEGIN UPDATE {TABLE} SET number = number + 1; END"
                )
    else:
        yield f"INSERT INTO {TABLE} (slot, number) VALUES (0, 0) ON CONFLICT DO NOTHING"
        yield _FUNCTION
        for table in watched:
            yield (
                f"CREATE OR REPLACE TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {NAME}()"
            )
