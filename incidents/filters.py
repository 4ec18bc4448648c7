"""The one query on the log that the page of incidents, its JSON, CSV, calendar and feed share.

Its values stand in the address. A wrong one is refused with a sentence, and what is not told yet
shows nowhere: not in the choices, the count, or where a page may go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import weeks, years
from incidents.models import Incident, Region, Service
from incidents.orders import NEWEST_FIRST, ORDERS, Order
from incidents.querysets import IncidentQuerySet
from incidents.scales import Impact, Kind, Scope

LONGEST_WORDS = 200
ANY = ("", _("any"))
# Told incidents from which on those that a query finds aren't counted.
LARGE = 5_000
A_YEAR = _("Give a year in digits, such as 2024.")


@dataclass(frozen=True)
class Claim:
    """What one filter says, and the query string without it."""

    words: str
    without: str


@dataclass(frozen=True)
class Page:
    """Some of the incidents found; `further` is the query string of the rest, empty for none."""

    incidents: list[Incident]
    further: str


@dataclass(frozen=True)
class Count:
    """How many are found, or at least that are."""

    number: int
    is_least: bool = False


def choice(label: Any, rule: Any, wrong: Any, choices: Iterable[Any] = ()) -> forms.ChoiceField:
    return forms.ChoiceField(
        required=False,
        label=label,
        help_text=rule,
        choices=[ANY, *choices],
        error_messages={"invalid_choice": wrong},
    )


class Filters(forms.Form):
    """The query of an address at an instant; ask it for incidents only where it is valid."""

    q = forms.CharField(
        required=False,
        label=_("Words"),
        max_length=LONGEST_WORDS,
        help_text=_("Of its title, write-up, places or services."),
        error_messages={"max_length": _("Give 200 characters at most.")},
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    year = forms.IntegerField(
        required=False,
        label=_("Year"),
        min_value=weeks.EARLIEST.year,
        max_value=weeks.LATEST.year,
        help_text=_("The year in which it began."),
        error_messages=dict.fromkeys(["invalid", "min_value", "max_value"], A_YEAR),
        widget=forms.Select,
    )
    region = choice(
        _("Region"), _("Where customers felt it."), _("No incident is told of such a region.")
    )
    service = choice(
        _("Service"), _("What broke, as customers know it."), _("No incident is told of it.")
    )
    impact = choice(
        _("Impact at least"),
        _("One not judged yet has none."),
        _("Give none, minor, partial, major or critical."),
        [(one.word, one.label) for one in Impact],
    )
    scope = choice(
        _("Scope"), _("Whom it could touch."), _("There is no such scope."), Scope.choices
    )
    kind = choice(
        _("Kind"), _("What sort of event it was."), _("There is no such kind."), Kind.choices
    )
    order = forms.ChoiceField(
        required=False,
        label=_("Order"),
        choices=[(str(order), order.words) for order in ORDERS],
        help_text=_("What isn't known comes last."),
        error_messages={"invalid_choice": _("There is no such order.")},
    )
    before = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, at: datetime) -> None:
        super().__init__(data, label_suffix="")
        self.at = at
        self.told = Incident.objects.published(at)
        fields: dict[str, Any] = self.fields
        # Looked up where they are needed, and once: a value that isn't asked for costs nothing.
        fields["region"].choices = lambda: self._regions
        fields["service"].choices = lambda: self._services
        fields["year"].widget.choices = lambda: self._years

    def clean_before(self) -> Incident | None:
        """The told incident that it names."""
        slug = self.cleaned_data["before"]
        last = self.told.filter(slug=slug).first() if slug else None
        if slug and last is None:
            raise forms.ValidationError(_("No incident is told under this name."))
        return last

    # What is found ------------------------------------------------------------------------

    @property
    def sorted_by(self) -> Order:
        return Order.of(self.cleaned_data["order"]) if self.cleaned_data["order"] else NEWEST_FIRST

    @cached_property
    def matches(self) -> IncidentQuerySet:
        """All that is found, in no order."""
        found, asked = self.told, self.cleaned_data
        if asked["year"]:
            found = found.in_year(asked["year"])
        if asked["impact"]:
            found = found.filter(impact__gte=Impact[asked["impact"].upper()])
        found = found.filter(**{name: asked[name] for name in ("scope", "kind") if asked[name]})
        if asked["region"]:
            found = found.linked("regions", Region.objects.filter(code=asked["region"]))
        if asked["service"]:
            found = found.linked("services", Service.objects.filter(name=asked["service"]))
        return found.matching(asked["q"]) if asked["q"] else found

    def rows(self) -> IncidentQuerySet:
        """What is found, in its order, from where the page begins."""
        last = self.cleaned_data["before"]
        found = self.sorted_by.after(last, self.matches) if last else self.matches
        if self.sorted_by.name == NEWEST_FIRST.name:
            found = found.by_index_on_start()
        return self.sorted_by.sort(found)

    def page(self, rows: IncidentQuerySet, size: int) -> Page:
        """`size` at most of `rows`, which are this query's."""
        found = list(rows[: size + 1])
        more = len(found) > size
        return Page(found[:size], self.address(before=found[size - 1].slug) if more else "")

    def count(self, page: Page) -> Count:
        """Exact where all that is found is on `page` or the log isn't large: to count costs as
        much as there is."""
        if not page.further and not self.cleaned_data["before"]:
            return Count(len(page.incidents))
        if not self.told[LARGE : LARGE + 1].exists():
            return Count(self.matches.count())
        return Count(len(page.incidents), is_least=True)

    # What is asked, in addresses and in words ----------------------------------------------

    @property
    def is_untidy(self) -> bool:
        """Whether the address says what goes without saying, as that of a sent form does."""
        idle = {name for name in self.fields if self.data.get(name) == ""}
        return bool(idle) or self.data.get("order") == str(NEWEST_FIRST)

    def address(self, **changes: str) -> str:
        """The query string with `changes` made to it, an empty one dropping what it names:
        "?year=2024", or nothing."""
        asked = self.cleaned_data
        last = asked["before"]
        asked = asked | {"before": last.slug if last else ""} | changes
        if asked["order"] == str(NEWEST_FIRST):
            asked["order"] = ""
        pairs = [(name, asked[name]) for name in self.fields if asked[name]]
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def list_address(self) -> str:
        """The query string from the first page on."""
        return self.address(before="")

    def claims(self) -> list[Claim]:
        """What is filtered, one filter each."""
        asked = self.cleaned_data
        names = [name for name in self.fields if asked[name] and name not in ("order", "before")]
        fields: dict[str, Any] = self.fields
        labels = {name: dict(fields[name].choices) for name in ("impact", "scope", "kind")}
        return [
            Claim(
                words=f"{fields[name].label}: {labels.get(name, {}).get(asked[name], asked[name])}",
                without=self.address(before="", **{name: ""}),
            )
            for name in names
        ]

    def name(self, site: str) -> str:
        """What subscribers see: the site's name and what is asked of it."""
        name = gettext("%(site)s: incidents") % {"site": site}
        claims = ", ".join(claim.words for claim in self.claims())
        return f"{name} ({claims})" if claims else name

    # Choices, of what is told alone ---------------------------------------------------------

    @cached_property
    def _regions(self) -> list[Any]:
        links = Incident.regions.through.objects.filter(region=OuterRef("pk"))
        told = Region.objects.filter(pk=self._told_of(links.values("region")))
        return [ANY, *((region.code, str(region)) for region in told)]

    @cached_property
    def _services(self) -> list[Any]:
        links = Incident.services.through.objects.filter(service=OuterRef("pk"))
        told = Service.objects.filter(pk=self._told_of(links.values("service")))
        return [ANY, *((service.name, service.name) for service in told)]

    def _told_of(self, links: QuerySet[Any]) -> Subquery:
        """The first of `links` to a told incident. As EXISTS, PostgreSQL would join all of them
        to find a few names."""
        return Subquery(links.filter(incident__publish_at__lte=self.at)[:1])

    @cached_property
    def _years(self) -> list[Any]:
        held = set(years.published(self.at))
        if asked := self.cleaned_data.get("year"):
            held.add(asked)
        return [ANY, *((year, str(year)) for year in sorted(held, reverse=True))]
