"""Where the pages of the admin are."""

from __future__ import annotations

from django.db.models import Model
from django.urls import reverse


def admin_url(row_or_model: Model | type[Model], page: str = "") -> str:
    """The change page of a stored row, the add page of a model; or another, by the end of the name
    that the admin gives its address."""
    opts = row_or_model._meta
    is_row = isinstance(row_or_model, Model)
    name = f"admin:{opts.app_label}_{opts.model_name}_{page or ('change' if is_row else 'add')}"
    return reverse(name, args=[row_or_model.pk] if isinstance(row_or_model, Model) else [])
