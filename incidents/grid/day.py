"""One day's boxes and labels in its plot: sizes to scale, then the best arrangement that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from math import sqrt
from typing import NamedTuple

from incidents.grid import labels
from incidents.grid.labels import Label
from incidents.grid.packing import HAIR, Size, Spot, flow, gapped, shelves, skyline

# Lengths that a full cell can stand for, in minutes; where none is enough, twice the last, and on.
FULL_CELLS = tuple(60 * hours for hours in (8, 12, 16, 24, 48, 96, 192, 384, 768))
SMALLEST_SIDE = 7.0
TEAR = 3.5
CLEAR = 2.0
# Gaps between lines of labelled boxes, in units of the type size.
CALM, CLOSE = (0.7,), (0.4,)
# Gaps between boxes, from the best down.
APART = (3, 2)
TOUCHING = (3, 2, 1, 0)
# What a day so crowded that its smallest boxes must shrink gives to them; the rest is for others.
CROWDED_SHARE = 0.4
# More boxes than FEW stand too close for a label between them to be read as one box's; more than
# MANY are packed the quick way.
FEW = 6
MANY = 60


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

    def size(self, mark: Mark, room: Size, share: float = 1.0) -> Size:
        """The box of a mark; `share` is how much of the plot's sides one that is cut takes."""
        if mark.minutes is None:
            return Size(self.disc, self.disc)
        side = share if self.cuts(mark) else sqrt(mark.minutes / self.full)
        side = max(side, self.least(room))
        return Size(room.width * side, room.height * side)

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


class Placed(NamedTuple):
    """Where a box stands in its plot, and its label with its top left corner."""

    size: Size
    spot: Spot
    label: Label | None = None
    label_at: Spot = Spot(0, 0)
    inside: bool = False


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
        if shelves([floor.size(mark, room) for mark in marks], room):
            return floor
    side = min(room) * sqrt(CROWDED_SHARE / len(marks))
    return Scale(float("inf"), side, side)


def arrange(
    marks: Sequence[Mark], room: Size, scale: Scale, type_size: float
) -> list[Placed] | None:
    """The day's boxes, in the order of the marks, or None where it can't hold them at this scale.

    First all with their labels, in time order; then the boxes alone, and labels where room is left.
    A box that is cut gives way first.
    """
    return _labels_first(marks, room, scale, type_size) or _boxes_first(
        marks, room, scale, type_size
    )


def _labels_first(
    marks: Sequence[Mark], room: Size, scale: Scale, type_size: float
) -> list[Placed] | None:
    """Every box with a label: as full as all can have it, and fuller where there is room."""
    cut = any(map(scale.cuts, marks))
    for rank, level in enumerate(_LEVELS):
        for share in (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4) if cut else (1,):
            label = partial(_labelled, marks, room, scale, share, type_size)
            levels = [level] * len(marks)
            if (best := label(levels, CALM + CLOSE)) is None:
                continue
            for index, fuller in product(range(len(marks)), _LEVELS[:rank]):
                trial = [*levels[:index], fuller, *levels[index + 1 :]]
                if levels[index] is level and (better := label(trial, CALM)):
                    best, levels = better, trial
            return best
    return None


def _boxes_first(
    marks: Sequence[Mark], room: Size, scale: Scale, type_size: float
) -> list[Placed] | None:
    """The boxes as well as they pack, then labels where room is left."""
    cut = any(map(scale.cuts, marks))
    shares = list(_shares(scale.least(room))) if cut else [1.0]
    for gaps in (APART, TOUCHING) if cut else (TOUCHING,):
        for share in shares:
            sizes = [scale.size(mark, room, share) for mark in marks]
            if spots := _packed(sizes, room, gaps):
                placed = _with_labels(marks, sizes, spots, room, scale, type_size)
                if gaps == TOUCHING or all(map(_is_told, placed, map(scale.cuts, marks))):
                    return placed
    return None


def raised(placed: Sequence[Placed]) -> list[Placed]:
    """Lifted off the floor to the middle of the plot, where days are lines."""
    tops = [one.label_at.y for one in placed if one.label] + [one.spot.y for one in placed]
    lift = Spot(0, -min(tops) / 2)
    return [
        one._replace(spot=_moved(one.spot, lift), label_at=_moved(one.label_at, lift))
        for one in placed
    ]


Level = Callable[[Mark, float], Label]


def _both_lines(mark: Mark, size: float) -> Label:
    return labels.two_lines(mark.start, mark.length, size)


def _one_line(mark: Mark, size: float) -> Label:
    return labels.one_line(mark.start, mark.length, size)


def _one_word(mark: Mark, size: float) -> Label:
    if mark.ongoing:
        return labels.word(mark.length, size, bold=True)
    return labels.word(mark.start, size, bold=False)


_LEVELS: tuple[Level, ...] = (_both_lines, _one_line, _one_word)


def _shares(least: float) -> Iterator[float]:
    share = 1.0
    while share > least:
        yield share
        share *= 0.94
    yield least


def _labelled(
    marks: Sequence[Mark],
    room: Size,
    scale: Scale,
    share: float,
    type_size: float,
    levels: Sequence[Level],
    gaps: Sequence[float],
) -> list[Placed] | None:
    sizes = [scale.size(mark, room, share) for mark in marks]
    drawn = [level(mark, type_size) for level, mark in zip(levels, marks, strict=True)]
    blocks = [
        labels.block(size, label.size, type_size, room)
        for size, label in zip(sizes, drawn, strict=True)
    ]
    sizes_of_blocks = [block.size for block in blocks]
    spots = None
    for gap in gaps:
        spots = spots or flow(sizes_of_blocks, room, gap * type_size, 0.8 * type_size)
    if spots is None or not all(
        block.inside for mark, block in zip(marks, blocks, strict=True) if scale.cuts(mark)
    ):
        return None
    return [
        Placed(size, _moved(spot, block.box), label, _moved(spot, block.label), block.inside)
        for size, label, block, spot in zip(sizes, drawn, blocks, spots, strict=True)
    ]


def _is_told(placed: Placed, cut: bool) -> bool:
    """A box that is cut says its length."""
    return placed.label is not None or not cut


def _packed(sizes: Sequence[Size], room: Size, gaps: Sequence[int]) -> list[Spot] | None:
    """In time order and with gaps where possible, else the closer the fuller."""
    for gap in gaps:
        if gap > 1 and (spots := flow(sizes, room, gap, gap)):
            return spots
        if len(sizes) <= MANY and (spots := gapped(skyline, sizes, room, gap)):
            return spots
        if spots := gapped(shelves, sizes, room, gap):
            return spots
    return None


def _with_labels(
    marks: Sequence[Mark],
    sizes: Sequence[Size],
    spots: Sequence[Spot],
    room: Size,
    scale: Scale,
    type_size: float,
) -> list[Placed]:
    placed = [Placed(size, spot) for size, spot in zip(sizes, spots, strict=True)]
    taken = [(spot, size) for spot, size in zip(spots, sizes, strict=True)]
    alone = len(marks) <= FEW
    order = sorted(range(len(marks)), key=lambda n: (not scale.cuts(marks[n]), -sizes[n].width, n))
    for index in order:
        mark = marks[index]
        cut = scale.cuts(mark)
        for candidate, label in _candidates(mark, placed[index], type_size, cut, alone):
            if candidate.inside or _is_free(candidate.label_at, label.size, taken, room):
                placed[index] = candidate
                taken.append((candidate.label_at, label.size))
                break
    return placed


def _candidates(
    mark: Mark, bare: Placed, type_size: float, cut: bool, alone: bool
) -> Iterator[tuple[Placed, Label]]:
    """The label inside the box, else to its right or above it, from the fullest down."""
    inset = labels.inset_of(type_size)
    (width, height), (x, y) = bare.size, bare.spot
    length = labels.word(mark.length, type_size, bold=True)
    drawn = [level(mark, type_size) for level in _LEVELS[:2]]
    drawn.append(length if cut else _one_word(mark, type_size))
    for label in drawn:
        if labels.fits_inside(bare.size, label.size, type_size, TEAR if cut else 0):
            at = Spot(x + inset, y + inset)
            yield bare._replace(label=label, label_at=at, inside=True), label
    for label in drawn if alone or cut else ():
        beside = Spot(x + width + inset, y + height - label.size.height)
        yield bare._replace(label=label, label_at=beside), label
        above = Spot(x, y - inset - label.size.height)
        yield bare._replace(label=label, label_at=above), label


def _is_free(at: Spot, size: Size, taken: list[tuple[Spot, Size]], room: Size) -> bool:
    """Whether it stays in the room and CLEAR of what stands there."""
    if at.x < 0 or at.y < 0 or at.x + size.width > room.width or at.y + size.height > room.height:
        return False
    return all(
        at.x + size.width + CLEAR <= spot.x
        or spot.x + other.width + CLEAR <= at.x
        or at.y + size.height + CLEAR <= spot.y
        or spot.y + other.height + CLEAR <= at.y
        for spot, other in taken
    )


def _moved(spot: Spot, by: Spot) -> Spot:
    return Spot(spot.x + by.x, spot.y + by.y)
