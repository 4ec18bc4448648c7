"""Bars of numbers and strips of dots as <svg> elements, in the colours of the grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log
from typing import NamedTuple
from xml.etree.ElementTree import Element

from incidents.durations import format_duration
from incidents.grid import palette
from incidents.grid.shapes import Patch, Rect, Text
from incidents.grid.strings import Strings
from incidents.grid.svg import drawing, markup, number, outline, patch, path, text
from incidents.weeks import Period

# In CSS pixels. A bar, the longest of its kind:
BAR = Rect(0, 0, 200, 12)
# A strip, as wide as a phone's page or half a wide one:
WIDTH, HEIGHT, TYPE = 360.0, 220.0, 11.0
# The scale's place, and the line for those that can't be on it.
LEFT, RIGHT, TOP, FLOOR, LANE = 34.0, 354.0, 12.0, 166.0, 184.0
BOTTOM = 192.0
# A month is named where its column is this wide.
NAMED = 10.0
DOT = 4.5
# Minutes that the scale may name: 1m, 5m, 15m, 1h, 4h, 1d, 7d, 28d, 90d, 1 year.
TICKS = (1.0, 5.0, 15.0, 60.0, 240.0, 1440.0, 10080.0, 40320.0, 129600.0, 525600.0)


class Dot(NamedTuple):
    """An incident; `minutes` are None where they are unknown."""

    day: date
    minutes: float | None
    impact: int | None


class Month(NamedTuple):
    """`median` is in minutes."""

    name: str
    days: Period
    median: float | None


def bar(by_impact: Mapping[int | None, int], longest: int, strings: Strings) -> str:
    """Numbers by impact, the darkest first and those without one last; `longest` is a whole bar.

    It is on white, so that darker stays higher in a dark theme. Its name is as "1 major, 3 minor".
    """
    unit = (BAR.width - 4) / max(longest, 1)
    panel = outline(Rect(0, 0, sum(by_impact.values()) * unit + 4, BAR.height))
    parts = [path(panel, fill=palette.PANEL, stroke="none")]
    words = []
    left = 2.0
    for impact in (4, 3, 2, 1, 0, None):
        if many := by_impact.get(impact, 0):
            area = Rect(left, 2, many * unit, BAR.height - 4)
            parts.append(path(outline(area), fill=palette.shade(impact)))
            words.append(f"{many} {strings.impact_name(impact)}")
            left += area.width
    return markup(
        "svg",
        *parts,
        viewBox=f"0 0 {number(BAR.width)} {number(BAR.height)}",
        class_="bar",
        role="img",
        aria_label=", ".join(words),
        stroke=palette.EDGE,
        shape_rendering="crispEdges",
    )


def strip(months: Sequence[Month], dots: Sequence[Dot], label: str, unknown: str) -> str:
    """A dot an incident on a scale of powers, a line the median of a month; below the scale, under
    the name `unknown`, those whose minutes are unknown."""
    known = [dot.minutes for dot in dots if dot.minutes is not None]
    has_lane = len(known) < len(dots)
    span = Period(months[0].days.first, months[-1].days.last)
    scale = _Scale(span, _ticks(known), FLOOR if has_lane else LANE)
    parts = [
        patch(Patch(Rect(0, 0, WIDTH, HEIGHT), palette.PANEL)),
        *_months(months, scale),
        *_lines(scale),
        *_medians(months, scale),
        *_dots(dots, scale),
    ]
    if has_lane:
        parts.append(_tick_name(LANE, unknown))
    return drawing((WIDTH, HEIGHT, TYPE), *parts, role="img", aria_label=label)


def _ticks(minutes: Sequence[float]) -> list[float]:
    least, most = min(minutes, default=15), max(minutes, default=240)
    low = max((tick for tick in TICKS if tick <= least), default=TICKS[0])
    high = min((tick for tick in TICKS if tick >= most and tick > low), default=TICKS[-1])
    return [tick for tick in TICKS if low <= tick <= high]


@dataclass(frozen=True, slots=True)
class _Scale:
    """The days across; ticks in minutes, rising from the y coordinate `floor`."""

    span: Period
    ticks: Sequence[float]
    floor: float

    def x(self, day: date, part: float = 0) -> float:
        """`part` of the day has passed."""
        across = ((day - self.span.first).days + part) / len(self.span)
        return LEFT + across * (RIGHT - LEFT)

    def y(self, minutes: float | None) -> float:
        if minutes is None:
            return LANE
        low, high = self.ticks[0], self.ticks[-1]
        inside = min(max(minutes, low), high)
        return self.floor - (self.floor - TOP) * log(inside / low) / log(high / low)


def _tick_name(y: float, name: str) -> Element:
    return text(Text(LEFT - 6, y + 4, (name,), TYPE, anchor="end"), TYPE)


def _months(months: Sequence[Month], scale: _Scale) -> Iterator[Element]:
    for month in months:
        left, right = scale.x(month.days.first) + 0.75, scale.x(month.days.last, 1) - 0.75
        field = Rect(left, TOP - 6, right - left, BOTTOM - (TOP - 6))
        yield patch(Patch(field, palette.CELL, radius=2))
        if right - left >= NAMED:
            middle = (left + right) / 2
            name = Text(middle, BOTTOM + 15, (month.name,), TYPE * 0.86, anchor="middle")
            yield text(name, TYPE)


def _lines(scale: _Scale) -> Iterator[Element]:
    for tick in scale.ticks:
        y = scale.y(tick)
        line = f"M{number(LEFT)} {number(y)}H{number(RIGHT)}"
        yield path(line, stroke=palette.MUTED, stroke_opacity=0.25)
        yield _tick_name(y, format_duration(tick) if tick < 10080 else f"{tick / 1440:g}d")


def _dots(dots: Sequence[Dot], scale: _Scale) -> Iterator[Element]:
    # All of an impact are one path of points, round by their line's ends.
    for impact in (None, 0, 1, 2, 3, 4):
        points = "".join(
            f"M{scale.x(dot.day, 0.5):.1f} {scale.y(dot.minutes):.1f}h0"
            for dot in dots
            if dot.impact == impact
        )
        for width, colour in ((DOT + 1.5, palette.EDGE), (DOT, palette.shade(impact))):
            if points:
                yield path(points, stroke=colour, stroke_width=width, stroke_linecap="round")


def _medians(months: Sequence[Month], scale: _Scale) -> Iterator[Element]:
    lines = "".join(
        f"M{scale.x(days.first) + 2:.1f} {scale.y(median):.1f}H{scale.x(days.last, 1) - 2:.1f}"
        for _name, days, median in months
        if median is not None
    )
    if lines:
        yield path(lines, stroke=palette.INK, stroke_width=3)
