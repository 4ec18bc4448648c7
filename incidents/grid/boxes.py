"""What is drawn of an incident: a box whose area is its length, and a label with its start."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from math import inf, sqrt
from typing import NamedTuple

from incidents.grid.fonts import width
from incidents.grid.packing import EPSILON, Size, pack_shelves
from incidents.grid.palette import INK
from incidents.grid.shapes import Entry, Rect, Text

# Minutes that a full cell can be; where none is enough, twice the last, and on.
FULL_CELLS = tuple(60 * hours for hours in (8, 12, 16, 24, 48, 96, 192, 384, 768))
SMALLEST_SIDE = 7.0
# What a day so crowded that its smallest boxes must shrink gives to them; the rest is for others.
CROWDED_SHARE = 0.4
# In units of the type size. Figures are CAP tall above their baseline.
CAP = 0.7
PITCH = 1.17
DESCENT = 0.2
SPACE = 0.3
INSET = 0.28
TAILS = frozenset("gjpqyçğµрцщу,;()")


@dataclass(frozen=True, slots=True)
class BoxSpec:
    """Minutes are None where the length is unknown; `length` is the label's."""

    entry: Entry
    minutes: float | None
    length: str = ""

    @property
    def is_ongoing(self) -> bool:
        return self.entry.precision == "ongoing"


@dataclass(frozen=True, slots=True)
class Scale:
    """Minutes of a full plot; the smallest side and the disc in CSS pixels."""

    full: float
    smallest: float
    disc: float

    def truncates(self, spec: BoxSpec) -> bool:
        return spec.minutes is not None and spec.minutes > self.full

    def sizes(
        self, specs: Iterable[BoxSpec], room: Size, share: float = 1, limit: float = inf
    ) -> list[Size]:
        """As parts of the plot's sides, a truncated box takes `share`, and no box over `limit`."""
        min_side = self.min_side(room)
        sizes = []
        for spec in specs:
            if spec.minutes is None:
                sizes.append(Size(self.disc, self.disc))
            else:
                side = share if self.truncates(spec) else sqrt(spec.minutes / self.full)
                side = max(min_side, min(side, limit))
                sizes.append(Size(room.width * side, room.height * side))
        return sizes

    def min_side(self, room: Size) -> float:
        return self.smallest / min(room)

    def not_to_scale(self, spec: BoxSpec, room: Size) -> str | None:
        if spec.minutes is None:
            return "unknown"
        if spec.is_ongoing:
            return "ongoing"
        if self.truncates(spec):
            return "cap"
        is_small = sqrt(spec.minutes / self.full) < self.min_side(room) - EPSILON
        return "min" if is_small else None


def full_cells() -> Iterator[float]:
    return chain(FULL_CELLS, (FULL_CELLS[-1] * 2**n for n in count(1)))


def min_scale(
    specs: Sequence[BoxSpec], room: Size, disc: float, smallest: float = SMALLEST_SIDE
) -> Scale:
    """The smallest boxes of a day: `smallest`, less only where it could not hold them."""
    for diameter in (disc, 0.85 * disc, 0.7 * disc, smallest):
        scale = Scale(inf, smallest, diameter)
        if pack_shelves(scale.sizes(specs, room), room):
            return scale
    side = min(room) * sqrt(CROWDED_SHARE / len(specs))
    return Scale(inf, side, side)


class Label(NamedTuple):
    """The texts count from its top left."""

    size: Size
    texts: tuple[Text, ...]


def two_lines(spec: BoxSpec, size: float) -> Label:
    return _label(_start(spec, size), _length(spec, size, y=CAP + PITCH))


def one_line(spec: BoxSpec, size: float) -> Label:
    after = width(spec.entry.start_time, size) + SPACE * size
    return _label(_start(spec, size), _length(spec, size, after))


def one_word(spec: BoxSpec, size: float) -> Label:
    return length_only(spec, size) if spec.is_ongoing else _label(_start(spec, size))


def length_only(spec: BoxSpec, size: float) -> Label:
    return _label(_length(spec, size))


def _start(spec: BoxSpec, size: float) -> Text:
    return Text(0, CAP * size, (spec.entry.start_time,), size)


def _length(spec: BoxSpec, size: float, x: float = 0, y: float = CAP) -> Text:
    return Text(x, y * size, (spec.length,), size, True, INK)


def _label(*texts: Text) -> Label:
    last = texts[-1]
    tail = DESCENT * last.size if TAILS.intersection(last.lines[0]) else 0
    right = max(text.x + width(text.lines[0], text.size, text.bold) for text in texts)
    return Label(Size(right, last.y + tail), texts)


class PlacedBox(NamedTuple):
    """A box, and where its label is."""

    rect: Rect
    label: Label | None = None
    label_rect: Rect = Rect(0, 0, 0, 0)
    inside: bool = False

    @property
    def bounds(self) -> Rect:
        has_more = self.label is not None and not self.inside
        return self.rect.union(self.label_rect) if has_more else self.rect

    def moved(self, x: float, y: float) -> PlacedBox:
        return self._replace(rect=self.rect.moved(x, y), label_rect=self.label_rect.moved(x, y))


def fits_inside(label: Size, box: Size | Rect, size: float, tear: float = 0) -> bool:
    inset = 2 * INSET * size
    return label.width + inset + tear <= box.width and label.height + inset <= box.height


def labelled(box: Size, label: Label, size: float, room: Size) -> PlacedBox:
    """From (0, 0): the label inside its box where it fits, else to its right, else above it."""
    gap, (wide, tall) = INSET * size, label.size
    if fits_inside(label.size, box, size):
        return PlacedBox(Rect(0, 0, *box), label, Rect(gap, gap, wide, tall), inside=True)
    if box.width + gap + wide <= room.width:
        height = max(box.height, tall)
        label_rect = Rect(box.width + gap, height - tall, wide, tall)
        return PlacedBox(Rect(0, height - box.height, *box), label, label_rect)
    return PlacedBox(Rect(0, tall + gap, *box), label, Rect(0, 0, wide, tall))
