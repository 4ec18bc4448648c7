"""Every text of the grid: English here, and a site passes its own in its language."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from incidents.durations import format_duration, gettext_noop
from incidents.weeks import DAYS_IN_WEEK, Period


def count_in_english(number: int) -> str:
    return "1 incident" if number == 1 else f"{number or 'no'} incidents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strings:
    """Names in braces are filled in, `{}` with the one value there is."""

    # Monday first, as Python counts them.
    weekdays: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    months: tuple[str, ...] = (
        *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
        *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    )
    impacts: tuple[str, ...] = ("none", "minor", "partial", "major", "critical")
    not_rated: str = gettext_noop("not rated")
    day: str = "{month} {day}"
    days_of_month: str = "{month} {first}–{last}"
    days: str = "{first}–{last}"
    days_of_year: str = "{days}, {year}"
    weekday_day: str = gettext_noop("{weekday} {day}")
    full_cell: str = gettext_noop("a full cell: {}")
    length_unknown: str = gettext_noop("length unknown")
    unknown_mark: str = "?"
    ongoing: str = gettext_noop("ongoing")
    ongoing_for: str = gettext_noop("ongoing, {} so far")
    about: str = gettext_noop("about {}")
    quiet_week: str = gettext_noop("No incidents")
    quiet_days: str = gettext_noop("{}: no incidents")
    count: Callable[[int], str] = count_in_english
    window: str = gettext_noop("Incidents of {}.")
    week: str = gettext_noop("{days}: {count}.")
    longest: str = gettext_noop("Longest: {title}, {length}.")
    highest: str = gettext_noop("Highest impact: {impact}, {title}.")
    impact: str = gettext_noop("impact: {}")
    described: str = gettext_noop("{date}, {start}, {length}, {impact}")
    caption: str = gettext_noop("Larger boxes are longer, darker boxes are higher-impact")
    earlier_row: str = gettext_noop(
        "see the previous bulletin for details about the top row of incidents"
    )

    def format_date(self, day: date) -> str:
        return self.day.format(month=self.months[day.month - 1], day=day.day)

    def dates(self, days: Period) -> str:
        if (days.first.year, days.first.month) == (days.last.year, days.last.month):
            month = self.months[days.first.month - 1]
            return self.days_of_month.format(month=month, first=days.first.day, last=days.last.day)
        return self.days.format(
            first=self.format_date(days.first), last=self.format_date(days.last)
        )

    def dates_and_year(self, days: Period) -> str:
        return self.days_of_year.format(days=self.dates(days), year=days.last.year)

    def no_incidents(self, days: Sequence[date]) -> str:
        """As "Tue 2–Thu 4: no incidents"; the days are of one week."""
        if len(days) == DAYS_IN_WEEK:
            return self.quiet_week
        first, last = (
            self.weekday_day.format(weekday=self.weekdays[day.weekday()], day=day.day)
            for day in (days[0], days[-1])
        )
        span = self.days.format(first=first, last=last) if len(days) > 1 else first
        return self.quiet_days.format(span)

    def impact_name(self, impact: int | None) -> str:
        return self.not_rated if impact is None else self.impacts[impact]

    def length(self, minutes: float | None, precision: str) -> str:
        if precision == "ongoing":
            return self.ongoing
        if minutes is None:
            return self.unknown_mark
        return format_duration(minutes, about=precision == "about")

    def format_duration_long(self, minutes: float | None, precision: str) -> str:
        """In a sentence: "2h", "about 5m", "length unknown", "ongoing, 3h so far"."""
        if minutes is None:
            return self.length_unknown
        phrases = {"ongoing": self.ongoing_for, "about": self.about}
        return phrases.get(precision, "{}").format(format_duration(minutes))


ENGLISH = Strings()
