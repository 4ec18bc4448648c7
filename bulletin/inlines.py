"""The rows that belong to a page's own, such as addenda, as formsets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, QueryDict


def formsets(
    model_admin: Any,
    request: HttpRequest,
    stored: Model | None,
    instance: Model,
    data: QueryDict | None,
) -> Iterator[tuple[Any, Any]]:
    """Those of the page of `stored` with their inlines, for the rows of `instance`: all as they
    are shown at first, or those that `data` holds, bound to it."""
    for made, inline in model_admin.get_formsets_with_inlines(request, stored):
        rows = inline.get_queryset(request)
        prefix = made.get_default_prefix()
        formset = made(data, instance=instance, prefix=prefix, queryset=rows)
        if data is None or formset.management_form.is_valid():
            yield formset, inline
