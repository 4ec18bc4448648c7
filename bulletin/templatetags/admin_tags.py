"""What templates of the admin ask."""

from __future__ import annotations

from django import template
from django.db.models import Model

from bulletin import conflicts, diffs

register = template.Library()


@register.simple_tag
def row_digest(row: Model) -> str:
    return conflicts.row_digest(row)


@register.simple_tag
def compare(old: str, new: str) -> list[diffs.Row]:
    return diffs.compare(old, new)
