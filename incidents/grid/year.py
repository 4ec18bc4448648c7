"""A year of weeks as small grids, side by side: the same reading as the grid's, without labels.

Area is length at one scale, the same in every year, darkness is impact, and a disc claims no
length. Where a day is too crowded, its longest boxes are cut, with a torn edge, until all fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product
from math import sqrt

from incidents.grid import legend, palette
from incidents.grid.day import FULL_CELLS, MANY, Mark, Scale, floor_of
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
# The minutes of a full plot.
FULL = FULL_CELLS[0]
_GAPS = (1.5, 1.0, 0.5, 0.0)
# How much of the plot's sides a box may take, until its day holds all.
_SHARES = (*(0.95**step for step in range(50)), 0.0)
_ROOM = Size(CELL.width - 2 * PAD, CELL.height - 2 * PAD)


@dataclass(frozen=True, slots=True)
class Week:
    """A row to come: its days, which may be fewer than seven, and where it leads, if anywhere."""

    days: Period
    href: str


@dataclass(frozen=True, slots=True)
class Row:
    """A week on paper; its cells stand in a line, GAP apart."""

    week: Week
    label: Text
    cells: Rect
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Some weeks below one another, with the names of their days."""

    height: float
    names: tuple[Text, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """The blocks in order, and the legend's two parts."""

    blocks: tuple[Block, ...]
    sizes: tuple[Patch | Text, ...]
    shades: tuple[Patch | Text, ...]
    legend_height: float

    @property
    def torn(self) -> bool:
        """Whether any box has a torn edge: where one is cut and not over, its edge is open."""
        rows = (row for block in self.blocks for row in block.rows)
        return any(box.torn and not box.open for row in rows for box in row.boxes)


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
    drawn = {day: _boxes(there, at) for day, there in by_day.items()}
    unjudged = any(one.impact is None for there in by_day.values() for one in there)
    sizes, sizes_end = _legend(legend.sample_groups(Scale(FULL, 0, DISC), _ROOM, TYPE, words))
    shades, shades_end = _legend([_ramp(words, unjudged=unjudged)])
    return Year(
        tuple(_block(weeks, drawn, first_weekday, words) for weeks in blocks),
        sizes,
        shades,
        max(sizes_end, shades_end),
    )


def _by_day(entries: Iterable[Entry], shown: Iterable[date]) -> dict[date, list[Entry]]:
    by_day: dict[date, list[Entry]] = {day: [] for day in shown}
    for entry in sorted(entries, key=lambda one: (one.starts.timestamp(), one.slug)):
        if entry.day in by_day:
            by_day[entry.day].append(entry)
    return {day: there for day, there in by_day.items() if there}


def _packed(sizes: Sequence[Size], gap: float) -> list[Spot] | None:
    """In time order where possible, else the tallest first."""
    if sum(size.width * size.height for size in sizes) > _ROOM.width * _ROOM.height:
        return None
    if spots := flow(sizes, _ROOM, gap, gap):
        return spots
    return gapped(skyline if len(sizes) <= MANY else shelves, sizes, _ROOM, gap)


def _boxes(entries: Sequence[Entry], at: datetime) -> list[Box]:
    """A day's, with the corner of its plot at (0, 0)."""
    marks = [Mark(one.minutes(at), one.precision == "ongoing", "", "") for one in entries]
    scale = replace(floor_of(marks, _ROOM, DISC, SMALLEST), full=FULL)
    share, placed = _placed(marks, scale)
    boxes = []
    for entry, mark, rect in zip(entries, marks, placed, strict=True):
        torn = (
            mark.minutes is not None and mark.minutes > FULL * max(share, scale.least(_ROOM)) ** 2
        )
        departs = "cap" if torn and not mark.ongoing else scale.departs(mark, _ROOM)
        boxes.append(Box(entry, mark.minutes, rect, departs, torn, EDGE, (), rect))
    return boxes


def _placed(marks: Sequence[Mark], scale: Scale) -> tuple[float, list[Rect]]:
    """The largest share of the plot's sides at which the day holds its boxes, and these."""
    for share, gap in product(_SHARES, _GAPS):
        sizes = [_size(mark, scale, share) for mark in marks]
        if spots := _packed(sizes, gap):
            return share, [Rect(*spot, *size) for spot, size in zip(spots, sizes, strict=True)]
    raise AssertionError("the smallest boxes of a day fit it")


def _size(mark: Mark, scale: Scale, share: float) -> Size:
    if mark.minutes is None:
        return Size(scale.disc, scale.disc)
    side = max(scale.least(_ROOM), min(share, sqrt(mark.minutes / FULL)))
    return Size(_ROOM.width * side, _ROOM.height * side)


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
    first, step = week.days.first, CELL.width + GAP
    left = GUTTER + (first.weekday() - first_weekday) % DAYS_IN_WEEK * step
    boxes = [
        _moved(box, left + column * step + PAD, top + PAD)
        for column, day in enumerate(week.days)
        for box in drawn.get(day, ())
    ]
    cells = Rect(left, top, len(week.days) * step - GAP, CELL.height)
    label = words.date(first) if named else str(first.day)
    ink = palette.INK if named else palette.MUTED
    baseline = top + (CELL.height + CAP * TYPE) / 2
    text = Text(GUTTER - 5, baseline, (label,), TYPE, named, ink, "end")
    return Row(week, text, cells, tuple(boxes))


def _moved(box: Box, x: float, y: float) -> Box:
    rect = Rect(round(box.rect.x + x, 2), round(box.rect.y + y, 2), *box.rect[2:])
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
    patches, texts, bottom = legend.laid(groups, None, left, 1, LEGEND - left, TYPE)
    return (*patches, *texts), bottom
