"""The grid's words in the installation's language, for rooms that know no Django."""

from __future__ import annotations

import functools

from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import get_language, gettext, ngettext

from incidents.grid import Words
from incidents.scales import Impact


def words() -> Words:
    return _words(get_language() or "en")


@functools.cache
def _words(_language: str) -> Words:
    return Words(
        weekdays=tuple(str(WEEKDAYS_ABBR[day]) for day in range(7)),
        months=tuple(str(MONTHS_3[month]).capitalize() for month in range(1, 13)),
        impacts=tuple(str(impact.label) for impact in Impact),
        not_judged=gettext("not judged"),
        day=gettext("{month} {day}"),
        days_of_month=gettext("{month} {first}–{last}"),
        days_of_year=gettext("{days}, {year}"),
        weekday_day=gettext("{weekday} {day}"),
        full_cell=gettext("a full cell: {}"),
        length_unknown=gettext("length not known"),
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


def _count(number: int) -> str:
    if not number:
        return gettext("no incidents")
    return ngettext("%d incident", "%d incidents", number) % number
