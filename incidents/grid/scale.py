"""What is drawn of an incident, and at what scale: a length is an area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from incidents.grid.packing import HAIR, Size, shelves

# Lengths that a full cell can stand for, in minutes; where none is enough, twice the last, and on.
FULL_CELLS = tuple(60 * hours for hours in (8, 12, 16, 24, 48, 96, 192, 384, 768))
SMALLEST_SIDE = 7.0
# What a day so crowded that its smallest boxes must shrink gives to them; the rest is for others.
CROWDED_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Mark:
    """What is drawn of one incident: minutes are None where the length is not known."""

    minutes: float | None
    ongoing: bool
    start: str
    length: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Minutes that a full plot stands for; the smallest side and the disc in CSS pixels."""

    full: float
    smallest: float
    disc: float

    def with_disc(self, disc: float) -> Scale:
        return replace(self, disc=min(self.disc, disc))

    def cuts(self, mark: Mark) -> bool:
        return mark.minutes is not None and mark.minutes > self.full

    def sizes(self, marks: Iterable[Mark], room: Size, share: float = 1.0) -> list[Size]:
        """The boxes of marks; `share` is how much of the plot's sides one that is cut takes."""
        disc, least = Size(self.disc, self.disc), self.least(room)
        sizes = []
        for mark in marks:
            if mark.minutes is None:
                sizes.append(disc)
                continue
            side = share if mark.minutes > self.full else sqrt(mark.minutes / self.full)
            side = max(side, least)
            sizes.append(Size(room.width * side, room.height * side))
        return sizes

    def least(self, room: Size) -> float:
        """The smallest side as a part of the plot's."""
        return self.smallest / min(room)

    def departs(self, mark: Mark, room: Size) -> str | None:
        """Why the area of a mark is not its length, None where it is."""
        if mark.minutes is None:
            return "unknown"
        if mark.ongoing:
            return "ongoing"
        if self.cuts(mark):
            return "cap"
        return "min" if sqrt(mark.minutes / self.full) < self.least(room) - HAIR else None


def full_cells() -> Iterator[float]:
    yield from FULL_CELLS
    full = FULL_CELLS[-1]
    while True:
        full *= 2
        yield full


def floor_of(
    marks: Sequence[Mark], room: Size, disc: float, smallest: float = SMALLEST_SIDE
) -> Scale:
    """The smallest boxes of a day: `smallest`, less only where it could not hold them."""
    for diameter in (disc, 0.85 * disc, 0.7 * disc, smallest):
        floor = Scale(float("inf"), smallest, diameter)
        if shelves(floor.sizes(marks, room), room):
            return floor
    side = min(room) * sqrt(CROWDED_SHARE / len(marks))
    return Scale(float("inf"), side, side)
