"""How templates say what posts know: days, periods, the anchor of an essay."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from django import template
from django.utils.dateformat import format as date_format
from django.utils.formats import get_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bulletin.models import Bulletin
from incidents import anchors, markup
from incidents.weeks import Period

register = template.Library()
_ID = re.compile(r'<h\d id="([^"]*)"')


@register.simple_tag
def day(value: date) -> SafeString:
    """<time …>July 6, 2024</time>."""
    return _day(value, "DATE_FORMAT")


@register.simple_tag
def period(days: Period) -> SafeString:
    """<time …>June 30</time> – <time …>July 6, 2024</time>; the year once, where it is one and the
    same, as far from the dash as the language has it."""
    same_year = days.first.year == days.last.year
    year_first = get_format("DATE_FORMAT").startswith("Y")
    first = "MONTH_DAY_FORMAT" if same_year and not year_first else "DATE_FORMAT"
    last = "MONTH_DAY_FORMAT" if same_year and year_first else "DATE_FORMAT"
    return format_html("{} – {}", _day(days.first, first), _day(days.last, last))


@register.filter
def essay_anchor(bulletin: Bulletin) -> str:
    """The id of the heading above the essay, unlike any in it."""
    taken = {*markup.ESSAY.reserved, *_ID.findall(bulletin.essay_html)}
    (heading,) = anchors.anchor([markup.code_free(bulletin.essay_heading)], reserved=taken)
    return heading.id


@register.filter
def linked(html: str, page: str) -> SafeString:
    """A text's HTML, each of its headings with a link of its own on `page`."""
    # The stored HTML is sanitised, and markup.linked escapes what it adds.
    return mark_safe(markup.linked(html, page, _("Link to “{}”")))  # noqa: S308


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """A block of linked data; nothing in it can end its element."""
    text = json.dumps(data, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308


def _day(value: date, form: str) -> SafeString:
    words = date_format(value, get_format(form))
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)
