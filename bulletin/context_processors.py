from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from bulletin.models import site_settings

# The navigation of every page, by URL names.
SECTIONS: Final = {
    "archive": _("Archive"),
    "incidents": _("Incidents"),
    "trends": _("Trends"),
    "search": _("Search"),
    "subscribe": _("Subscribe"),
}
# In the WSGI environment of a request by export_site; no client can send it.
COPY: Final = "bulletin.copy"


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "site": SimpleLazyObject(site_settings),
        "site_url": settings.SITE_URL,
        "site_sections": SECTIONS,
        "is_copy": COPY in request.META,
    }
