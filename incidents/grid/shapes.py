"""What a layout is made of, in CSS pixels from the top left: every drawing is made from these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import NamedTuple

from incidents.grid import palette
from incidents.grid.packing import Size
from incidents.grid.strings import Strings
from incidents.weeks import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the grid needs to know of one incident.

    `title` is plain text; `starts` is aware and in the incident's own zone, from which the label
    "15:00" is read; `day` is the site's local day, which decides the cell; precision is exact,
    about, unknown or ongoing; impact is 0 (none) to 4 (critical), or None before it is rated.
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
        """The true length; of an ongoing incident until `at`; None where it is unknown."""
        ends = at if self.precision == "ongoing" else self.ends
        if ends is None or self.precision == "unknown":
            return None
        return max(0.0, (ends.astimezone(UTC) - self.start_utc).total_seconds() / 60)

    @property
    def start_time(self) -> str:
        return f"{self.starts:%H:%M}"

    @property
    def start_utc(self) -> datetime:
        # Local times ignore the clocks' changes when they are compared or subtracted.
        return self.starts.astimezone(UTC)

    @property
    def sort_key(self) -> tuple[datetime, str, str]:
        return self.start_utc, self.slug, self.title


def group_by_day(entries: Iterable[Entry]) -> dict[date, list[Entry]]:
    """Each day's in time order."""
    by_day: dict[date, list[Entry]] = defaultdict(list)
    for entry in sorted(entries, key=lambda entry: entry.sort_key):
        by_day[entry.day].append(entry)
    return by_day


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

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    def moved(self, x: float, y: float) -> Rect:
        return Rect(self.x + x, self.y + y, self.width, self.height)

    def overlaps(self, other: Rect, gap: float = 0) -> bool:
        """Whether they have less than `gap` between them."""
        x, y, width, height = self
        left, top, wide, tall = other
        return (
            x < left + wide + gap
            and left < x + width + gap
            and y < top + tall + gap
            and top < y + height + gap
        )

    def union(self, other: Rect) -> Rect:
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
        return replace(self, rect=self.rect.moved(x, y))


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
    """An incident: a box, or a disc as wide as `rect`, where its length is unknown.

    `not_to_scale` is why the area is no length: min, cap, ongoing or unknown, else None.
    `target` is the clickable area.
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
        """The points of the right edge where it is torn, from its top to its bottom."""
        count = max(2, round(self.rect.height / 5))
        depth = min(3.5, self.rect.width / 4)
        step = self.rect.height / (2 * count)
        return tuple(
            (self.rect.right - depth * (n % 2), self.rect.y + n * step)
            for n in range(2 * count + 1)
        )

    @property
    def open_edge(self) -> tuple[Rect, ...]:
        # Slits show the cell between the last stripes.
        depth = min(8.0, self.rect.width / 2)
        top, height, right = self.rect.y - 1, self.rect.height + 2, self.rect.right
        slits = ((depth, depth / 8), (depth / 2, depth / 5))
        return tuple(Rect(right - before, top, width, height) for before, width in slits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """An arrangement; lengths in CSS pixels.

    `gutter` is the width for the dates of the weeks left of the days; 0 sets them above their
    row. `height` is None where the content decides; then a plot is `plot_height` tall.
    """

    name: str
    width: int
    type: float
    margin: int
    gutter: int
    pad: int
    header: int
    plot_height: int
    height: int | None = None
    is_png: bool = False
    days_down: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole picture; boxes are in time order, cells by day, `full` in minutes."""

    shape: Shape
    width: int
    height: int
    window: Period
    first_weekday: int
    strings: Strings
    full: float
    cells: tuple[Cell, ...]
    patches: tuple[Patch, ...]
    texts: tuple[Text, ...]
    boxes: tuple[Box, ...]
