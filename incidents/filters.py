"""The query that the list of incidents, its JSON, CSV, calendar and feed share.

Its values stand in the address. Nothing that is unpublished shows: neither in the choices nor in
the place from which a page goes on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import (
    Exists,
    F,
    FloatField,
    Func,
    OrderBy,
    OuterRef,
    Q,
    Subquery,
    TextChoices,
)
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import weeks
from incidents.choices import Impact, Kind, Scope
from incidents.models import Incident, Region, Service
from incidents.querysets import IncidentQuerySet

ANY = ("", _("any"))
# Without the value: Django's own message repeats it.
INVALID_CHOICE = _("Choose one of the values that the list of incidents offers.")
INVALID_YEAR = _("Enter a year in digits, such as 2024.")
# What says where a page begins.
POSITION = ("before", "offset")
MAX_OFFSET = 1_000_000


class Elapsed(Func):
    """From the second instant to the first, to sort by. Django's own subtraction calls Python for
    each row on SQLite, and takes eight times as long."""

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


@dataclass(frozen=True)
class Page:
    """`next_query` is the query string of the next page, empty where this is the last."""

    incidents: list[Incident]
    next_query: str


def choice_field(label: Any, help_text: Any, choices: Iterable[Any] = ()) -> forms.ChoiceField:
    return forms.ChoiceField(
        required=False,
        label=label,
        help_text=help_text,
        choices=[ANY, *choices],
        error_messages={"invalid_choice": INVALID_CHOICE},
    )


class Filters(forms.Form):
    """The query of an address at an instant; ask it for incidents only where it is valid."""

    q = forms.CharField(
        required=False,
        label=_("Words"),
        max_length=200,
        help_text=_("In its title, write-up, regions or services."),
        error_messages={"max_length": _("Enter 200 characters at most.")},
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    year = forms.IntegerField(
        required=False,
        label=_("Year"),
        min_value=weeks.EARLIEST.year,
        max_value=weeks.LATEST.year,
        help_text=_("The year in which it began."),
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], INVALID_YEAR),
        widget=forms.Select,
    )
    region = choice_field(_("Region"), _("Where customers felt it."))
    service = choice_field(_("Service"), _("What broke, as customers know it."))
    impact = choice_field(
        _("Impact at least"),
        _("Leaves out incidents that are not rated."),
        [(impact.word, impact.label) for impact in Impact],
    )
    scope = choice_field(_("Scope"), _("Whom it could affect."), Scope.choices)
    kind = choice_field(_("Kind"), _("What sort of event it was."), Kind.choices)
    order = choice_field(_("Order"), _("Unknown lengths come last."))
    before = forms.CharField(
        required=False,
        max_length=80,
        error_messages={"max_length": _("No published incident has this slug.")},
        widget=forms.HiddenInput,
    )
    offset = forms.IntegerField(
        required=False, min_value=0, max_value=MAX_OFFSET, widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict, at: datetime) -> None:
        super().__init__(data, label_suffix="")
        self.at = at
        self.published = Incident.objects.published(at)
        fields: dict[str, Any] = self.fields
        fields["order"].choices = Order.choices
        # Read where they are needed, and once.
        fields["region"].choices = cache(self._regions)
        fields["service"].choices = cache(self._services)
        fields["year"].widget.choices = cache(self._years)

    def clean_before(self) -> Incident | None:
        slug = self.cleaned_data["before"]
        last = self.published.filter(slug=slug).first() if slug else None
        if slug and last is None:
            raise forms.ValidationError(_("No published incident has this slug."))
        return last

    @property
    def chosen_order(self) -> Order:
        return Order(self.cleaned_data["order"] or Order.NEWEST)

    @property
    def matches(self) -> IncidentQuerySet[Incident]:
        found, asked = self.published, self.cleaned_data
        if asked["year"]:
            found = found.in_year(asked["year"])
        if asked["impact"]:
            found = found.filter(impact__gte=Impact[asked["impact"].upper()])
        found = found.filter(**{name: asked[name] for name in ("scope", "kind") if asked[name]})
        if asked["region"]:
            found = found.filter(_has(Incident.regions, region__code=asked["region"]))
        if asked["service"]:
            found = found.filter(_has(Incident.services, service__name=asked["service"]))
        return found.matching(asked["q"]) if asked["q"] else found

    def rows(self) -> IncidentQuerySet[Incident]:
        order, last = self.chosen_order, self.cleaned_data["before"]
        if not order.has_keyset:
            return order.sort(self.matches)[self.cleaned_data["offset"] or 0 :]
        return order.sort(order.after(last, self.matches) if last else self.matches)

    def page(self, rows: IncidentQuerySet[Incident], size: int) -> Page:
        found = list(rows[: size + 1])
        more = len(found) > size
        return Page(found[:size], self.next_query(found[size - 1], size) if more else "")

    @property
    def is_first_page(self) -> bool:
        return not any(self.cleaned_data[name] for name in POSITION)

    def next_query(self, last: Incident, size: int) -> str:
        """The query string of what follows a page of `size`, which ends with `last`."""
        if self.chosen_order.has_keyset:
            return self.query_string(before=last.slug)
        return self.query_string(offset=str((self.cleaned_data["offset"] or 0) + size))

    def query_string(self, **changes: str) -> str:
        """Of the first page, with `changes`, an empty one dropping what it names: "?year=2024", or
        nothing."""
        asked = self.cleaned_data | dict.fromkeys(POSITION, "") | changes
        if asked["order"] == Order.NEWEST:
            asked["order"] = ""
        pairs = [(name, asked[name]) for name in self.fields if asked[name]]
        return f"?{urlencode(pairs)}" if pairs else ""

    def active(self) -> list[tuple[str, str]]:
        """What each filter says, and the query string without it."""
        fields: dict[str, Any] = self.fields
        names = [name for name in fields if name not in ("order", *POSITION)]
        labels = {name: dict(fields[name].choices) for name in ("impact", "scope", "kind")}
        return [
            (
                f"{fields[name].label}: {labels.get(name, {}).get(value, value)}",
                self.query_string(**{name: ""}),
            )
            for name in names
            if (value := self.cleaned_data[name])
        ]

    def name(self, site: str) -> str:
        """The title for subscribers: the site's name and the filters."""
        name = gettext("%(site)s: incidents") % {"site": site}
        filters = ", ".join(words for words, _query in self.active())
        return f"{name} ({filters})" if filters else name

    def _regions(self) -> list[Any]:
        regions = self._of_published(Region, "region")
        return [ANY, *((region.code, str(region)) for region in regions)]

    def _services(self) -> list[Any]:
        services = self._of_published(Service, "service")
        return [ANY, *((service.name, service.name) for service in services)]

    def _of_published(self, model: Any, name: str) -> Any:
        """As EXISTS, PostgreSQL would join all links to find a few names."""
        links = getattr(Incident, f"{name}s").through.objects.filter(
            incident__publish_at__lte=self.at, **{name: OuterRef("pk")}
        )
        return model.objects.filter(pk=Subquery(links.values(name)[:1]))

    def _years(self) -> list[Any]:
        offered = {*self.published.years(), self.cleaned_data.get("year")}
        return [ANY, *((year, str(year)) for year in sorted(filter(None, offered), reverse=True))]


def _has(relation: Any, **of: str) -> Exists:
    return Exists(relation.through.objects.filter(incident=OuterRef("pk"), **of))
