"""What belongs to a row, read with it in one query: short lists, as JSON made by the database.

A page asks the database a fixed number of questions whether or not each list costs one; but a
question costs more than its answer here, and a page should ask few.
"""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.db.models import Func, JSONField, Model, QuerySet, Subquery

SUFFIX = "_gathered"


class _List(Func):
    """All values of a subquery. It is no Aggregate, which would group by the outer row."""

    function = "JSON_GROUP_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_AGG", **context)


class _Row(Func):
    """Not Django's JSONObject, which asks SQLite once a thread whether it knows JSON."""

    function = "JSON_ARRAY"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_BUILD_ARRAY", **context)


def gather(rows: QuerySet[Any]) -> Subquery:
    """The GATHERED fields of `rows`, which are those of an OuterRef: annotate it by the name of a
    relation and SUFFIX, and `read` finds it."""
    found = _List(_Row(*rows.model.GATHERED))
    return Subquery(rows.order_by().annotate(list=found).values("list"))


def read(row: Model, name: str, model: Any) -> list[Any]:
    """The rows of the relation `name` in the order of their model: gathered, or asked for now."""
    try:
        found = row.__dict__[name + SUFFIX]
    except KeyError:
        return list(getattr(row, name).all())
    made = [
        model(
            **{
                field: _value(model, field, value)
                for field, value in zip(model.GATHERED, one, strict=True)
            }
        )
        for one in found or ()
    ]
    return sorted(made, key=attrgetter(*map(str, model._meta.ordering), "pk"))


def _value(model: type[Model], name: str, value: Any) -> Any:
    """As a query would give it: JSON has no instants."""
    read: Any = model._meta.get_field(name).to_python(value)  # type: ignore[union-attr]
    return read.replace(tzinfo=UTC) if isinstance(read, datetime) and not read.tzinfo else read
