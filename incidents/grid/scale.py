"""What is drawn of an incident, and at what scale: a length is an area."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from incidents.grid.packing import EPSILON, Size, pack_shelves

# Lengths that a full cell can stand for, in minutes; where none is enough, twice the last, and on.
FULL_CELLS = tuple(60 * hours for hours in (8, 12, 16, 24, 48, 96, 192, 384, 768))
SMALLEST_SIDE = 7.0
# What a day so crowded that its smallest boxes must shrink gives to them; the rest is for others.
CROWDED_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class BoxSpec:
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

    def cuts(self, spec: BoxSpec) -> bool:
        return spec.minutes is not None and spec.minutes > self.full

    def sizes(self, specs: Iterable[BoxSpec], room: Size, share: float = 1.0) -> list[Size]:
        """The boxes of specs; `share` is how much of the plot's sides one that is cut takes."""
        disc, least = Size(self.disc, self.disc), self.min_side(room)
        sizes = []
        for spec in specs:
            if spec.minutes is None:
                sizes.append(disc)
                continue
            side = share if spec.minutes > self.full else sqrt(spec.minutes / self.full)
            side = max(side, least)
            sizes.append(Size(room.width * side, room.height * side))
        return sizes

    def min_side(self, room: Size) -> float:
        """The smallest side as a part of the plot's."""
        return self.smallest / min(room)

    def not_to_scale(self, spec: BoxSpec, room: Size) -> str | None:
        """Why the area of a spec is not its length, None where it is."""
        if spec.minutes is None:
            return "unknown"
        if spec.ongoing:
            return "ongoing"
        if self.cuts(spec):
            return "cap"
        return "min" if sqrt(spec.minutes / self.full) < self.min_side(room) - EPSILON else None


def full_cells() -> Iterator[float]:
    yield from FULL_CELLS
    full = FULL_CELLS[-1]
    while True:
        full *= 2
        yield full


def min_scale_of(
    specs: Sequence[BoxSpec], room: Size, disc: float, smallest: float = SMALLEST_SIDE
) -> Scale:
    """The smallest boxes of a day: `smallest`, less only where it could not hold them."""
    for diameter in (disc, 0.85 * disc, 0.7 * disc, smallest):
        floor = Scale(float("inf"), smallest, diameter)
        if pack_shelves(floor.sizes(specs, room), room):
            return floor
    side = min(room) * sqrt(CROWDED_SHARE / len(specs))
    return Scale(float("inf"), side, side)
