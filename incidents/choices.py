"""The words of product and database for how bad, how long, for whom, and what sort."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Impact(models.IntegerChoices):
    """How much customers felt, an ordered scale."""

    NONE = 0, _("none")
    MINOR = 1, _("minor")
    PARTIAL = 2, _("partial")
    MAJOR = 3, _("major")
    CRITICAL = 4, _("critical")

    @property
    def word(self) -> str:
        return self.name.lower()


class Precision(models.TextChoices):
    """How well the length is known."""

    EXACT = "exact", _("exact")
    ABOUT = "about", _("about")
    UNKNOWN = "unknown", _("unknown")
    ONGOING = "ongoing", _("ongoing")

    @property
    def has_end(self) -> bool:
        return self in (Precision.EXACT, Precision.ABOUT)


class Scope(models.TextChoices):
    """Whom an incident could touch."""

    INTERNAL = "internal", _("internal")
    SINGLE_HOST = "single_host", _("single host")
    SOME_CUSTOMERS = "some_customers", _("some customers")
    PARTNER = "partner", _("partner")
    REGION = "region", _("region")
    GLOBAL = "global", _("global")


class Kind(models.TextChoices):
    """What sort of event it was."""

    INCIDENT = "incident", _("incident")
    MAINTENANCE = "maintenance", _("maintenance")
    FALSE_ALARM = "false_alarm", _("false alarm")


class Gap(models.TextChoices):
    """What an incident lacks that readers will look for; its value is a field of the form."""

    IMPACT = "impact", _("no impact")
    LENGTH = "length", _("no length")
    REGION = "regions", _("no region")
    WRITE_UP = "body", _("thin write-up")
    SUGGESTIONS = "confirmed", _("suggestions to confirm")
