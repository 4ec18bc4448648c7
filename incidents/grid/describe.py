"""The grid in words: its text alternative, and the table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from incidents.grid.boxes import BoxSpec
from incidents.grid.shapes import Box, Entry, Layout
from incidents.grid.strings import Strings
from incidents.weeks import Period

MAX_ALT_TEXT = 299


def rows(layout: Layout) -> list[tuple[Entry, str, str]]:
    """Of the table: each incident with texts for its length and impact."""
    strings = layout.strings
    return [
        (
            box.entry,
            strings.format_duration_long(box.minutes, box.entry.precision),
            strings.impact_name(box.entry.impact),
        )
        for box in layout.boxes
    ]


def alt_text(layout: Layout) -> str:
    return describe_window(layout.boxes, layout.window, layout.first_weekday, layout.strings)


def describe_window(
    boxes: Sequence[Box | BoxSpec], window: Period, first_weekday: int, strings: Strings
) -> str:
    """Counts a week, the longest, the highest impact, in fewer than 300 characters; `boxes` are in
    time order. A title is whole or left out: then the date and the start stand for it.
    """
    counts = [strings.window.format(strings.dates(window))]
    for week in window.weeks(first_weekday):
        counts.append(_count(week, sum(box.entry.day in week for box in boxes), strings))
    for named, also_named in product((True, False), repeat=2):
        extremes = _longest(boxes, strings, named), _highest(boxes, strings, also_named)
        text = " ".join(filter(None, [*counts, *extremes]))
        if len(text) <= MAX_ALT_TEXT:
            return text
    return " ".join(counts)[:MAX_ALT_TEXT]


def count_and_extremes(week: Period, boxes: Sequence[Box], strings: Strings) -> str:
    count = _count(week, len(boxes), strings)
    return " ".join(filter(None, [count, _longest(boxes, strings), _highest(boxes, strings)]))


def describe_box(box: Box, strings: Strings) -> str:
    entry = box.entry
    return strings.described.format(
        date=strings.format_date(entry.day),
        start=entry.start_time,
        length=strings.format_duration_long(box.minutes, entry.precision),
        impact=strings.impact.format(strings.impact_name(entry.impact)),
    )


def _count(week: Period, number: int, strings: Strings) -> str:
    return strings.week.format(days=strings.dates(week), count=strings.count(number))


def _longest(boxes: Sequence[Box | BoxSpec], strings: Strings, named: bool = True) -> str:
    known = [box for box in boxes if box.minutes is not None]
    if not known:
        return ""
    box = max(known, key=lambda box: box.minutes or 0)
    length = strings.format_duration_long(box.minutes, box.entry.precision)
    return strings.longest.format(title=_name(box.entry, strings, named), length=length)


def _highest(boxes: Sequence[Box | BoxSpec], strings: Strings, named: bool = True) -> str:
    rated = [box.entry for box in boxes if box.entry.impact is not None]
    if not rated:
        return ""
    entry = max(rated, key=lambda entry: entry.impact or 0)
    impact = strings.impact_name(entry.impact)
    return strings.highest.format(title=_name(entry, strings, named), impact=impact)


def _name(entry: Entry, strings: Strings, named: bool) -> str:
    if named:
        return " ".join(entry.title.split())
    return f"{strings.format_date(entry.day)}, {entry.start_time}"
