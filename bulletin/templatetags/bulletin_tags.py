"""Dates, periods, headings, JSON-LD and the figures of trends."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bulletin import diffs
from bulletin.grid_words import period_name, words
from bulletin.models import Bulletin
from incidents import heading_ids, markdown
from incidents.durations import format_duration
from incidents.weeks import Period

register = template.Library()
DAY, HOUR = 24 * 60, 60  # minutes
_ID = re.compile(r'<h\d id="([^"]*)"')


@register.simple_tag
def day(value: date) -> SafeString:
    """<time …>July 6, 2024</time>."""
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), date_format(value))


@register.simple_tag
def period(days: Period) -> str:
    return period_name(days)


@register.simple_tag
def compare(old: str, new: str) -> list[diffs.Row]:
    return diffs.compare(old, new)


@register.filter
def essay_anchor(bulletin: Bulletin) -> str:
    taken = {*markdown.ESSAY.reserved, *_ID.findall(bulletin.essay_html)}
    (heading,) = heading_ids.assign_ids(
        [markdown.strip_code(bulletin.essay_heading)], reserved=taken
    )
    return heading.id


@register.filter
def linked(html: str, page: str) -> SafeString:
    """A text's HTML, each of its headings with a link of its own on `page`."""
    # The stored HTML is sanitised, and markdown.add_heading_links escapes what it adds.
    return mark_safe(markdown.add_heading_links(html, page, _("Link to “{}”")))  # noqa: S308


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """A block of linked data; nothing in it can end its element."""
    text = json.dumps(data, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308


@register.filter
def minutes(number: float | None) -> str:
    """As "40m" or "3d 4h", to the hour from a day on; a dash for none."""
    if number is None:
        return "–"
    return format_duration(round(number / HOUR) * HOUR if number >= DAY else number)


@register.filter
def dates(days: Period) -> str:
    return words().dates(days)


@register.filter
def impact_name(impact: int | None) -> str:
    return words().impact_name(impact)
