"""One day's boxes and labels in its plot: sizes to scale, then the best arrangement that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from incidents.grid import labels
from incidents.grid.labels import Block, Label
from incidents.grid.packing import Size, Spot, flow, gapped, may_hold, shelves, skyline
from incidents.grid.scale import Mark, Scale

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


class Placed(NamedTuple):
    """Where a box stands in its plot, and its label with its top left corner."""

    size: Size
    spot: Spot
    label: Label | None = None
    label_at: Spot = Spot(0, 0)
    inside: bool = False


def may_fit(marks: Sequence[Mark], room: Size, scale: Scale) -> bool:
    """False where it is soon known that the day can't hold its boxes at this scale."""
    return may_hold(room, scale.sizes(marks, room, scale.least(room)))


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
    if not may_hold(room, (_LEVELS[-1](mark, type_size).size for mark in marks)):
        return None
    cut = [scale.cuts(mark) for mark in marks]
    for rank, level in enumerate(_LEVELS):
        drawn = [level(mark, type_size) for mark in marks]
        for share in (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4) if any(cut) else (1,):
            sizes = scale.sizes(marks, room, share)
            if not _hold_labels(compress(sizes, cut), compress(drawn, cut), type_size):
                continue
            best = [_signed(*one, room, type_size) for one in zip(sizes, drawn, strict=True)]
            if (spots := _flowed(best, room, CALM + CLOSE, type_size)) is None:
                continue
            for index, mark in enumerate(marks):
                for fuller in _LEVELS[:rank]:
                    trial = list(best)
                    trial[index] = _signed(sizes[index], fuller(mark, type_size), room, type_size)
                    if cut[index] and not trial[index].block.inside:
                        continue
                    if better := _flowed(trial, room, CALM, type_size):
                        best, spots = trial, better
                        break
            return _stood(best, spots)
    return None


def _boxes_first(
    marks: Sequence[Mark], room: Size, scale: Scale, type_size: float
) -> list[Placed] | None:
    """The boxes as well as they pack, then labels where room is left."""
    cut = any(map(scale.cuts, marks))
    step = STEP if len(marks) <= CROWD else LONG_STEP
    shares = list(_shares(scale.least(room), step)) if cut else [1.0]
    packed: dict[float, list[Spot] | None] = {}
    for gaps in (APART, TOUCHING):
        for share in shares:
            sizes = scale.sizes(marks, room, share)
            packed[share] = spots = packed.get(share) or _packed(sizes, room, gaps)
            told = cut and gaps is APART
            if spots and (
                placed := _with_labels(marks, sizes, spots, room, scale, type_size, told=told)
            ):
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
) -> list[Spot] | None:
    sizes = [one.block.size for one in signed]
    spots = None
    for gap in gaps:
        spots = spots or flow(sizes, room, gap * type_size, 0.8 * type_size)
    return spots


def _stood(signed: Sequence[_Signed], spots: Sequence[Spot]) -> list[Placed]:
    return [
        Placed(size, _moved(spot, block.box), label, _moved(spot, block.label), block.inside)
        for (size, label, block), spot in zip(signed, spots, strict=True)
    ]


def _packed(sizes: Sequence[Size], room: Size, gaps: Sequence[int]) -> list[Spot] | None:
    """In time order and with gaps where possible, else the closer the fuller."""
    if not may_hold(room, sizes):
        return None
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
    *,
    told: bool,
) -> list[Placed] | None:
    """None where a box that is cut must be told, by its label, and is not."""
    placed = [Placed(size, spot) for size, spot in zip(sizes, spots, strict=True)]
    taken = [(spot, size) for spot, size in zip(spots, sizes, strict=True)]
    alone, least = len(marks) <= FEW, Size(0, labels.CAP * type_size)
    order = sorted(range(len(marks)), key=lambda n: (not scale.cuts(marks[n]), -sizes[n].width, n))
    for index in order:
        mark = marks[index]
        cut = scale.cuts(mark)
        if not (cut or alone or labels.fits_inside(sizes[index], least, type_size)):
            continue
        for candidate, label in _candidates(mark, placed[index], type_size, cut, alone):
            if candidate.inside or _is_free(candidate.label_at, label.size, taken, room):
                placed[index] = candidate
                taken.append((candidate.label_at, label.size))
                break
        else:
            if cut and told:
                return None
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
