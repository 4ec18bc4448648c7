"""In which order the log is read, and where a page of it goes on: keyset pages.

A page ends with an incident, and the next holds what comes after it in the order. Equal keys are
told apart by their slugs, which are the same in every copy of the log, and those without a key (a
length not known) come last either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Lower, Replace
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from incidents.querysets import IncidentQuerySet


def _between(first: str, last: str) -> Any:
    return ExpressionWrapper(F(last) - F(first), output_field=DurationField())


@dataclass(frozen=True)
class Key:
    """What an order compares, the head of its column, and the order's words either way; `falling`
    is how a reader wants it first."""

    label: str | Promise
    falls: str | Promise
    rises: str | Promise
    expression: Any
    nullable: bool = False
    falling: bool = True


KEYS = MappingProxyType(
    {
        "happened": Key(_("Happened"), _("newest first"), _("oldest first"), F("started_at")),
        "told": Key(_("Told"), _("last told first"), _("first told first"), F("told_at")),
        "lag": Key(
            _("After"),
            _("longest untold first"),
            _("soonest told first"),
            _between("started_at", "told_at"),
        ),
        "title": Key(
            _("Title"),
            _("by title, Z to A"),
            _("by title, A to Z"),
            Lower(Replace("title", Value("`"))),
            falling=False,
        ),
        "impact": Key(
            _("Impact"),
            _("highest impact first"),
            _("lowest impact first"),
            F("impact"),
            nullable=True,
        ),
        "length": Key(
            _("Length"),
            _("longest first"),
            _("shortest first"),
            _between("started_at", "ended_at"),
            nullable=True,
        ),
    }
)


@dataclass(frozen=True)
class Order:
    """By the key of this name; `falling` from the latest, longest or highest."""

    name: str
    falling: bool

    @classmethod
    def of(cls, text: str) -> Order:
        """The order that an address names: "-told" is falling, "told" rising."""
        return cls(text.removeprefix("-"), text.startswith("-"))

    def __str__(self) -> str:
        return f"{'-' if self.falling else ''}{self.name}"

    @property
    def words(self) -> str | Promise:
        return self.key.falls if self.falling else self.key.rises

    @property
    def key(self) -> Key:
        return KEYS[self.name]

    def of_column(self, name: str) -> Order:
        """What pressing the head of a column asks for: its own order, or the reverse of ours."""
        return Order(name, not self.falling if name == self.name else KEYS[name].falling)

    def sort(self, incidents: IncidentQuerySet) -> IncidentQuerySet:
        key = F("sort_key")
        last = True if self.key.nullable else None
        ordered = key.desc(nulls_last=last) if self.falling else key.asc(nulls_last=last)
        keyed = incidents.alias(sort_key=self.key.expression)
        return keyed.order_by(ordered, "-slug" if self.falling else "slug")

    def after(self, last: Incident, incidents: IncidentQuerySet) -> IncidentQuerySet:
        """Those that come after `last`, which need not be among them."""
        beyond = "lt" if self.falling else "gt"
        incidents = incidents.alias(sort_key=self.key.expression)
        same = Q(**{f"slug__{beyond}": last.slug})
        # Asked of the database, which compares as it sorts.
        keys = Incident.objects.filter(pk=last.pk)
        value = keys.values_list(self.key.expression, flat=True).get()
        if value is None:
            return incidents.filter(same & Q(sort_key=None))
        later = Q(**{f"sort_key__{beyond}": value}) | (same & Q(sort_key=value))
        if self.key.nullable:
            return incidents.filter(later | Q(sort_key=None))
        # The second says no more than the first, but lets an index begin there.
        return incidents.filter(Q(**{f"sort_key__{beyond}e": value}) & later)


NEWEST_FIRST = Order("happened", falling=True)
ORDERS = [Order(name, falling) for name in KEYS for falling in (True, False)]
