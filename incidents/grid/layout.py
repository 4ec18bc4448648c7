"""The geometry of the grid: a pure function of incidents, window, shape and instant.

Area is length, at one scale for the whole grid; darkness is impact. Every drawing and every
text about the grid is made from the one Layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from incidents.grid import legend, palette
from incidents.grid.boxes import SMALLEST_SIDE, BoxSpec, PlacedBox, Scale, full_cells, min_scale
from incidents.grid.calendar import LEGEND, Calendar
from incidents.grid.day import MANY, Day
from incidents.grid.fonts import can_draw
from incidents.grid.shapes import Box, Cell, Entry, Layout, Rect, Shape, Text, group_by_day
from incidents.grid.strings import ENGLISH, Strings
from incidents.weeks import SUNDAY, Period

WIDE = Shape(
    name="wide", width=760, type=12, margin=10, gutter=72, pad=6, header=22, plot_height=72
)
NARROW = Shape(
    name="narrow", width=360, type=12, margin=14, gutter=50, pad=6, header=0,
    plot_height=48, days_down=True,
)  # fmt: skip
# Feeds show it 360 CSS pixels wide, where type needs 8 of them: 14.3 of these.
PICTURE = Shape(
    name="picture", width=640, type=14.3, margin=10, gutter=0, pad=5, header=25,
    plot_height=128, is_png=True,
)  # fmt: skip
CARD = Shape(
    name="card", width=600, height=315, type=13.35, margin=15, gutter=55, pad=4, header=18,
    plot_height=0, is_png=True,
)  # fmt: skip
# In units of the type size.
DISC = 1.25
MIN_TARGET = 24.0
THIN_BELOW = 5.0


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
    by_day = group_by_day(entry for entry in entries if entry.day in window)
    # A picture with half of its words left out says little.
    drawn_strings = strings if can_draw(strings) or not shape.is_png else ENGLISH
    weeks = window.weeks(first_weekday)
    calendar = Calendar(shape, weeks, period, by_day.keys(), drawn_strings, title)
    calendar.draw()
    cells = [cell for cell in calendar.cells if cell.day in by_day]
    scale, boxes = _to_scale([_day(cell, by_day[cell.day], calendar, at) for cell in cells], shape)
    bottom = _add_legend(calendar, scale, boxes)
    return Layout(
        shape=shape,
        width=shape.width,
        height=shape.height or bottom,
        window=window,
        first_weekday=first_weekday,
        strings=strings,
        full=scale.full,
        cells=tuple(calendar.cells),
        patches=tuple(calendar.patches),
        texts=tuple(calendar.texts),
        boxes=tuple(sorted(boxes, key=lambda box: box.entry.sort_key)),
    )


def _day(cell: Cell, entries: Sequence[Entry], calendar: Calendar, at: datetime) -> Day:
    specs = []
    for entry in entries:
        minutes = entry.minutes(at)
        specs.append(BoxSpec(entry, minutes, calendar.strings.length(minutes, entry.precision)))
    scale = min_scale(specs, cell.plot.size, _disc(calendar.shape))
    return Day(cell, specs, scale, calendar.shape.type)


def _disc(shape: Shape) -> float:
    return round(DISC * shape.type)


def _to_scale(days: Sequence[Day], shape: Shape) -> tuple[Scale, list[Box]]:
    """The first scale at which every day holds its boxes, and these.

    There is one: at some scale every box is the smallest. All discs are as large as on the day with
    least room for them, but a day so crowded that all its boxes are too small does not count.
    """
    roomy = [day for day in days if day.scale.smallest >= SMALLEST_SIDE]
    sizes = [day.scale.disc for day in roomy if any(spec.minutes is None for spec in day.specs)]
    disc = min([_disc(shape), *sizes])
    # The fullest first: it is the likeliest to find no room.
    days = sorted(days, key=lambda day: -sum(spec.minutes or 0 for spec in day.specs))
    for full in full_cells():
        days = [
            replace(day, scale=Scale(full, day.scale.smallest, min(day.scale.disc, disc)))
            for day in days
        ]
        if (arranged := _arrange(days)) is not None:
            pairs = zip(days, arranged, strict=True)
            boxes = [box for day, placed in pairs for box in _boxes(day, placed, shape)]
            return Scale(full, 0, disc), boxes
    raise AssertionError("there is always a larger scale")


def _arrange(days: Sequence[Day]) -> list[list[PlacedBox]] | None:
    if not all(day.may_fit() for day in days):
        return None
    arranged = []
    for day in days:
        if (placed := day.arrange()) is None:
            return None
        arranged.append(placed)
    return arranged


def _boxes(day: Day, placed: Sequence[PlacedBox], shape: Shape) -> list[Box]:
    plot = day.cell.plot
    # Where days are lines, boxes are not at the bottom of the plot but in its middle.
    lift = min(box.bounds.y for box in placed) / 2 if shape.days_down else 0
    placed = [box.moved(plot.x, plot.y - lift) for box in placed]
    targets = _targets(placed, day.cell.rect)
    return [
        Box(
            entry=spec.entry,
            minutes=spec.minutes,
            rect=box.rect,
            not_to_scale=day.scale.not_to_scale(spec, plot.size),
            is_truncated=day.scale.truncates(spec),
            edge=1 if min(box.rect.size) >= THIN_BELOW else 0.5,
            label=_label(box, palette.shade(spec.entry.impact)),
            target=target,
        )
        for spec, box, target in zip(day.specs, placed, targets, strict=True)
    ]


def _label(box: PlacedBox, shade: str) -> tuple[Text, ...]:
    if box.label is None:
        return ()
    texts = [text.moved(box.label_rect.x, box.label_rect.y) for text in box.label.texts]
    if box.inside:
        texts = [replace(text, ink=palette.ink_on(shade)) for text in texts]
    return tuple(texts)


def _targets(placed: Sequence[PlacedBox], cell: Rect) -> list[Rect]:
    """The clickable areas: a box and its label, MIN_TARGET wide and tall if there is room."""
    targets = [box.rect for box in placed]
    if len(placed) > MANY:
        return targets
    for index, box in enumerate(placed):
        others = targets[:index] + targets[index + 1 :]
        wishes = [_widened(box.rect, cell)]
        if box.bounds != box.rect:
            wishes = [_widened(box.bounds, cell), box.bounds, *wishes]
        for wish in wishes:
            if not any(map(wish.overlaps, others)):
                targets[index] = wish
                break
    return targets


def _widened(rect: Rect, cell: Rect) -> Rect:
    width, height = max(rect.width, MIN_TARGET), max(rect.height, MIN_TARGET)
    x = min(max(rect.x - (width - rect.width) / 2, cell.x), cell.right - width)
    y = min(max(rect.y - (height - rect.height) / 2, cell.y), cell.bottom - height)
    return Rect(x, y, width, height)


def _add_legend(calendar: Calendar, scale: Scale, boxes: Sequence[Box]) -> int:
    """Below the days; the ramp of a card is at its head. Returns where the picture ends."""
    shape, strings, size = calendar.shape, calendar.strings, calendar.shape.type
    unrated = any(box.entry.impact is None for box in boxes)
    samples = legend.sample_groups(scale, calendar.plot, size, strings)
    ramp = legend.ramp_group(size, strings, unrated=unrated)
    left, room = calendar.legend_room()
    if shape.height:
        calendar.add(*ramp.moved(left + room - ramp.width, calendar.dates_baseline))
    last = None if shape.height else ramp
    top = calendar.bottom + LEGEND * size
    patches, texts, bottom = legend.arrange(samples, last, left, top, room, size)
    calendar.add(patches, texts)
    return round(bottom + shape.margin)
