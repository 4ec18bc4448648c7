"""What a layout is made of, in CSS pixels from the top left: every drawing is made from these."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from incidents.grid import palette
from incidents.grid.strings import Strings
from incidents.weeks import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the grid needs to know of one incident.

    `title` is plain text; `starts` is aware and in the incident's own zone, from which the label
    "15:00" is read; `day` is the site's local day, which decides the cell; precision is exact,
    about, unknown or ongoing; impact is 0 (none) to 4 (critical), or None before it is judged.
    """

    slug: str
    title: str
    starts: datetime
    day: date
    ends: datetime | None
    precision: str
    impact: int | None
    href: str

    def minutes(self, at: datetime) -> float | None:
        """The true length; of an ongoing incident until `at`; None where it is not known."""
        ends = at if self.precision == "ongoing" else self.ends
        if ends is None or self.precision == "unknown":
            return None
        passed = ends.astimezone(UTC) - self.begins
        return max(0.0, passed.total_seconds() / 60)

    @property
    def begins(self) -> datetime:
        """Its start in UTC, where instants compare and subtract as they passed."""
        return self.starts.astimezone(UTC)

    @property
    def in_time(self) -> tuple[datetime, str, str]:
        """What time order compares."""
        return self.begins, self.slug, self.title


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def overlaps(self, other: Rect) -> bool:
        x, y, width, height = self
        left, top, wide, tall = other
        return x < left + wide and left < x + width and y < top + tall and top < y + height

    def around(self, other: Rect) -> Rect:
        """The smallest rectangle that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)


@dataclass(frozen=True, slots=True)
class Patch:
    """A filled rectangle; its edge, if any, is one pixel wide and centred on its border."""

    rect: Rect
    fill: str
    edge: str | None = None
    radius: float = 0

    def moved(self, x: float, y: float) -> Patch:
        return replace(self, rect=self.rect._replace(x=self.rect.x + x, y=self.rect.y + y))


@dataclass(frozen=True, slots=True)
class Text:
    """One or more lines, the first on the baseline `y`; `anchor` is start, middle or end."""

    x: float
    y: float
    lines: tuple[str, ...]
    size: float
    bold: bool = False
    ink: str = palette.MUTED
    anchor: str = "start"

    @property
    def pitch(self) -> float:
        return 1.25 * self.size

    def moved(self, x: float, y: float) -> Text:
        return replace(self, x=self.x + x, y=self.y + y)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day; `plot` is the part that a full length fills."""

    day: date
    rect: Rect
    plot: Rect


@dataclass(frozen=True, slots=True)
class Box:
    """An incident: a box, or a disc as wide as `rect`, where its length is not known.

    `departs` says why the area is no length: min, cap, ongoing or unknown; None where it is one.
    `torn` and `open` are how the right edge is drawn, `target` the area that answers a finger.
    """

    entry: Entry
    minutes: float | None
    rect: Rect
    not_to_scale: str | None
    is_truncated: bool
    edge: float
    label: tuple[Text, ...]
    target: Rect

    @property
    def fill(self) -> str:
        return palette.shade(self.entry.impact)

    @property
    def is_disc(self) -> bool:
        return self.not_to_scale == "unknown"

    @property
    def is_ongoing(self) -> bool:
        return self.not_to_scale == "ongoing"

    @property
    def torn_edge(self) -> tuple[tuple[float, float], ...]:
        """The torn edge, from its top to its bottom."""
        count = max(2, round(self.rect.height / 5))
        depth = min(3.5, self.rect.width / 4)
        step = self.rect.height / (2 * count)
        return tuple(
            (self.rect.right - depth * (n % 2), self.rect.y + n * step)
            for n in range(2 * count + 1)
        )

    @property
    def open_edge(self) -> tuple[Rect, ...]:
        """Where the open edge dissolves: it shows the cell between its last stripes."""
        depth = min(8.0, self.rect.width / 2)
        top, tall = self.rect.y - 1, self.rect.height + 2
        right = self.rect.right
        return (
            Rect(right - depth, top, depth / 8, tall),
            Rect(right - depth / 2, top, depth / 5, tall),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An arrangement; lengths in CSS pixels, `density` in pixels of a PNG to one of these.

    `gutter` is the room for the dates of the weeks left of the days; 0 sets them above their row.
    `height` is None where the content decides; then a plot is `plot_height` tall.
    """

    name: str
    width: int
    type: float
    margin: int
    gutter: int
    gap: int
    pad: int
    header: int
    plot_height: int
    height: int | None = None
    density: int = 2
    days_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole picture; boxes are in time order, cells by day."""

    shape: Shape
    width: int
    height: int
    title: str
    window: Period
    period: Period
    first_weekday: int
    at: datetime
    strings: Strings
    full: float
    cells: tuple[Cell, ...]
    patches: tuple[Patch, ...]
    texts: tuple[Text, ...]
    boxes: tuple[Box, ...]
