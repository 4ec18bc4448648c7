"""The geometry of the grid: a pure function of incidents, window, shape and instant.

Area is length, at one scale for the whole grid; darkness is impact. Every drawing and every
word about the grid is made from the one Layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import NamedTuple

from incidents.grid import legend, palette
from incidents.grid.calendar import LEGEND, Frame, Plan, frame, legend_room
from incidents.grid.day import MANY, PlacedBox, arrange, center_vertically, may_fit
from incidents.grid.packing import Size
from incidents.grid.scale import SMALLEST_SIDE, BoxSpec, Scale, full_cells, min_scale_of
from incidents.grid.shapes import Box, Cell, Entry, Layout, Rect, Shape, Text
from incidents.grid.strings import ENGLISH, Strings
from incidents.weeks import SUNDAY, Period

WIDE = Shape(
    name="wide", width=760, type=12, margin=10, gutter=72, gap=4, pad=6, header=22, plot_height=72
)
NARROW = Shape(
    name="narrow", width=360, type=12, margin=14, gutter=50, gap=4, pad=6, header=0,
    plot_height=48, days_down=True,
)  # fmt: skip
# Feeds show it 360 CSS pixels wide, where type needs 8 of them: 14.3 of these.
PICTURE = Shape(
    name="picture", width=640, type=14.3, margin=10, gutter=0, gap=4, pad=5, header=25,
    plot_height=128,
)  # fmt: skip
CARD = Shape(
    name="card", width=600, height=315, type=13.35, margin=15, gutter=55, gap=4, pad=4, header=18,
    plot_height=0,
)  # fmt: skip
# In units of the type size.
DISC = 1.25
MIN_TARGET = 24.0
THIN_BELOW = 5.0


class _Day(NamedTuple):
    cell: Cell
    entries: Sequence[Entry]
    specs: Sequence[BoxSpec]
    min_scale: Scale

    @property
    def room(self) -> Size:
        return Size(self.cell.plot.width, self.cell.plot.height)

    def scale(self, full: float) -> Scale:
        return replace(self.min_scale, full=full)


def lay_out(
    entries: Iterable[Entry],
    window: Period,
    shape: Shape,
    *,
    at: datetime,
    period: Period,
    first_weekday: int = SUNDAY,
    strings: Strings = ENGLISH,
    title: str = "",
) -> Layout:
    """The picture of the incidents whose day is in `window`; others are ignored.

    What is ongoing is measured until `at`. The order of `entries` does not matter.
    """
    shown = sorted((one for one in entries if one.day in window), key=lambda one: one.in_time)
    by_day = {day: [one for one in shown if one.day == day] for day in {one.day for one in shown}}
    weeks, busy = window.weeks(first_weekday), by_day.keys()
    plan = Plan(shape=shape, weeks=weeks, period=period, busy=busy, strings=strings, title=title)
    paper = frame(plan)
    days = [_day(cell, by_day[cell.day], plan, at) for cell in paper.cells if cell.day in by_day]
    scale, boxes = _to_scale(days, shape)
    height = _add_legend(paper, plan, scale, unrated=any(one.impact is None for one in shown))
    return Layout(
        shape=shape,
        width=shape.width,
        height=shape.height or height,
        title=title,
        window=window,
        period=period,
        first_weekday=first_weekday,
        at=at,
        strings=strings,
        full=scale.full,
        cells=tuple(paper.cells),
        patches=tuple(paper.patches),
        texts=tuple(paper.texts),
        boxes=tuple(sorted(boxes, key=lambda box: box.entry.in_time)),
    )


def _day(cell: Cell, entries: Sequence[Entry], plan: Plan, at: datetime) -> _Day:
    specs = [_box_spec(entry, at, plan.strings) for entry in entries]
    room = Size(cell.plot.width, cell.plot.height)
    return _Day(cell, entries, specs, min_scale_of(specs, room, _disc(plan.shape)))


def _box_spec(entry: Entry, at: datetime, strings: Strings) -> BoxSpec:
    minutes = entry.minutes(at)
    length = strings.length(minutes, entry.precision)
    return BoxSpec(
        minutes,
        entry.precision == "ongoing",
        f"{entry.starts.hour:02}:{entry.starts.minute:02}",
        length,
    )


def _disc(shape: Shape) -> float:
    return round(DISC * shape.type)


def _one_disc(days: Sequence[_Day], shape: Shape) -> float:
    """The size of every disc: that of the day with least room for its own, unless a day is so
    crowded that all its boxes are smaller than boxes should be."""
    needed = [day.min_scale for day in days if any(spec.minutes is None for spec in day.specs)]
    sizes = [floor.disc for floor in needed if floor.smallest >= SMALLEST_SIDE]
    return min([_disc(shape), *sizes])


def _to_scale(days: Sequence[_Day], shape: Shape) -> tuple[Scale, list[Box]]:
    """The legend's scale, with the first length of a full cell at which every day holds its
    boxes; and these."""
    disc = _one_disc(days, shape)
    days = [day._replace(min_scale=day.min_scale.with_disc(disc)) for day in days]
    full, placed = _arranged(days, shape)
    boxes = [
        box
        for day, there in zip(days, placed, strict=True)
        for box in _boxes(day, there, full, shape)
    ]
    return Scale(full, 0, disc), boxes


def _arranged(days: Sequence[_Day], shape: Shape) -> tuple[float, list[list[PlacedBox]]]:
    """It ends: at some scale every box is the smallest."""
    placed: dict[date, list[PlacedBox]] = {}
    tried = sorted(days, key=lambda day: -sum(spec.minutes or 0 for spec in day.specs))
    for full in full_cells():
        if not all(may_fit(day.specs, day.room, day.scale(full)) for day in tried):
            continue
        for day in tried:
            there = arrange(day.specs, day.room, day.scale(full), shape.type)
            if there is None:
                # The likeliest to find no room at the next scale either.
                tried = [day, *(one for one in tried if one is not day)]
                break
            placed[day.cell.day] = there
        else:
            return full, [placed[day.cell.day] for day in days]
    raise AssertionError("there is always a larger scale")


def _boxes(day: _Day, placed: Sequence[PlacedBox], full: float, shape: Shape) -> list[Box]:
    scale = day.scale(full)
    if shape.days_down:
        placed = center_vertically(placed)
    rects = [_on_paper(one, day.cell.plot) for one in placed]
    targets = _targets(rects, [_bounds(one, day.cell.plot) for one in placed], day.cell.rect)
    return [
        Box(
            entry=entry,
            minutes=spec.minutes,
            rect=rect,
            not_to_scale=scale.not_to_scale(spec, day.room),
            is_truncated=scale.cuts(spec),
            edge=1 if min(rect.width, rect.height) >= THIN_BELOW else 0.5,
            label=_label(one, day.cell.plot, entry, shape.type),
            target=target,
        )
        for entry, spec, one, rect, target in zip(
            day.entries, day.specs, placed, rects, targets, strict=True
        )
    ]


def _on_paper(placed: PlacedBox, plot: Rect) -> Rect:
    return Rect(plot.x + placed.point.x, plot.y + placed.point.y, *placed.size)


def _bounds(placed: PlacedBox, plot: Rect) -> Rect:
    """The box with its label."""
    rect = _on_paper(placed, plot)
    if placed.label is None:
        return rect
    x, y = placed.label_at
    return rect.around(Rect(plot.x + x, plot.y + y, *placed.label.size))


def _label(placed: PlacedBox, plot: Rect, entry: Entry, size: float) -> tuple[Text, ...]:
    if placed.label is None:
        return ()
    shade_ink = palette.ink_on(palette.shade(entry.impact)) if placed.inside else None
    x, y = plot.x + placed.label_at.x, plot.y + placed.label_at.y
    return tuple(
        Text(
            x + run.x,
            y + run.y,
            (run.text,),
            size,
            run.bold,
            shade_ink or (palette.INK if run.bold else palette.MUTED),
        )
        for run in placed.label.runs
    )


def _targets(rects: Sequence[Rect], bounds: Sequence[Rect], cell: Rect) -> list[Rect]:
    """The clickable areas: a box and its label, MIN_TARGET wide and tall if there is room."""
    targets = list(rects)
    if len(rects) > MANY:
        return targets
    for index, (rect, reach) in enumerate(zip(rects, bounds, strict=True)):
        others = targets[:index] + targets[index + 1 :]
        labelled = [] if reach == rect else [_widened(reach, cell), reach]
        for wish in (*labelled, _widened(rect, cell)):
            if not any(map(wish.overlaps, others)):
                targets[index] = wish
                break
    return targets


def _widened(rect: Rect, cell: Rect) -> Rect:
    width, height = max(rect.width, MIN_TARGET), max(rect.height, MIN_TARGET)
    x = min(max(rect.x - (width - rect.width) / 2, cell.x), cell.right - width)
    y = min(max(rect.y - (height - rect.height) / 2, cell.y), cell.bottom - height)
    return Rect(x, y, width, height)


def _add_legend(paper: Frame, plan: Plan, scale: Scale, *, unrated: bool) -> int:
    """Below the days; the ramp of a card stands at its head. Returns where the picture ends."""
    shape, strings, size = plan.shape, plan.strings, plan.shape.type
    groups = legend.sample_groups(scale, paper.plot, size, strings)
    ramp = legend.ramp_group(size, strings, unrated=unrated)
    left, room = legend_room(shape)
    if shape.height:
        paper.add(*ramp.moved(left + room - ramp.width, paper.dates))
    last = None if shape.height else ramp
    patches, texts, bottom = legend.laid(
        groups, last, left, paper.bottom + LEGEND * size, room, size
    )
    paper.add(patches, texts)
    return round(bottom + shape.margin)
