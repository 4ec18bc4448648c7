"""A year of weeks as small grids, side by side: the same reading as the grid's, without labels.

Area is length at one scale, the same in every year, darkness is impact, and a disc claims no
length. Where a day is too crowded, its longest boxes are cut, with a torn edge, until all fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import product
from typing import NamedTuple
from xml.etree.ElementTree import Element

from incidents.grid import legend, packing, palette
from incidents.grid.boxes import CAP, FULL_CELLS, BoxSpec, Scale, min_scale
from incidents.grid.day import MANY
from incidents.grid.describe import count_and_extremes, describe_box
from incidents.grid.packing import Point, Size
from incidents.grid.shapes import Box, Entry, Rect, Text, group_by_day
from incidents.grid.strings import Strings
from incidents.grid.svg import drawing, edge, element, number, patch, path, rect, text
from incidents.weeks import DAYS_IN_WEEK, Period

# In CSS pixels, where the grids have their natural width.
WIDTH = 166.0
GUTTER = 40.0
GAP = 2.0
STEP = (WIDTH - GUTTER + GAP) / DAYS_IN_WEEK
CELL = Size(STEP - GAP, 20.0)
PAD = 1.0
ROOM = Size(CELL.width - 2 * PAD, CELL.height - 2 * PAD)
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


class Week(NamedTuple):
    """A row: its days, which may be fewer than seven, and its link, if any."""

    days: Period
    href: str


def lay_out(entries: Iterable[Entry], at: datetime) -> dict[date, list[Box]]:
    """The boxes of each day, with the corner of its plot at (0, 0); what is ongoing is measured
    until `at`."""
    return {day: _boxes(of_day, at) for day, of_day in group_by_day(entries).items()}


def draw(
    weeks: Sequence[Week], boxes: Mapping[date, Sequence[Box]], first_weekday: int, strings: Strings
) -> str:
    """The weeks below one another. Each is one link, so that the keyboard stops once a week."""
    parts = _weekday_names(first_weekday, strings)
    top, month = HEAD, 0
    for week in weeks:
        first = week.days.first
        left = GUTTER + (first.weekday() - first_weekday) % DAYS_IN_WEEK * STEP
        label = _label(first, top, first.month != month, strings)
        parts.append(_row(week, Point(left, top), boxes, label, strings))
        top, month = top + CELL.height + GAP, first.month
    days = strings.dates_and_year(Period(weeks[0].days.first, weeks[-1].days.last))
    return drawing((WIDTH, top - GAP, TYPE), *parts, role="group", aria_label=days)


def legends(strings: Strings, *, unrated: bool) -> list[str]:
    ramp = legend.ramp_group(TYPE, strings, unrated=unrated)
    if ramp.width > LEGEND - 2:
        # In smaller type where a language's names are too long for one line.
        ramp = legend.ramp_group(TYPE * (LEGEND - 8) / ramp.width, strings, unrated=unrated)
    samples = legend.sample_groups(Scale(FULL, 0, DISC), ROOM, TYPE, strings)
    return [_draw_legend(samples), _draw_legend([ramp])]


def _boxes(entries: Sequence[Entry], at: datetime) -> list[Box]:
    specs = [BoxSpec(entry, entry.minutes(at)) for entry in entries]
    scale = replace(min_scale(specs, ROOM, DISC, SMALLEST), full=FULL)
    share, rects = _place(specs, scale)
    most = FULL * max(share, scale.min_side(ROOM)) ** 2
    boxes = []
    for spec, area in zip(specs, rects, strict=True):
        is_cut = spec.minutes is not None and spec.minutes > most
        reason = "cap" if is_cut and not spec.is_ongoing else scale.not_to_scale(spec, ROOM)
        boxes.append(Box(spec.entry, spec.minutes, area, reason, is_cut, EDGE, (), area))
    return boxes


def _place(specs: Sequence[BoxSpec], scale: Scale) -> tuple[float, list[Rect]]:
    """The largest share of the plot's sides at which the day holds its boxes, and these."""
    for share, gap in product(_SHARES, _GAPS):
        sizes = scale.sizes(specs, ROOM, share, limit=share)
        if points := _pack(sizes, gap):
            return share, [Rect(*point, *size) for point, size in zip(points, sizes, strict=True)]
    raise AssertionError("the smallest boxes of a day fit it")


def _pack(sizes: Sequence[Size], gap: float) -> list[Point] | None:
    if not packing.area_fits(ROOM, sizes):
        return None
    pack = packing.pack_skyline if len(sizes) <= MANY else packing.pack_shelves
    in_order = packing.pack_rows(sizes, ROOM, gap, gap)
    return in_order or packing.with_gap(pack, sizes, ROOM, gap)


def _weekday_names(first_weekday: int, strings: Strings) -> list[Element]:
    order = [(first_weekday + n) % DAYS_IN_WEEK for n in range(DAYS_IN_WEEK)]
    names = [strings.weekdays[weekday][:2] for weekday in order]
    if len(set(names)) < DAYS_IN_WEEK:
        return []
    middles = [GUTTER + CELL.width / 2 + n * STEP for n in range(DAYS_IN_WEEK)]
    return [
        text(Text(middle, HEAD - 6, (name,), 0.8 * TYPE, anchor="middle"), TYPE)
        for middle, name in zip(middles, names, strict=True)
    ]


def _label(day: date, top: float, is_new_month: bool, strings: Strings) -> Element:
    name = strings.format_date(day) if is_new_month else str(day.day)
    ink = palette.INK if is_new_month else palette.MUTED
    baseline = top + (CELL.height + CAP * TYPE) / 2
    return text(Text(GUTTER - 5, baseline, (name,), TYPE, is_new_month, ink, "end"), TYPE)


def _row(
    week: Week,
    corner: Point,
    boxes: Mapping[date, Sequence[Box]],
    label: Element,
    strings: Strings,
) -> Element:
    placed = []
    for column, day in enumerate(week.days):
        for box in boxes.get(day, ()):
            x, y, *size = box.rect.moved(corner.x + column * STEP + PAD, corner.y + PAD)
            placed.append(replace(box, rect=Rect(round(x, 2), round(y, 2), *size)))
    parts = [_cells(corner, len(week.days))]
    if placed:
        rects = (_draw_box(box, strings) for box in placed)
        parts.append(element("g", *rects, stroke=palette.EDGE, stroke_width=EDGE))
        parts += [line for box in placed for line in edge(box)]
    parts.append(label)
    words = count_and_extremes(week.days, placed, strings)
    if week.href:
        return element("a", *parts, href=week.href, aria_label=words)
    return element("g", *parts, role="img", aria_label=words)


def _cells(corner: Point, number_of_days: int) -> Element:
    """All in one line of dashes."""
    width = number_of_days * STEP - GAP
    return path(
        f"M{number(corner.x)} {number(corner.y + CELL.height / 2)}h{number(width)}",
        stroke=palette.CELL,
        stroke_width=CELL.height,
        stroke_dasharray=f"{number(CELL.width)} {number(GAP)}",
    )


def _draw_box(box: Box, strings: Strings) -> Element:
    radius = box.rect.width / 2 if box.is_disc else None
    title = element("title", f"{box.entry.title}. {describe_box(box, strings)}")
    return rect(box.rect, title, fill=box.fill, rx=radius)


def _draw_legend(groups: list[legend.Group]) -> str:
    # Below the cells where it is narrow enough.
    widest = max(group.width for group in groups)
    left = min(GUTTER, LEGEND - 1 - widest)
    patches, texts, bottom = legend.arrange(groups, None, left, 1, LEGEND - left, TYPE)
    parts = [*map(patch, patches), *(text(written, TYPE) for written in texts)]
    return drawing((LEGEND, bottom, TYPE), *parts, class_="legend")
