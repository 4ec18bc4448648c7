"""The page that tells people what they can subscribe to, and how."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bulletin import caching
from bulletin.addresses import absolute
from bulletin.entries import NEWEST
from incidents.models import Incident, Region, Service
from incidents.scales import Impact

ANY = ("", _("any"))


class Wanted(forms.Form):
    """Which incidents a subscriber wants, as the addresses of the log name them."""

    region = forms.ChoiceField(
        required=False, label=_("Region"), help_text=_("Where customers felt it.")
    )
    service = forms.ChoiceField(required=False, label=_("Service"), help_text=_("What broke."))
    impact = forms.ChoiceField(
        required=False,
        label=_("Impact at least"),
        help_text=_("How much customers felt."),
        choices=[ANY, *((one.word, one.label) for one in Impact)],
    )

    def __init__(self, data: QueryDict, at: datetime) -> None:
        """Of what is told at `at` alone come the choices."""
        super().__init__(data, use_required_attribute=False)
        told = Incident.objects.public(at)
        regions = Region.objects.filter(Exists(told.filter(regions=OuterRef("pk"))))
        services = Service.objects.filter(Exists(told.filter(services=OuterRef("pk"))))
        fields: dict[str, Any] = self.fields
        fields["region"].choices = [ANY, *((one.code, str(one)) for one in regions)]
        fields["service"].choices = [ANY, *((one.name, one.name) for one in services)]

    @property
    def list_address(self) -> str:
        """The query string of what is wanted, or nothing; of a form that was validated."""
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        return f"?{urlencode(asked)}" if asked else ""


@caching.public
def subscribe(request: HttpRequest) -> HttpResponseBase:
    wanted = Wanted(request.GET, timezone.now())
    query = wanted.list_address if wanted.is_valid() else ""
    context = addresses(query) | {
        "wanted": wanted,
        "query": query,
        "newest": NEWEST,
        "hub": settings.WEBSUB_HUB,
        "canonical": absolute(reverse("subscribe")),
    }
    return TemplateResponse(request, "bulletin/subscribe.html", context)


def addresses(query: str) -> dict[str, str]:
    """Whole, as they are pasted into other programs."""
    log = absolute(reverse("incidents")).rstrip("/")
    calendar = f"{log}.ics{query}"
    feeds = {name: absolute(reverse(name)) for name in ("atom", "rss", "json_feed")}
    return feeds | {
        "incidents_atom": f"{log}.xml{query}",
        "calendar": calendar,
        "webcal": f"webcal:{calendar.partition(':')[2]}",
        "incidents_json": f"{log}.json{query}",
        "incidents_csv": f"{log}.csv{query}",
        "schema": f"{log}.schema.json",
        "bulletins_json": absolute(f"{reverse('home')}bulletins.json"),
    }
