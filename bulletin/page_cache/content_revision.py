# ruff: noqa: S608 (names of tables, none of them typed by anybody)
"""A number that the database itself moves with every write that a public page could show.

Triggers do it, so that no write gets by: no bulk update, no delete, no shell, no other program. On
PostgreSQL each connection counts in a row of its own, for two that write at once would else wait
for each other; the number is the sum, and moves when a transaction is committed. SQLite has one
writer at a time, and one row.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max, Sum

NAME: Final = "count_content_write"
TABLE: Final = "bulletin_contentrevision"
EVENTS: Final = ("INSERT", "UPDATE", "DELETE")
# What no reader sees: where the number itself is, autosaved texts, review links.
PRIVATE_MODELS: Final = {"contentrevision", "autosave"}
# Bounds the rows: two connections whose process ids agree in this share one.
_SLOTS: Final = 1024
_FUNCTION: Final = f"""CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO {TABLE} AS revision (slot, number, changed_at)
    VALUES (pg_backend_pid() % {_SLOTS}, 1, clock_timestamp())
    ON CONFLICT (slot) DO UPDATE SET number = revision.number + 1, changed_at = clock_timestamp();
    RETURN NULL;
END $$"""


class ContentRevisionManager(models.Manager["ContentRevision"]):
    def current(self) -> int | None:
        """None where the database counts nothing."""
        total: int | None = self.aggregate(total=Sum("number"))["total"]
        return total

    def last_change(self, at: datetime) -> float:
        """POSIX seconds, before the second of `at`, in which there may be another change."""
        changed = self.aggregate(last=Max("changed_at"))["last"] or at
        return min(changed.timestamp(), int(at.timestamp()) - 1)


class ContentRevision(models.Model):
    """How many writes the connections of one slot have made."""

    slot = models.IntegerField(primary_key=True)
    number = models.BigIntegerField()
    changed_at = models.DateTimeField()

    objects = ContentRevisionManager()

    class Meta:
        db_table = TABLE

    def __str__(self) -> str:
        return f"{self.slot}: {self.number}"


def content_tables() -> list[str]:
    content = [
        model
        for label in ("bulletin", "incidents")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.model_name not in PRIVATE_MODELS
    ]
    return sorted(model._meta.db_table for model in content)


def install_triggers(using: str, **kwargs: Any) -> None:
    """Receiver of post_migrate, on all tables that are there: most changes of a table on SQLite
    make another one, and lose its triggers. Tests that empty all tables come by here, too."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    if TABLE not in existing:
        return
    tables = [table for table in content_tables() if table in existing]
    with connection.cursor() as cursor:
        for statement in _statements(connection, tables):
            cursor.execute(statement)


def tables_without_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    query = {
        "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s "
        f"GROUP BY tbl_name HAVING count(*) = {len(EVENTS)}",
        "postgresql": "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
        "WHERE tgname LIKE %s AND tgenabled IN ('O', 'A')",
    }
    with connection.cursor() as cursor:
        cursor.execute(query[connection.vendor], [f"{NAME}%"])
        counted = {table for (table,) in cursor.fetchall()}
    return [table for table in content_tables() if table not in counted]


def _statements(connection: BaseDatabaseWrapper, tables: list[str]) -> Iterator[str]:
    yield f"INSERT INTO {TABLE} VALUES (0, 0, CURRENT_TIMESTAMP) ON CONFLICT DO NOTHING"
    if connection.vendor == "postgresql":
        yield _FUNCTION
        for table in tables:
            yield (
                f"CREATE OR REPLACE TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE "
                f"ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {NAME}()"
            )
        return
    for table in tables:
        for event in EVENTS:
            # No upsert: the conflict clause of the write that fires it would win.
            yield (
                f"CREATE TRIGGER IF NOT EXISTS {NAME}_{table}_{event.lower()} AFTER {event} "
                f"ON {table} BEGIN UPDATE {TABLE} SET number = number + 1, "
                "changed_at = strftime('%Y-%m-%d %H:%M:%f', 'now'); END"
            )
