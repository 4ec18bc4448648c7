"""Where the pages of the admin are."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse


def page_of(row: Model, page: str = "change") -> str:
    """The admin's page of a stored row; another of its pages by the end of its address's name."""
    return reverse(f"{_kind(type(row))}_{page}", args=[row.pk])


def page_for(model: type[Model], page: str = "add") -> str:
    return reverse(f"{_kind(model)}_{page}")


def _kind(model: type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"
