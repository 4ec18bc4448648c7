"""A year of weeks as small grids, side by side: the same reading as the grid's, without labels.

Area is length at one scale for all of them, darkness is impact, and a disc claims no length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product
from typing import NamedTuple

from incidents.grid import legend, palette
from incidents.grid.day import MANY, Mark, Scale, floor_of, full_cells
from incidents.grid.drawing import Box, Entry, Patch, Rect, Text
from incidents.grid.labels import CAP
from incidents.grid.packing import Size, Spot, flow, gapped, shelves, skyline
from incidents.grid.words import Words
from incidents.weeks import DAYS_IN_WEEK, Period

# In CSS pixels, where the grids stand at their natural width.
WIDTH = 166.0
GUTTER = 40.0
GAP = 2.0
CELL = Size((WIDTH - GUTTER + GAP) / DAYS_IN_WEEK - GAP, 20.0)
PAD = 1.0
TYPE = 11.0
HEAD = 16.0
SMALLEST = 2.5
DISC = 5.0
EDGE = 0.75
# The legend is as wide as two grids and what is between them.
BETWEEN = 16.0
LEGEND = 2 * WIDTH + BETWEEN
_GAPS = (1.5, 1.0, 0.5, 0.0)
# How much of the plot a box that is cut may give up, step by step.
_SHARES = tuple(0.9**step for step in range(20))
_ROOM = Size(CELL.width - 2 * PAD, CELL.height - 2 * PAD)


@dataclass(frozen=True, slots=True)
class Week:
    """A row to come: its days, which may be fewer than seven, and where it leads, if anywhere."""

    days: Period
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A week on paper."""

    week: Week
    label: Text
    cells: tuple[Rect, ...]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Some weeks below one another, with the names of their days."""

    height: float
    names: tuple[Text, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """The blocks in order, the minutes that a full cell stands for, and the legend's two parts."""

    blocks: tuple[Block, ...]
    full: float
    sizes: tuple[Patch | Text, ...]
    shades: tuple[Patch | Text, ...]
    legend_height: float


def lay_out(
    entries: Iterable[Entry],
    blocks: Sequence[Sequence[Week]],
    *,
    at: datetime,
    first_weekday: int,
    words: Words,
) -> Year:
    """The incidents whose day is in one of the weeks; what is ongoing is measured until `at`."""
    shown = [day for block in blocks for week in block for day in week.days]
    by_day = _by_day(entries, shown)
    days = [_Day.of(there, at) for there in by_day.values()]
    # It ends: at some scale every box is the smallest.
    full = next(full for full in full_cells() if all(day.placed(full) for day in days))
    drawn = {day: _boxes(_Day.of(there, at), full) for day, there in by_day.items()}
    unjudged = any(one.impact is None for there in by_day.values() for one in there)
    sizes, sizes_end = _legend(legend.sample_groups(Scale(full, 0, DISC), _ROOM, TYPE, words))
    shades, shades_end = _legend([_ramp(words, unjudged=unjudged)])
    return Year(
        tuple(_block(weeks, drawn, first_weekday, words) for weeks in blocks),
        full,
        sizes,
        shades,
        max(sizes_end, shades_end),
    )


class _Day(NamedTuple):
    entries: Sequence[Entry]
    marks: Sequence[Mark]
    floor: Scale

    @classmethod
    def of(cls, entries: Sequence[Entry], at: datetime) -> _Day:
        marks = [Mark(one.minutes(at), one.precision == "ongoing", "", "") for one in entries]
        return cls(entries, marks, floor_of(marks, _ROOM, DISC, SMALLEST))

    def placed(self, full: float) -> list[tuple[Size, Spot]] | None:
        """Each box with its place in the plot; one that is cut gives way first."""
        scale = replace(self.floor, full=full)
        shares = _SHARES if any(map(scale.cuts, self.marks)) else (1.0,)
        for share, gap in product(shares, _GAPS):
            sizes = [scale.size(mark, _ROOM, share) for mark in self.marks]
            if spots := _packed(sizes, gap):
                return list(zip(sizes, spots, strict=True))
        return None


def _by_day(entries: Iterable[Entry], shown: Iterable[date]) -> dict[date, list[Entry]]:
    by_day: dict[date, list[Entry]] = {day: [] for day in shown}
    for entry in sorted(entries, key=lambda one: (one.starts.timestamp(), one.slug)):
        if entry.day in by_day:
            by_day[entry.day].append(entry)
    return {day: there for day, there in by_day.items() if there}


def _packed(sizes: Sequence[Size], gap: float) -> list[Spot] | None:
    """In time order where possible, else the tallest first."""
    if spots := flow(sizes, _ROOM, gap, gap):
        return spots
    return gapped(skyline if len(sizes) <= MANY else shelves, sizes, _ROOM, gap)


def _boxes(day: _Day, full: float) -> list[Box]:
    """With the plot's corner at (0, 0)."""
    scale = replace(day.floor, full=full)
    return [
        Box(
            entry=entry,
            minutes=mark.minutes,
            rect=(rect := Rect(*spot, *size)),
            departs=scale.departs(mark, _ROOM),
            torn=scale.cuts(mark),
            edge=EDGE,
            label=(),
            target=rect,
        )
        for entry, mark, (size, spot) in zip(
            day.entries, day.marks, day.placed(full) or (), strict=True
        )
    ]


def _block(
    weeks: Sequence[Week], drawn: Mapping[date, Sequence[Box]], first_weekday: int, words: Words
) -> Block:
    rows: list[Row] = []
    month = 0
    for number, week in enumerate(weeks):
        top = HEAD + number * (CELL.height + GAP)
        new = week.days.first.month != month
        month = week.days.first.month
        rows.append(_row(week, top, drawn, first_weekday, words, named=new))
    names = _weekday_names(first_weekday, words)
    return Block(HEAD + len(weeks) * (CELL.height + GAP) - GAP, names, tuple(rows))


def _row(
    week: Week,
    top: float,
    drawn: Mapping[date, Sequence[Box]],
    first_weekday: int,
    words: Words,
    *,
    named: bool,
) -> Row:
    cells, boxes = [], []
    for day in week.days:
        column = (day.weekday() - first_weekday) % DAYS_IN_WEEK
        cell = Rect(GUTTER + column * (CELL.width + GAP), top, *CELL)
        cells.append(cell)
        boxes += [_moved(box, cell.x + PAD, cell.y + PAD) for box in drawn.get(day, ())]
    first = week.days.first
    label = words.date(first) if named else str(first.day)
    ink = palette.INK if named else palette.MUTED
    baseline = top + (CELL.height + CAP * TYPE) / 2
    text = Text(GUTTER - 5, baseline, (label,), TYPE, named, ink, "end")
    return Row(week, text, tuple(cells), tuple(boxes))


def _moved(box: Box, x: float, y: float) -> Box:
    rect = box.rect._replace(x=box.rect.x + x, y=box.rect.y + y)
    return replace(box, rect=rect, target=rect)


def _weekday_names(first_weekday: int, words: Words) -> tuple[Text, ...]:
    """As short as they can be told apart, left out where that isn't short enough."""
    named = [words.weekdays[(first_weekday + n) % DAYS_IN_WEEK] for n in range(DAYS_IN_WEEK)]
    for letters in (1, 2):
        short = [name[:letters] for name in named]
        if len(set(short)) == DAYS_IN_WEEK:
            size = 0.8 * TYPE
            left = GUTTER + CELL.width / 2
            return tuple(
                Text(left + n * (CELL.width + GAP), HEAD - 6, (name,), size, anchor="middle")
                for n, name in enumerate(short)
            )
    return ()


def _ramp(words: Words, *, unjudged: bool) -> legend.Group:
    """In smaller type where a language's names are too long for one line."""
    ramp = legend.ramp_group(TYPE, words, unjudged=unjudged)
    if ramp.width <= LEGEND - 2:
        return ramp
    return legend.ramp_group(TYPE * (LEGEND - 8) / ramp.width, words, unjudged=unjudged)


def _legend(groups: Sequence[legend.Group]) -> tuple[tuple[Patch | Text, ...], float]:
    """Below the cells where it is narrow enough."""
    widest = max(group.width for group in groups)
    left = min(GUTTER, LEGEND - 1 - widest)
    patches, texts, bottom = legend.laid(groups, None, left, 0, LEGEND - left, TYPE)
    return (*patches, *texts), bottom
