"""The grid in words: its text alternative, its caption, the table beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import product

from incidents.grid.drawing import Box, Layout
from incidents.grid.words import ENGLISH, Words
from incidents.weeks import SUNDAY, Period

LONGEST_ALTERNATIVE = 299


@dataclass(frozen=True, slots=True)
class Caption:
    """`text`, and where rows above belong to an earlier bulletin `pointer`, a link to `href`."""

    text: str
    pointer: str = ""
    href: str = ""

    def __str__(self) -> str:
        return f"{self.text}; {self.pointer}" if self.pointer else self.text


@dataclass(frozen=True, slots=True)
class Row:
    """An incident in the table: local day, start as "15:00" in its own zone, words for the rest."""

    day: date
    starts: datetime
    start: str
    title: str
    length: str
    impact: str
    href: str


def caption(
    window: Period,
    period: Period,
    first_weekday: int = SUNDAY,
    *,
    earlier: str = "",
    words: Words = ENGLISH,
) -> Caption:
    """`earlier` is the address of the bulletin that tells of the rows above the period's."""
    above = [week for week in window.weeks(first_weekday) if week.last < period.first]
    if not above or not earlier:
        return Caption(words.caption)
    pointer = words.earlier_row if len(above) == 1 else words.earlier_rows
    return Caption(words.caption, pointer, earlier)


def rows(layout: Layout) -> list[Row]:
    """The incidents of the picture, in time order."""
    words = layout.words
    return [
        Row(
            day=box.entry.day,
            starts=box.entry.starts,
            start=f"{box.entry.starts:%H:%M}",
            title=box.entry.title,
            length=words.length_told(box.minutes, box.entry.precision),
            impact=words.impact_name(box.entry.impact),
            href=box.entry.href,
        )
        for box in layout.boxes
    ]


def alternative(layout: Layout) -> str:
    """Counts a week, the longest, the highest impact, in fewer than 300 characters.

    A title is told whole or not at all: then the date and the start stand for it.
    """
    counts = f"{layout.words.window.format(layout.words.dates(layout.window))} {_counts(layout)}"
    longest, highest = _longest(layout.boxes), _highest(layout.boxes)
    for named, also_named in product((True, False), repeat=2):
        told = [counts, _tell_longest(longest, layout, named)]
        told.append(_tell_highest(highest, layout, also_named))
        text = " ".join(filter(None, told))
        if len(text) <= LONGEST_ALTERNATIVE:
            return text
    return counts[:LONGEST_ALTERNATIVE]


def _counts(layout: Layout) -> str:
    weeks = layout.window.weeks(layout.first_weekday)
    told = []
    for week in weeks:
        number = sum(box.entry.day in week for box in layout.boxes)
        counted = layout.words.count(number)
        told.append(layout.words.week.format(days=layout.words.dates(week), count=counted))
    return " ".join(told)


def _longest(boxes: tuple[Box, ...]) -> Box | None:
    known = [box for box in boxes if box.minutes is not None]
    return max(known, key=lambda box: box.minutes or 0, default=None)


def _highest(boxes: tuple[Box, ...]) -> Box | None:
    judged = [box for box in boxes if box.entry.impact is not None]
    return max(judged, key=lambda box: box.entry.impact or 0, default=None)


def _tell_longest(box: Box | None, layout: Layout, named: bool) -> str:
    if box is None:
        return ""
    length = layout.words.length_told(box.minutes, box.entry.precision)
    return layout.words.longest.format(title=_name(box, layout, named), length=length)


def _tell_highest(box: Box | None, layout: Layout, named: bool) -> str:
    if box is None:
        return ""
    impact = layout.words.impact_name(box.entry.impact)
    return layout.words.highest.format(title=_name(box, layout, named), impact=impact)


def _name(box: Box, layout: Layout, named: bool) -> str:
    if named:
        return " ".join(box.entry.title.split())
    return f"{layout.words.date(box.entry.day)}, {box.entry.starts:%H:%M}"
