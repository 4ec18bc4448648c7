"""A year of weeks as small grids, side by side: the same reading as the grid's, without labels.

Area is length at one scale, the same in every year, darkness is impact, and a disc claims no
length. Where a day is too crowded, its longest boxes are cut, with a torn edge, until all fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product
from math import sqrt
from typing import NamedTuple

from incidents.grid import palette
from incidents.grid.day import MANY
from incidents.grid.labels import CAP
from incidents.grid.packing import Point, Size, pack_rows, pack_shelves, pack_skyline, with_gap
from incidents.grid.scale import FULL_CELLS, BoxSpec, Scale, min_scale_of
from incidents.grid.shapes import Box, Entry, Rect, Text
from incidents.grid.strings import Strings
from incidents.weeks import DAYS_IN_WEEK, Period

# In CSS pixels, where the grids stand at their natural width.
WIDTH = 166.0
GUTTER = 40.0
GAP = 2.0
STEP = (WIDTH - GUTTER + GAP) / DAYS_IN_WEEK
CELL = Size(STEP - GAP, 20.0)
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
ROOM = Size(CELL.width - 2 * PAD, CELL.height - 2 * PAD)


class Week(NamedTuple):
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

    @property
    def is_truncated(self) -> bool:
        """Whether any box has a torn edge: where one is cut and not over, its edge is open."""
        return any(
            box.is_truncated and not box.is_ongoing for row in self.rows for box in row.boxes
        )


def lay_out(
    entries: Iterable[Entry],
    blocks: Iterable[Sequence[Week]],
    *,
    at: datetime,
    first_weekday: int,
    strings: Strings,
) -> list[Block]:
    """The incidents whose day is in one of the weeks; what is ongoing is measured until `at`."""
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda one: one.in_time):
        by_day[entry.day].append(entry)
    drawn = {day: _boxes(there, at) for day, there in by_day.items()}
    return [_block(weeks, drawn, first_weekday, strings) for weeks in blocks]


def _packed(sizes: Sequence[Size], gap: float) -> list[Point] | None:
    """In time order where possible, else the tallest first."""
    if sum(size.width * size.height for size in sizes) > ROOM.width * ROOM.height:
        return None
    if points := pack_rows(sizes, ROOM, gap, gap):
        return points
    return with_gap(pack_skyline if len(sizes) <= MANY else pack_shelves, sizes, ROOM, gap)


def _boxes(entries: Sequence[Entry], at: datetime) -> list[Box]:
    """A day's, with the corner of its plot at (0, 0)."""
    specs = [BoxSpec(one.minutes(at), one.precision == "ongoing", "", "") for one in entries]
    scale = replace(min_scale_of(specs, ROOM, DISC, SMALLEST), full=FULL)
    share, placed = _placed(specs, scale)
    most = FULL * max(share, scale.min_side(ROOM)) ** 2
    boxes = []
    for entry, spec, rect in zip(entries, specs, placed, strict=True):
        torn = spec.minutes is not None and spec.minutes > most
        departs = "cap" if torn and not spec.ongoing else scale.not_to_scale(spec, ROOM)
        boxes.append(Box(entry, spec.minutes, rect, departs, torn, EDGE, (), rect))
    return boxes


def _placed(specs: Sequence[BoxSpec], scale: Scale) -> tuple[float, list[Rect]]:
    """The largest share of the plot's sides at which the day holds its boxes, and these."""
    for share, gap in product(_SHARES, _GAPS):
        sizes = [_size(spec, scale, share) for spec in specs]
        if points := _packed(sizes, gap):
            return share, [Rect(*point, *size) for point, size in zip(points, sizes, strict=True)]
    raise AssertionError("the smallest boxes of a day fit it")


def _size(spec: BoxSpec, scale: Scale, share: float) -> Size:
    if spec.minutes is None:
        return Size(scale.disc, scale.disc)
    side = max(scale.min_side(ROOM), min(share, sqrt(spec.minutes / FULL)))
    return Size(ROOM.width * side, ROOM.height * side)


def _block(
    weeks: Sequence[Week], drawn: Mapping[date, Sequence[Box]], first_weekday: int, strings: Strings
) -> Block:
    tops = [HEAD + number * (CELL.height + GAP) for number in range(len(weeks) + 1)]
    months = [week.days.first.month for week in weeks]
    rows = [
        _row(week, top, drawn, first_weekday, _label(week, top, strings, named=month != before))
        for week, top, month, before in zip(weeks, tops, months, [0, *months], strict=False)
    ]
    return Block(tops[-1] - GAP, _weekday_names(first_weekday, strings), tuple(rows))


def _label(week: Week, top: float, strings: Strings, *, named: bool) -> Text:
    """The date of its first day, and the month where it is `named`."""
    label = strings.date(week.days.first) if named else str(week.days.first.day)
    ink = palette.INK if named else palette.MUTED
    return Text(GUTTER - 5, top + (CELL.height + CAP * TYPE) / 2, (label,), TYPE, named, ink, "end")


def _row(
    week: Week, top: float, drawn: Mapping[date, Sequence[Box]], first_weekday: int, label: Text
) -> Row:
    left = GUTTER + (week.days.first.weekday() - first_weekday) % DAYS_IN_WEEK * STEP
    boxes = [
        _moved(box, left + column * STEP + PAD, top + PAD)
        for column, day in enumerate(week.days)
        for box in drawn.get(day, ())
    ]
    cells = Rect(left, top, len(week.days) * STEP - GAP, CELL.height)
    return Row(week, label, cells, tuple(boxes))


def _moved(box: Box, x: float, y: float) -> Box:
    rect = Rect(round(box.rect.x + x, 2), round(box.rect.y + y, 2), *box.rect[2:])
    return replace(box, rect=rect, target=rect)


def _weekday_names(first_weekday: int, strings: Strings) -> tuple[Text, ...]:
    """Their first two letters, where these tell them apart."""
    names = [strings.weekdays[(first_weekday + n) % DAYS_IN_WEEK][:2] for n in range(DAYS_IN_WEEK)]
    if len(set(names)) < DAYS_IN_WEEK:
        return ()
    middles = [GUTTER + CELL.width / 2 + n * STEP for n in range(DAYS_IN_WEEK)]
    return tuple(
        Text(middle, HEAD - 6, (name,), 0.8 * TYPE, anchor="middle")
        for middle, name in zip(middles, names, strict=True)
    )
