"""The orders of the list of incidents: by start in keyset pages, the others in ordinary pages."""

from __future__ import annotations

from typing import Any

from django.db.models import F, FloatField, Func, OrderBy, Q, TextChoices
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.querysets import IncidentQuerySet


class Elapsed(Func):
    """From the second instant to the first, to sort by. Django's own subtraction calls Python for
    each row on SQLite."""

    template, arg_joiner = "(%(expressions)s)", " - "
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template, joiner = "(julianday(%(expressions)s))", ") - julianday("
        return self.as_sql(compiler, connection, template=template, arg_joiner=joiner, **context)


SORT_KEYS: dict[str, Any] = {
    "start": F("started_at"),
    "length": Elapsed("ended_at", "started_at"),
    "delay": Elapsed("publish_at", "started_at"),
}


class Order(TextChoices):
    """The sort key, with a minus where it descends."""

    NEWEST = "-start", _("newest first")
    OLDEST = "start", _("oldest first")
    LONGEST = "-length", _("longest first")
    SHORTEST = "length", _("shortest first")
    SLOWEST = "-delay", _("longest delay first")
    QUICKEST = "delay", _("shortest delay first")

    @property
    def key(self) -> str:
        return str(self.value).removeprefix("-")

    @property
    def descends(self) -> bool:
        return str(self.value).startswith("-")

    @property
    def has_keyset(self) -> bool:
        return self.key == "start"

    def toggled(self, key: str) -> Order:
        """What the head of a column leads to: descending first, then reversed."""
        return Order(key if self == f"-{key}" else f"-{key}")

    def sort(self, rows: IncidentQuerySet[Incident]) -> IncidentQuerySet[Incident]:
        """Unknown lengths last. The key breaks ties, for it ends the index on the start."""
        nulls_last = None if self.has_keyset else True
        order = OrderBy(SORT_KEYS[self.key], descending=self.descends, nulls_last=nulls_last)
        return rows.order_by(order, "-pk" if self.descends else "pk")

    def after(self, last: Incident, rows: IncidentQuerySet[Incident]) -> IncidentQuerySet[Incident]:
        """Those that follow `last`, by start."""
        beyond = "lt" if self.descends else "gt"
        same_start = Q(started_at=last.started_at, **{f"pk__{beyond}": last.pk})
        later = Q(**{f"started_at__{beyond}": last.started_at}) | same_start
        # The first says no more than the second, but lets the index begin there.
        return rows.filter(Q(**{f"started_at__{beyond}e": last.started_at}) & later)
