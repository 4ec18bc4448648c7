"""What templates of the admin ask."""

from __future__ import annotations

from django import template

from bulletin import diffs

register = template.Library()


@register.simple_tag
def compare(old: str, new: str) -> list[diffs.Row]:
    return diffs.compare(old, new)
