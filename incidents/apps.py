"""The application of incidents."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IncidentsConfig(AppConfig):
    name = "incidents"
    verbose_name = _("Incidents")

    def ready(self) -> None:
        register = import_module("incidents.search").register
        register(self.get_model("Incident"), 1, "regions", "services", "addenda")
