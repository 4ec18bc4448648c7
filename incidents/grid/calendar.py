"""The days of a window: cells, dates and weekday names, before any incident is drawn."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from incidents.grid import palette
from incidents.grid.boxes import CAP
from incidents.grid.fonts import drawable, shortened, width
from incidents.grid.packing import Size
from incidents.grid.shapes import Cell, Patch, Rect, Shape, Text
from incidents.grid.strings import Strings
from incidents.weeks import DAYS_IN_WEEK, Period

BAR = 3
# Between cells.
GAP = 4
CORNER = 3.0
# In units of the type size: a card's title, and the space above the legend.
TITLE = 1.5
LEGEND = 0.9


@dataclass(slots=True)
class Calendar:
    """Whole weeks, drawn from the top down; `busy` days have incidents.

    `bottom` is where it ends, `dates_baseline` where a card's dates are, `plot` every plot's size.
    """

    shape: Shape
    weeks: Sequence[Period]
    period: Period
    busy: Set[date]
    strings: Strings
    title: str
    plot: Size = field(default=Size(0, 0))
    bottom: float = 0
    dates_baseline: float = 0
    cells: list[Cell] = field(default_factory=list)
    patches: list[Patch] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def draw(self) -> None:
        self.bottom = self.shape.margin
        if self.shape.days_down:
            self._draw_list()
        else:
            self._draw_weeks()

    def legend_room(self) -> tuple[float, float]:
        """Its left side and its width."""
        left = self.shape.margin if self.shape.days_down else self._left
        return left, self.shape.width - self.shape.margin - left

    def add(self, patches: Sequence[Patch], texts: Sequence[Text]) -> None:
        self.patches += patches
        self.texts += texts

    @property
    def _left(self) -> float:
        return self.shape.margin + (self.shape.gutter or 2 * BAR + 2)

    def _write(
        self,
        x: float,
        y: float,
        *lines: str,
        size: float = 0,
        bold: bool = False,
        anchor: str = "start",
    ) -> None:
        ink = palette.INK if bold else palette.MUTED
        self.texts.append(Text(x, y, lines, size or self.shape.type, bold, ink, anchor))

    def _mark_period(self, x: float, top: float, height: float) -> None:
        self.patches.append(Patch(Rect(x, top, BAR, height), palette.EDGE))

    def _draw_weeks(self) -> None:
        shape, size = self.shape, self.shape.type
        step = (shape.width - shape.margin - self._left + GAP) / DAYS_IN_WEEK
        if shape.height:
            self._draw_head()
        baseline = self.bottom + CAP * size
        for column, day in enumerate(self.weeks[0]):
            x = self._left + column * step + shape.pad
            self._write(x, baseline, self.strings.weekdays[day.weekday()])
        self.bottom = round(baseline + 0.6 * size)
        self.plot = Size(step - GAP - 2 * shape.pad, self._plot_height())
        height = shape.header + self.plot.height + shape.pad
        for week in self.weeks:
            self._draw_dates(week, height)
            for column, day in enumerate(week):
                area = Rect(self._left + column * step, self.bottom, step - GAP, height)
                self._draw_day(day, area)
            self.bottom += height + GAP
        self.bottom -= GAP

    def _plot_height(self) -> float:
        # Under a fixed height it is what is left, where the legend is half a plot tall.
        shape, rows = self.shape, len(self.weeks)
        if not shape.height:
            return shape.plot_height
        besides = rows * (shape.header + shape.pad + GAP) - GAP + LEGEND * shape.type
        return max(12, (shape.height - shape.margin - self.bottom - besides) // (rows + 0.5))

    def _draw_head(self) -> None:
        shape, size = self.shape, self.shape.type
        room = shape.width - 2 * shape.margin
        if title := shortened(drawable(self.title), TITLE * size, room, bold=True):
            baseline = self.bottom + CAP * TITLE * size
            self._write(shape.margin, baseline, title, size=TITLE * size, bold=True)
            self.bottom = baseline + 0.9 * size
        self.dates_baseline = self.bottom + CAP * size
        dates = drawable(self.strings.dates_and_year(self.period))
        self._write(shape.margin, self.dates_baseline, dates)
        self.bottom = round(self.dates_baseline + 1.0 * size)

    def _draw_dates(self, week: Period, height: float) -> None:
        shape, size = self.shape, self.shape.type
        bold = week.overlaps(self.period)
        dates = self.strings.dates(week)
        if shape.gutter:
            room = shape.gutter - 3 * BAR
            first, dash, last = dates.partition("–")
            is_broken = dash and width(dates, size, bold) > room
            lines = (first, dash + last) if is_broken else (dates,)
            baseline = self.bottom + shape.pad + CAP * size
            self._write(shape.margin + room, baseline, *lines, bold=bold, anchor="end")
        else:
            baseline = self.bottom + (0.5 + CAP) * size
            self._write(self._left, baseline, dates, bold=bold)
            self.bottom = round(baseline + 0.55 * size)
        if bold:
            self._mark_period(self._left - 2 * BAR, self.bottom, height)

    def _draw_day(self, day: date, area: Rect) -> None:
        shape = self.shape
        plot = Rect(area.x + shape.pad, area.y + shape.header, *self.plot)
        self.cells.append(Cell(day, area, plot))
        baseline = area.y + shape.pad + CAP * shape.type
        self._write(plot.x, baseline, str(day.day), bold=day in self.busy)

    def _draw_list(self) -> None:
        shape, size = self.shape, self.shape.type
        inner = shape.width - 2 * shape.margin - shape.gutter - 2 * shape.pad
        self.plot = Size(inner, shape.plot_height)
        for week in self.weeks:
            bold = week.overlaps(self.period)
            top = self.bottom
            baseline = top + 0.9 * size
            dates = self.strings.dates(week)
            self._write(shape.margin, baseline, dates, size=size + 1, bold=bold)
            self.bottom = round(baseline + 0.8 * size)
            self._draw_days(week)
            if bold:
                self._mark_period(shape.margin - 2 * BAR - 1, top, self.bottom - GAP - top)
            self.bottom += size
        self.bottom -= size + GAP

    def _draw_days(self, week: Period) -> None:
        for is_busy, days in groupby(week, self.busy.__contains__):
            if is_busy:
                for day in days:
                    self._draw_day_line(day)
            else:
                self._draw_quiet_days(list(days))

    def _draw_day_line(self, day: date) -> None:
        shape, size = self.shape, self.shape.type
        left, height = shape.margin + shape.gutter, shape.plot_height + 2 * shape.pad
        area = Rect(left, self.bottom, shape.width - shape.margin - left, height)
        plot = Rect(area.x + shape.pad, area.y + shape.pad, *self.plot)
        self.cells.append(Cell(day, area, plot))
        baseline = area.y + (height + CAP * size) / 2
        self._write(shape.margin, baseline, self.strings.weekdays[day.weekday()])
        self._write(left - shape.pad, baseline, str(day.day), bold=True, anchor="end")
        self.bottom += height + GAP

    def _draw_quiet_days(self, days: Sequence[date]) -> None:
        size = self.shape.type
        baseline = self.bottom + 1.05 * size
        self._write(self.shape.margin, baseline, self.strings.no_incidents(days))
        self.bottom = round(baseline + 0.65 * size) + GAP
