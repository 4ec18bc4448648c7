"""What templates of the admin ask."""

from __future__ import annotations

from django import template
from django.db.models import Model

from bulletin import conflicts, diffs

register = template.Library()


@register.simple_tag
def seen(row: Model) -> str:
    """Which version of a row a list shows."""
    return conflicts.seen(row)


@register.simple_tag
def compare(old: str, new: str) -> list[diffs.Row]:
    """The rows of a side-by-side view."""
    return diffs.compare(old, new)
