"""Incidents for the tests of the grid."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from incidents.grid.fonts import width
from incidents.grid.layout import lay_out
from incidents.grid.shapes import Box, Entry, Layout, Rect, Shape, Text
from incidents.weeks import Period

NEW_YORK = ZoneInfo("America/New_York")
WINDOW = Period(date(2024, 6, 23), date(2024, 7, 6))
PERIOD = Period(date(2024, 6, 30), date(2024, 7, 6))
AT = datetime(2024, 7, 6, 20, tzinfo=UTC)


def make_entry(
    starts: str = "2024-07-02 15:00", minutes: float | None = 60, **overrides: Any
) -> Entry:
    """One incident; an unknown length is None minutes."""
    start = datetime.fromisoformat(starts).replace(tzinfo=overrides.pop("zone", NEW_YORK))
    ends = None if minutes is None else start.astimezone(UTC) + timedelta(minutes=minutes)
    known: dict[str, Any] = {
        "slug": f"{start:%Y-%m-%d-%H%M}-connectivity",
        "title": "Connectivity lost",
        "starts": start,
        "day": start.date(),
        "ends": ends,
        "precision": "unknown" if minutes is None else "exact",
        "impact": 2,
        "href": "/2024-07-06/#connectivity",
    }
    return Entry(**(known | overrides))


def usual_week() -> list[Entry]:
    """The facts of a real fortnight."""
    return [
        make_entry("2024-06-25 15:00", 30, precision="about", slug="a"),
        make_entry("2024-06-27 13:00", 90, precision="about", slug="b"),
        make_entry("2024-06-28 16:45", None, slug="c"),
        make_entry("2024-07-01 23:00", None, impact=0, slug="d"),
        make_entry("2024-07-02 04:00", 120, precision="about", slug="e"),
        make_entry("2024-07-02 15:00", 5, precision="about", impact=3, slug="f"),
        make_entry("2024-07-03 12:00", 240, precision="about", slug="g"),
        make_entry("2024-07-04 20:00", None, impact=1, slug="h"),
        make_entry("2024-07-05 01:00", None, impact=0, slug="i"),
    ]


def crowd(number: int, minutes: float | None = 30, day: str = "2024-07-02") -> list[Entry]:
    """Many incidents on one day."""
    return [
        make_entry(f"{day} {n // 60 % 24:02}:{n % 60:02}", minutes, slug=f"crowd-{n}")
        for n in range(number)
    ]


def picture_of(entries: list[Entry], shape: Shape, **overrides: Any) -> Layout:
    known = {"window": WINDOW, "at": AT, "period": PERIOD} | overrides
    return lay_out(entries, known.pop("window"), shape, **known)


EPSILON = 0.001


def plot_of(box: Box, layout: Layout) -> Rect:
    return next(cell.plot for cell in layout.cells if cell.day == box.entry.day)


def inside(inner: Rect, outer: Rect) -> bool:
    return (
        inner.x >= outer.x - EPSILON
        and inner.y >= outer.y - EPSILON
        and inner.right <= outer.right + EPSILON
        and inner.bottom <= outer.bottom + EPSILON
    )


def apart(one: Rect, other: Rect) -> bool:
    return (
        one.right <= other.x + EPSILON
        or other.right <= one.x + EPSILON
        or one.bottom <= other.y + EPSILON
        or other.bottom <= one.y + EPSILON
    )


def assert_is_sound(layout: Layout) -> None:
    by_day: dict[date, list[Box]] = {}
    for box in layout.boxes:
        by_day.setdefault(box.entry.day, []).append(box)
        assert inside(box.rect, plot_of(box, layout))
    for boxes in by_day.values():
        assert all(apart(one.rect, other.rect) for one, other in combinations(boxes, 2))


def ink_of(text: Text) -> Rect:
    """From the cap height to the baseline."""
    wide = width(text.lines[0], text.size, text.bold)
    return Rect(text.x, text.y - 0.7 * text.size, wide, 0.7 * text.size)
