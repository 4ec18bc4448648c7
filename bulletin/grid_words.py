"""The grid's words in the installation's language, for rooms that know no Django."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from typing import Final

from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS_ABBR
from django.utils.formats import date_format, get_format
from django.utils.translation import get_language, gettext, ngettext

from incidents.choices import Impact
from incidents.grid.strings import Strings
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
    return Strings(
        weekdays=tuple(str(WEEKDAYS_ABBR[day]) for day in range(7)),
        months=_months(),
        impacts=tuple(str(impact.label) for impact in Impact),
        not_rated=gettext("not rated"),
        day=day,
        days_of_month=days,
        days_of_year=year.replace(day, "{days}") if day in year else "{days}, {year}",
        weekday_day=gettext("{weekday} {day}"),
        full_cell=gettext("a full cell: {}"),
        length_unknown=gettext("length unknown"),
        ongoing=gettext("ongoing"),
        ongoing_for=gettext("ongoing, {} so far"),
        about=gettext("about {}"),
        quiet_week=gettext("No incidents"),
        quiet_days=gettext("{}: no incidents"),
        count=_count,
        window=gettext("Incidents of {}."),
        week=gettext("{days}: {count}."),
        longest=gettext("Longest: {title}, {length}."),
        highest=gettext("Highest impact: {impact}, {title}."),
        impact=gettext("impact: {}"),
        described=gettext("{date}, {start}, {length}, {impact}"),
        caption=gettext("Larger boxes are longer, darker boxes are higher-impact"),
        earlier_row=gettext("see the previous bulletin for details about the top row of incidents"),
        earlier_rows=gettext(
            "see the previous bulletin for details about the top rows of incidents"
        ),
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
