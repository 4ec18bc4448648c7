"""In which order the log is read, and where a page of it goes on: keyset pages.

A page ends with an incident, and the next holds what comes after it in the order. Equal keys are
told apart by their slugs, which are the same in every copy of the log, and those without a key (a
length not known) come last either way.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents import keys
from incidents.models import Incident
from incidents.querysets import IncidentQuerySet


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
        "told": Key(_("Told"), _("last told first"), _("first told first"), F("publish_at")),
        "lag": Key(
            _("After"),
            _("longest untold first"),
            _("soonest told first"),
            keys.LAG,
        ),
        "title": Key(
            _("Title"),
            _("by title, Z to A"),
            _("by title, A to Z"),
            keys.TITLE,
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
            keys.LENGTH,
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

    @property
    def expression(self) -> Any:
        found = self.key.expression
        return keys.OrLast(found, falling=self.falling) if self.key.nullable else found

    def sort(self, incidents: IncidentQuerySet) -> IncidentQuerySet:
        key, slug = F("sort_key"), F("slug")
        keyed = incidents.alias(sort_key=self.expression)
        return keyed.order_by(
            *(each.desc() if self.falling else each.asc() for each in (key, slug))
        )

    def after(self, last: Incident, incidents: IncidentQuerySet) -> IncidentQuerySet:
        """Those that come after `last`, which need not be among them."""
        beyond = "lt" if self.falling else "gt"
        # Asked of the database, which compares as it sorts.
        there = Incident.objects.filter(pk=last.pk)
        value = there.values_list(self.expression, flat=True).get()
        same = Q(**{f"slug__{beyond}": last.slug})
        later = Q(**{f"sort_key__{beyond}": value}) | (same & Q(sort_key=value))
        # The first says no more than the second, but lets an index begin there.
        keyed = incidents.alias(sort_key=self.expression)
        return keyed.filter(Q(**{f"sort_key__{beyond}e": value}) & later)


NEWEST_FIRST = Order("happened", falling=True)
ORDERS = [Order(name, falling) for name in KEYS for falling in (True, False)]
