"""Where and what an incident touched: regions and services."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Region(models.Model):
    """A place we run in, known by a short code such as a data centre's."""

    code = models.SlugField(
        _("code"), max_length=16, unique=True, help_text=_("As the team writes it, such as GRU.")
    )
    place = models.CharField(
        _("place"), max_length=100, help_text=_("Where it is, such as São Paulo, Brazil.")
    )

    class Meta:
        ordering = ["code"]
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return f"{self.code} ({self.place})"


class Service(models.Model):
    """A thing that can break: ours or a partner's."""

    name = models.CharField(
        _("name"), max_length=100, unique=True, help_text=_("As customers know it.")
    )
    ours = models.BooleanField(
        _("ours"), default=True, help_text=_("Untick it for a partner's or supplier's service.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("service")
        verbose_name_plural = _("services")

    def __str__(self) -> str:
        return self.name
