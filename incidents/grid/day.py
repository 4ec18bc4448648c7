"""One day's boxes and labels in its plot: sizes to scale, then the best arrangement that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from incidents.grid import labels
from incidents.grid.labels import Block, Label
from incidents.grid.packing import (
    Point,
    Size,
    area_fits,
    pack_rows,
    pack_shelves,
    pack_skyline,
    with_gap,
)
from incidents.grid.scale import BoxSpec, Scale

TEAR = 3.5
CLEAR = 2.0
# Gaps between lines of labelled boxes, in units of the type size.
CALM, CLOSE = (0.7,), (0.4,)
# Gaps between boxes, from the best down.
APART = (3, 2)
TOUCHING = (1, 0)
# More boxes than FEW stand too close for a label between them to be read as one box's; more than
# MANY are packed the quick way.
FEW = 6
MANY = 60
# How a box that is cut shrinks until its day has room; with more than CROWD, in longer steps.
CROWD = 24
STEP, LONG_STEP = 0.94, 0.8


class PlacedBox(NamedTuple):
    """Where a box stands in its plot, and its label with its top left corner."""

    size: Size
    point: Point
    label: Label | None = None
    label_at: Point = Point(0, 0)
    inside: bool = False


def may_fit(specs: Sequence[BoxSpec], room: Size, scale: Scale) -> bool:
    """False where it is soon known that the day can't hold its boxes at this scale."""
    return area_fits(room, scale.sizes(specs, room, scale.min_side(room)))


def arrange(
    specs: Sequence[BoxSpec], room: Size, scale: Scale, type_size: float
) -> list[PlacedBox] | None:
    """The day's boxes, in the order of the specs, or None where it can't hold them at this scale.

    First all with their labels, in time order; then the boxes alone, and labels where room is left.
    A box that is cut gives way first.
    """
    return _labels_first(specs, room, scale, type_size) or _boxes_first(
        specs, room, scale, type_size
    )


def _labels_first(
    specs: Sequence[BoxSpec], room: Size, scale: Scale, type_size: float
) -> list[PlacedBox] | None:
    """Every box with a label: as full as all can have it, and fuller where there is room."""
    if not area_fits(room, (_LEVELS[-1](spec, type_size).size for spec in specs)):
        return None
    cut = [scale.cuts(spec) for spec in specs]
    for rank, level in enumerate(_LEVELS):
        drawn = [level(spec, type_size) for spec in specs]
        for share in (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4) if any(cut) else (1,):
            sizes = scale.sizes(specs, room, share)
            if not _hold_labels(compress(sizes, cut), compress(drawn, cut), type_size):
                continue
            best = [_signed(*one, room, type_size) for one in zip(sizes, drawn, strict=True)]
            if (points := _flowed(best, room, CALM + CLOSE, type_size)) is None:
                continue
            for index, spec in enumerate(specs):
                for fuller in _LEVELS[:rank]:
                    trial = list(best)
                    trial[index] = _signed(sizes[index], fuller(spec, type_size), room, type_size)
                    if cut[index] and not trial[index].block.inside:
                        continue
                    if better := _flowed(trial, room, CALM, type_size):
                        best, points = trial, better
                        break
            return _place(best, points)
    return None


def _boxes_first(
    specs: Sequence[BoxSpec], room: Size, scale: Scale, type_size: float
) -> list[PlacedBox] | None:
    """The boxes as well as they pack, then labels where room is left."""
    cut = any(map(scale.cuts, specs))
    step = STEP if len(specs) <= CROWD else LONG_STEP
    shares = list(_shares(scale.min_side(room), step)) if cut else [1.0]
    packed: dict[float, list[Point] | None] = {}
    for gaps in (APART, TOUCHING):
        for share in shares:
            sizes = scale.sizes(specs, room, share)
            packed[share] = points = packed.get(share) or _packed(sizes, room, gaps)
            told = cut and gaps is APART
            if points and (
                placed := _with_labels(specs, sizes, points, room, scale, type_size, told=told)
            ):
                return placed
    return None


def center_vertically(placed: Sequence[PlacedBox]) -> list[PlacedBox]:
    """Lifted off the floor to the middle of the plot, where days are lines."""
    tops = [one.label_at.y for one in placed if one.label] + [one.point.y for one in placed]
    lift = Point(0, -min(tops) / 2)
    return [
        one._replace(point=_moved(one.point, lift), label_at=_moved(one.label_at, lift))
        for one in placed
    ]


Level = Callable[[BoxSpec, float], Label]


def _both_lines(spec: BoxSpec, size: float) -> Label:
    return labels.two_lines(spec.start, spec.length, size)


def _one_line(spec: BoxSpec, size: float) -> Label:
    return labels.one_line(spec.start, spec.length, size)


def _one_word(spec: BoxSpec, size: float) -> Label:
    if spec.ongoing:
        return labels.word(spec.length, size, bold=True)
    return labels.word(spec.start, size, bold=False)


_LEVELS: tuple[Level, ...] = (_both_lines, _one_line, _one_word)


def _shares(least: float, step: float) -> Iterator[float]:
    share = 1.0
    while share > least:
        yield share
        share *= step
    yield least


def _hold_labels(sizes: Iterable[Size], drawn: Iterable[Label], type_size: float) -> bool:
    return all(
        labels.fits_inside(size, label.size, type_size)
        for size, label in zip(sizes, drawn, strict=True)
    )


class _Signed(NamedTuple):
    """A box with its label, to be packed as one block."""

    size: Size
    label: Label
    block: Block


def _signed(size: Size, label: Label, room: Size, type_size: float) -> _Signed:
    return _Signed(size, label, labels.block(size, label.size, type_size, room))


def _flowed(
    signed: Sequence[_Signed], room: Size, gaps: Sequence[float], type_size: float
) -> list[Point] | None:
    sizes = [one.block.size for one in signed]
    points = None
    for gap in gaps:
        points = points or pack_rows(sizes, room, gap * type_size, 0.8 * type_size)
    return points


def _place(signed: Sequence[_Signed], points: Sequence[Point]) -> list[PlacedBox]:
    return [
        PlacedBox(size, _moved(point, block.box), label, _moved(point, block.label), block.inside)
        for (size, label, block), point in zip(signed, points, strict=True)
    ]


def _packed(sizes: Sequence[Size], room: Size, gaps: Sequence[int]) -> list[Point] | None:
    """In time order and with gaps where possible, else the closer the fuller."""
    if not area_fits(room, sizes):
        return None
    for gap in gaps:
        if gap > 1 and (points := pack_rows(sizes, room, gap, gap)):
            return points
        if len(sizes) <= MANY and (points := with_gap(pack_skyline, sizes, room, gap)):
            return points
        if points := with_gap(pack_shelves, sizes, room, gap):
            return points
    return None


def _with_labels(
    specs: Sequence[BoxSpec],
    sizes: Sequence[Size],
    points: Sequence[Point],
    room: Size,
    scale: Scale,
    type_size: float,
    *,
    told: bool,
) -> list[PlacedBox] | None:
    """None where a box that is cut must be told, by its label, and is not."""
    placed = [PlacedBox(size, point) for size, point in zip(sizes, points, strict=True)]
    taken = [(point, size) for point, size in zip(points, sizes, strict=True)]
    alone, least = len(specs) <= FEW, Size(0, labels.CAP * type_size)
    order = sorted(range(len(specs)), key=lambda n: (not scale.cuts(specs[n]), -sizes[n].width, n))
    for index in order:
        spec = specs[index]
        cut = scale.cuts(spec)
        if not (cut or alone or labels.fits_inside(sizes[index], least, type_size)):
            continue
        for candidate, label in _candidates(spec, placed[index], type_size, cut, alone):
            if candidate.inside or _is_free(candidate.label_at, label.size, taken, room):
                placed[index] = candidate
                taken.append((candidate.label_at, label.size))
                break
        else:
            if cut and told:
                return None
    return placed


def _candidates(
    spec: BoxSpec, bare: PlacedBox, type_size: float, cut: bool, alone: bool
) -> Iterator[tuple[PlacedBox, Label]]:
    """The label inside the box, else to its right or above it, from the fullest down."""
    inset = labels.inset_of(type_size)
    (width, height), (x, y) = bare.size, bare.point
    length = labels.word(spec.length, type_size, bold=True)
    drawn = [level(spec, type_size) for level in _LEVELS[:2]]
    drawn.append(length if cut else _one_word(spec, type_size))
    for label in drawn:
        if labels.fits_inside(bare.size, label.size, type_size, TEAR if cut else 0):
            at = Point(x + inset, y + inset)
            yield bare._replace(label=label, label_at=at, inside=True), label
    for label in drawn if alone or cut else ():
        beside = Point(x + width + inset, y + height - label.size.height)
        yield bare._replace(label=label, label_at=beside), label
        above = Point(x, y - inset - label.size.height)
        yield bare._replace(label=label, label_at=above), label


def _is_free(at: Point, size: Size, taken: list[tuple[Point, Size]], room: Size) -> bool:
    """Whether it stays in the room and CLEAR of what stands there."""
    if at.x < 0 or at.y < 0 or at.x + size.width > room.width or at.y + size.height > room.height:
        return False
    return all(
        at.x + size.width + CLEAR <= point.x
        or point.x + other.width + CLEAR <= at.x
        or at.y + size.height + CLEAR <= point.y
        or point.y + other.height + CLEAR <= at.y
        for point, other in taken
    )


def _moved(point: Point, by: Point) -> Point:
    return Point(point.x + by.x, point.y + by.y)
