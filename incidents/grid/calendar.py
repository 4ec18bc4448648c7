"""The days of a window on paper: cells, dates and weekday names, before any incident is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from incidents.grid import palette
from incidents.grid.fonts import drawable, shortened, width
from incidents.grid.labels import CAP
from incidents.grid.packing import Size
from incidents.grid.shapes import Cell, Patch, Rect, Shape, Text
from incidents.grid.strings import Strings
from incidents.weeks import DAYS_IN_WEEK, Period

BAR = 3
CORNER = 3.0
# In units of the type size: a card's title, and the space above the legend.
TITLE = 1.5
LEGEND = 0.9


@dataclass(slots=True)
class Frame:
    """What stands so far: every plot's size, the baseline of a card's dates, where it ends."""

    plot: Size
    bottom: float
    dates: float = 0
    cells: list[Cell] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def add(self, patches: Sequence[Patch], texts: Sequence[Text]) -> None:
        self.patches += patches
        self.texts += texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whole weeks, which of their days have incidents, and the bulletin's period."""

    shape: Shape
    weeks: Sequence[Period]
    period: Period
    busy: Set[date]
    strings: Strings
    title: str


def frame(plan: Plan) -> Frame:
    draw: Callable[[Plan], Frame] = _running_down if plan.shape.days_down else _calendar
    return draw(plan)


def legend_room(shape: Shape) -> tuple[float, float]:
    """Where the legend begins, and how wide it may be."""
    left = shape.margin if shape.days_down else _left(shape)
    return left, shape.width - shape.margin - left


def _left(shape: Shape) -> float:
    return shape.margin + shape.gutter + (0 if shape.gutter else 2 * BAR + 2)


def _calendar(plan: Plan) -> Frame:
    """A column a weekday, a row a week."""
    shape, size = plan.shape, plan.shape.type
    step = (shape.width - shape.margin - _left(shape) + shape.gap) / DAYS_IN_WEEK
    made = Frame(Size(step - shape.gap - 2 * shape.pad, shape.plot_height), shape.margin)
    if shape.height:
        _head(made, plan)
    baseline = made.bottom + CAP * size
    for column, day in enumerate(plan.weeks[0]):
        x = _left(shape) + column * step + shape.pad
        made.texts.append(Text(x, baseline, (plan.strings.weekdays[day.weekday()],), size))
    made.bottom = round(baseline + 0.6 * size)
    if shape.height:
        made.plot = Size(made.plot.width, _height_left(plan, made.bottom))
    tall = shape.header + made.plot.height + shape.pad
    for week in plan.weeks:
        _week_dates(made, plan, week, tall)
        for column, day in enumerate(week):
            rect = Rect(_left(shape) + column * step, made.bottom, step - shape.gap, tall)
            _day(made, plan, day, rect)
        made.bottom += tall + shape.gap
    made.bottom -= shape.gap
    return made


def _height_left(plan: Plan, top: float) -> float:
    """A plot's height under a fixed height, where the legend is half a plot tall."""
    shape, rows = plan.shape, len(plan.weeks)
    besides = rows * (shape.header + shape.pad + shape.gap) - shape.gap + LEGEND * shape.type
    return max(12, ((shape.height or 0) - shape.margin - top - besides) // (rows + 0.5))


def _head(made: Frame, plan: Plan) -> None:
    """Title and dates, as far as the face can draw them."""
    shape, size = plan.shape, plan.shape.type
    room = shape.width - 2 * shape.margin
    if title := shortened(drawable(plan.title), TITLE * size, room, bold=True):
        baseline = made.bottom + CAP * TITLE * size
        text = Text(shape.margin, baseline, (title,), TITLE * size, True, palette.INK)
        made.texts.append(text)
        made.bottom = baseline + 0.9 * size
    baseline = made.bottom + CAP * size
    dates = plan.strings.dates_and_year(plan.period)
    made.texts.append(Text(shape.margin, baseline, (drawable(dates),), size))
    made.dates = baseline
    made.bottom = round(baseline + 1.0 * size)


def _week_dates(made: Frame, plan: Plan, week: Period, tall: float) -> None:
    """The dates of a row, bold and with a bar where it belongs to the period."""
    shape, size = plan.shape, plan.shape.type
    own = week.overlaps(plan.period)
    ink = palette.INK if own else palette.MUTED
    dates = plan.strings.dates(week)
    if not shape.gutter:
        baseline = made.bottom + (0.5 + CAP) * size
        made.texts.append(Text(_left(shape), baseline, (dates,), size, own, ink))
        made.bottom = round(baseline + 0.55 * size)
    else:
        lines = _broken(dates, shape.gutter - 3 * BAR, size, own)
        baseline = made.bottom + _number_baseline(shape)
        x = shape.margin + shape.gutter - 3 * BAR
        made.texts.append(Text(x, baseline, lines, size, own, ink, "end"))
    if own:
        bar = Rect(_left(shape) - 2 * BAR, made.bottom, BAR, tall)
        made.patches.append(Patch(bar, palette.EDGE))


def _broken(dates: str, room: float, size: float, bold: bool) -> tuple[str, ...]:
    """On two lines, where one is too long."""
    first, dash, last = dates.partition("–")
    if not dash or width(dates, size, bold) <= room:
        return (dates,)
    return (first, dash + last)


def _number_baseline(shape: Shape) -> float:
    return shape.pad + CAP * shape.type


def _day(made: Frame, plan: Plan, day: date, rect: Rect) -> None:
    shape = plan.shape
    plot = Rect(rect.x + shape.pad, rect.y + shape.header, *made.plot)
    made.cells.append(Cell(day, rect, plot))
    busy = day in plan.busy
    ink = palette.INK if busy else palette.MUTED
    baseline = rect.y + _number_baseline(shape)
    made.texts.append(Text(plot.x, baseline, (str(day.day),), shape.type, busy, ink))


def _running_down(plan: Plan) -> Frame:
    """A heading a week, a line a day that has incidents, the days between told in a word."""
    shape, size = plan.shape, plan.shape.type
    inner = shape.width - 2 * shape.margin - shape.gutter - 2 * shape.pad
    made = Frame(Size(inner, shape.plot_height), shape.margin)
    for week in plan.weeks:
        own = week.overlaps(plan.period)
        top = made.bottom
        baseline = top + 0.9 * size
        ink = palette.INK if own else palette.MUTED
        dates = (plan.strings.dates(week),)
        made.texts.append(Text(shape.margin, baseline, dates, size + 1, own, ink))
        made.bottom = round(baseline + 0.8 * size)
        _lines(made, plan, week)
        if own:
            bar = Rect(shape.margin - 2 * BAR - 1, top, BAR, made.bottom - shape.gap - top)
            made.patches.append(Patch(bar, palette.EDGE))
        made.bottom += size
    made.bottom -= size + shape.gap
    return made


def _lines(made: Frame, plan: Plan, week: Period) -> None:
    quiet: list[date] = []
    for day in week:
        if day not in plan.busy:
            quiet.append(day)
            continue
        _quiet_line(made, plan, quiet)
        quiet = []
        _day_line(made, plan, day)
    _quiet_line(made, plan, quiet)


def _day_line(made: Frame, plan: Plan, day: date) -> None:
    shape, size = plan.shape, plan.shape.type
    left = shape.margin + shape.gutter
    tall = shape.plot_height + 2 * shape.pad
    rect = Rect(left, made.bottom, shape.width - shape.margin - left, tall)
    plot = Rect(rect.x + shape.pad, rect.y + shape.pad, *made.plot)
    made.cells.append(Cell(day, rect, plot))
    name = plan.strings.weekdays[day.weekday()]
    baseline = rect.y + (tall + CAP * size) / 2
    made.texts.append(Text(shape.margin, baseline, (name,), size))
    number = Text(left - shape.pad, baseline, (str(day.day),), size, True, palette.INK, "end")
    made.texts.append(number)
    made.bottom += tall + shape.gap


def _quiet_line(made: Frame, plan: Plan, days: Sequence[date]) -> None:
    if not days:
        return
    strings, size = plan.strings, plan.shape.type
    names = [
        strings.weekday_day.format(weekday=strings.weekdays[day.weekday()], day=day.day)
        for day in (days[0], days[-1])
    ]
    told = strings.days.format(first=names[0], last=names[1]) if len(days) > 1 else names[0]
    text = strings.quiet_days.format(told)
    if len(days) == DAYS_IN_WEEK:
        text = strings.quiet_week
    baseline = made.bottom + 1.05 * size
    made.texts.append(Text(plan.shape.margin, baseline, (text,), size))
    made.bottom = round(baseline + 0.65 * size) + plan.shape.gap
