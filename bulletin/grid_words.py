"""The grid's words in the installation's language, for rooms that know no Django."""

from __future__ import annotations

import functools
import re
from dataclasses import fields, replace
from typing import Any, Final

from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS_ABBR
from django.utils.formats import date_format, get_format
from django.utils.translation import get_language, gettext, ngettext

from incidents.choices import Impact
from incidents.grid.strings import ENGLISH, Strings
from incidents.weeks import Period

# Of Django's date formats: a letter escaped, a month in whatever form, a day, a year.
_PART: Final = re.compile(r"\\(.)|([EFMNbmn])|([jd])|([Yyo])")


def words() -> Strings:
    return _words(get_language() or "en")


def period_name(period: Period) -> str:
    """As "November 15–21, 2026"; both years where the period has two."""
    if period.first.year != period.last.year:
        return "–".join(date_format(day, "DATE_FORMAT") for day in (period.first, period.last))
    if "n" in get_format("MONTH_DAY_FORMAT"):
        return words().dates_and_year(period)
    months = tuple(str(MONTHS[number]) for number in range(1, 13))
    return replace(words(), months=months).dates_and_year(period)


@functools.cache
def _words(_language: str) -> Strings:
    day = as_pattern(get_format("MONTH_DAY_FORMAT"))
    days = day.replace("{day}.", "{first}.–{last}.").replace("{day}", "{first}–{last}")
    year = as_pattern(get_format("DATE_FORMAT"))
    texts = {field.name: getattr(ENGLISH, field.name) for field in fields(ENGLISH)}
    translated: dict[str, Any] = {
        name: gettext(text) for name, text in texts.items() if isinstance(text, str)
    }
    return replace(
        Strings(**translated),
        weekdays=tuple(str(WEEKDAYS_ABBR[day]) for day in range(7)),
        months=_months(),
        impacts=tuple(str(impact.label) for impact in Impact),
        day=day,
        days_of_month=days,
        days_of_year=year.replace(day, "{days}") if day in year else "{days}, {year}",
        count=_count,
    )


def as_pattern(form: str) -> str:
    """“j. F Y” as “{day}. {month} {year}”."""
    names = (None, "{month}", "{day}", "{year}")
    return _PART.sub(lambda found: names[(found.lastindex or 1) - 1] or found[1], form)


def _months() -> tuple[str, ...]:
    """Short names, or the numbers where dates have those; capital where the long names are, for
    Django's short ones never are."""
    numbered = "n" in get_format("MONTH_DAY_FORMAT")
    names = ((str(number), str(MONTHS[number]), str(MONTHS_3[number])) for number in range(1, 13))
    return tuple(
        number if numbered else short.capitalize() if long[0].isupper() else short
        for number, long, short in names
    )


def _count(number: int) -> str:
    if not number:
        return gettext("no incidents")
    return ngettext("%d incident", "%d incidents", number) % number
