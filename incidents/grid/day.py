"""One day's boxes and labels in its plot: sizes to scale, then the best arrangement that fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from incidents.grid.boxes import (
    CAP,
    INSET,
    BoxSpec,
    Label,
    PlacedBox,
    Scale,
    fits_inside,
    labelled,
    length_only,
    one_line,
    one_word,
    two_lines,
)
from incidents.grid.packing import (
    Point,
    Size,
    area_fits,
    pack_rows,
    pack_shelves,
    pack_skyline,
    with_gap,
)
from incidents.grid.shapes import Cell, Entry, Rect

TEAR = 3.5
CLEAR = 2.0
# Gaps between lines of labelled boxes, in units of the type size.
CALM, CLOSE = (0.7,), (0.4,)
# Gaps between boxes, from the best down.
APART = (3, 2)
TOUCHING = (1, 0)
# More boxes than FEW are too close for a label between them to be read as one box's; more than
# MANY are packed the quick way.
FEW = 6
MANY = 60
# How a box that is truncated shrinks until its day has room; with more than CROWD, in longer steps.
CROWD = 24
STEP, LONG_STEP = 0.94, 0.8
LABEL_SHARES = (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
# From the fullest down.
LABELS = (two_lines, one_line, one_word)


@dataclass(frozen=True, slots=True)
class Day:
    """A day with incidents, in time order; all packings keep that order in what they return."""

    cell: Cell
    entries: Sequence[Entry]
    specs: Sequence[BoxSpec]
    scale: Scale
    type_size: float

    @property
    def room(self) -> Size:
        return Size(self.cell.plot.width, self.cell.plot.height)

    def may_fit(self) -> bool:
        """False where it is soon known that the day can't hold its boxes at this scale."""
        return area_fits(self.room, self._sizes(self.scale.min_side(self.room)))

    def arrange(self) -> list[PlacedBox] | None:
        """From the plot's corner, or None where it can't hold its boxes at this scale.

        First all with their labels, in time order; then the boxes alone, and labels where room is
        left. A box that is truncated gives way first.
        """
        return self._labels_first() or self._boxes_first()

    def _sizes(self, share: float) -> list[Size]:
        return self.scale.sizes(self.specs, self.room, share)

    def _truncated(self) -> list[bool]:
        return [self.scale.truncates(spec) for spec in self.specs]

    def _labels_first(self) -> list[PlacedBox] | None:
        """Every box with a label: as full as all can have it, and fuller where there is room."""
        if not area_fits(self.room, (one_word(spec, self.type_size).size for spec in self.specs)):
            return None
        truncated = self._truncated()
        for rank, make_label in enumerate(LABELS):
            labels = [make_label(spec, self.type_size) for spec in self.specs]
            for share in LABEL_SHARES if any(truncated) else (1,):
                sizes = zip(self._sizes(share), labels, strict=True)
                boxes = [self._labelled(size, label) for size, label in sizes]
                if not all(box.inside for box in compress(boxes, truncated)):
                    continue
                if points := self._pack_labelled(boxes, CALM + CLOSE):
                    return self._with_fuller_labels(boxes, points, rank)
        return None

    def _with_fuller_labels(
        self, boxes: list[PlacedBox], points: list[Point], rank: int
    ) -> list[PlacedBox]:
        for index, (spec, is_truncated) in enumerate(
            zip(self.specs, self._truncated(), strict=True)
        ):
            for make_label in LABELS[:rank]:
                size = Size(*boxes[index].box[2:])
                fuller = self._labelled(size, make_label(spec, self.type_size))
                if is_truncated and not fuller.inside:
                    continue
                trial = [*boxes[:index], fuller, *boxes[index + 1 :]]
                if better := self._pack_labelled(trial, CALM):
                    boxes, points = trial, better
                    break
        return [box.moved(*point) for box, point in zip(boxes, points, strict=True)]

    def _labelled(self, size: Size, label: Label) -> PlacedBox:
        return labelled(size, label, self.type_size, self.room)

    def _pack_labelled(
        self, boxes: Sequence[PlacedBox], gaps: Sequence[float]
    ) -> list[Point] | None:
        sizes = [Size(*box.bounds[2:]) for box in boxes]
        points = None
        for gap in gaps:
            points = points or pack_rows(
                sizes, self.room, gap * self.type_size, 0.8 * self.type_size
            )
        return points

    def _boxes_first(self) -> list[PlacedBox] | None:
        """The boxes as well as they pack, then labels where room is left."""
        any_truncated = any(self._truncated())
        shares = list(self._shares()) if any_truncated else [1.0]
        packed: dict[float, list[Point] | None] = {}
        for gaps in (APART, TOUCHING):
            for share in shares:
                sizes = self._sizes(share)
                packed[share] = points = packed.get(share) or _pack(sizes, self.room, gaps)
                if points:
                    corners = zip(points, sizes, strict=True)
                    bare = [PlacedBox(Rect(*point, *size)) for point, size in corners]
                    needs_labels = any_truncated and gaps is APART
                    if placed := self._with_labels(bare, needs_labels=needs_labels):
                        return placed
        return None

    def _shares(self) -> Iterator[float]:
        share, min_side = 1.0, self.scale.min_side(self.room)
        while share > min_side:
            yield share
            share *= STEP if len(self.specs) <= CROWD else LONG_STEP
        yield min_side

    def _with_labels(
        self, placed: list[PlacedBox], *, needs_labels: bool
    ) -> list[PlacedBox] | None:
        """None where a box that is truncated needs a label and has none."""
        truncated = self._truncated()
        taken = [one.box for one in placed]
        is_alone, lowest = len(placed) <= FEW, Size(0, CAP * self.type_size)
        for index in sorted(
            range(len(placed)), key=lambda n: (not truncated[n], -placed[n].box.width, n)
        ):
            bare, is_cut = placed[index], truncated[index]
            if not (is_cut or is_alone or fits_inside(lowest, bare.box, self.type_size)):
                continue
            candidates = self._candidates(self.specs[index], bare.box, is_cut, is_alone)
            for candidate in candidates:
                if candidate.inside or self._is_free(candidate.label_rect, taken):
                    placed[index] = candidate
                    taken.append(candidate.label_rect)
                    break
            else:
                if is_cut and needs_labels:
                    return None
        return placed

    def _candidates(
        self, spec: BoxSpec, box: Rect, is_cut: bool, is_alone: bool
    ) -> Iterator[PlacedBox]:
        """The label inside the box, else to its right or above it, from the fullest down."""
        size, inset = self.type_size, INSET * self.type_size
        labels = [two_lines(spec, size), one_line(spec, size)]
        labels.append(length_only(spec, size) if is_cut else one_word(spec, size))
        for label in labels:
            if fits_inside(label.size, box, size, TEAR if is_cut else 0):
                inside = Rect(box.x + inset, box.y + inset, *label.size)
                yield PlacedBox(box, label, inside, inside=True)
        for label in labels if is_alone or is_cut else ():
            height = label.size.height
            yield PlacedBox(box, label, Rect(box.right + inset, box.bottom - height, *label.size))
            yield PlacedBox(box, label, Rect(box.x, box.y - inset - height, *label.size))

    def _is_free(self, label: Rect, taken: Sequence[Rect]) -> bool:
        if label.x < 0 or label.y < 0:
            return False
        if label.right > self.room.width or label.bottom > self.room.height:
            return False
        return not any(label.overlaps(other, CLEAR) for other in taken)


def center_vertically(placed: Sequence[PlacedBox]) -> list[PlacedBox]:
    """Lifted off the bottom to the middle of the plot, where days are lines."""
    top = min(one.bounds.y for one in placed)
    return [one.moved(0, -top / 2) for one in placed]


def _pack(sizes: Sequence[Size], room: Size, gaps: Sequence[int]) -> list[Point] | None:
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
