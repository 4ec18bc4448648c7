"""What the orders of the log compare, as the database computes it, and the indexes that hold it.

An index is used only where a query says the very same, so constants stand in the SQL and are no
parameters. Each ends with the slug, which tells equals apart.
"""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, CharField, Func, Index


class Between(Func):
    """From the first instant to the second, in milliseconds; null where there is none."""

    arity = 2
    output_field = BigIntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        days = "(julianday(%(second)s) - julianday(%(first)s))"
        return self._between(compiler, f"CAST(round({days} * 86400000) AS bigint)")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self._between(
            compiler, "round(extract(epoch FROM (%(second)s - %(first)s)) * 1000)::bigint"
        )

    def _between(self, compiler: Any, template: str) -> Any:
        sqls = [compiler.compile(each) for each in self.get_source_expressions()]
        (first, _none), (second, _nothing) = sqls
        return template % {"first": first, "second": second}, []


class Titled(Func):
    """A title without its backticks, in one case."""

    template = "LOWER(REPLACE(%(expressions)s, '`', ''))"
    output_field = CharField()


class OrLast(Func):
    """A number from 0 up, or, where there is none, what comes after all of them: the least where
    they fall, else the greatest."""

    def __init__(self, value: Any, *, falling: bool, **extra: Any) -> None:
        super().__init__(value, output_field=BigIntegerField(), **extra)
        self.template = f"COALESCE(%(expressions)s, {-1 if falling else 2**53})"


LAG = Between("started_at", "publish_at")
LENGTH = Between("started_at", "ended_at")
TITLE = Titled("title")
INDEXES = [
    Index(LAG, "slug", name="incident_by_lag"),
    Index(TITLE, "slug", name="incident_by_title"),
    *(
        Index(OrLast(value, falling=falling), "slug", name=f"incident_by_{name}_{way}")
        for name, value in (("impact", "impact"), ("length", LENGTH))
        for way, falling in (("down", True), ("up", False))
    ),
]
