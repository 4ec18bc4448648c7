"""One day's boxes and labels in its plot: sizes to scale, then the best arrangement that fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from incidents.grid import boxes, packing
from incidents.grid.boxes import BoxSpec, PlacedBox, Scale, fits_inside
from incidents.grid.packing import Point, Size
from incidents.grid.shapes import Cell, Rect

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
LABELS = (boxes.two_lines, boxes.one_line, boxes.one_word)


@dataclass(frozen=True, slots=True)
class Day:
    """A day with incidents, in time order; all packings keep that order in what they return."""

    cell: Cell
    specs: Sequence[BoxSpec]
    scale: Scale
    type_size: float

    @property
    def room(self) -> Size:
        return self.cell.plot.size

    def may_fit(self) -> bool:
        return packing.area_fits(self.room, self._sizes(self.scale.min_side(self.room)))

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
        shortest = (LABELS[-1](spec, self.type_size).size for spec in self.specs)
        if not packing.area_fits(self.room, shortest):
            return None
        truncated = self._truncated()
        for rank in range(len(LABELS)):
            for share in LABEL_SHARES if any(truncated) else (1,):
                sizes = self._sizes(share)
                placed = [self._labelled(n, size, rank) for n, size in enumerate(sizes)]
                if not all(box.inside for box in compress(placed, truncated)):
                    continue
                if points := self._pack_labelled(placed, CALM + CLOSE):
                    return self._with_fuller_labels(placed, points, rank)
        return None

    def _with_fuller_labels(
        self, placed: list[PlacedBox], points: list[Point], rank: int
    ) -> list[PlacedBox]:
        for index, is_truncated in enumerate(self._truncated()):
            for better_rank in range(rank):
                fuller = self._labelled(index, placed[index].rect.size, better_rank)
                if is_truncated and not fuller.inside:
                    continue
                trial = [*placed[:index], fuller, *placed[index + 1 :]]
                if better := self._pack_labelled(trial, CALM):
                    placed, points = trial, better
                    break
        return [box.moved(*point) for box, point in zip(placed, points, strict=True)]

    def _labelled(self, index: int, size: Size, rank: int) -> PlacedBox:
        label = LABELS[rank](self.specs[index], self.type_size)
        return boxes.labelled(size, label, self.type_size, self.room)

    def _pack_labelled(
        self, placed: Sequence[PlacedBox], gaps: Sequence[float]
    ) -> list[Point] | None:
        sizes = [box.bounds.size for box in placed]
        for gap in gaps:
            above, beside = gap * self.type_size, 0.8 * self.type_size
            if points := packing.pack_rows(sizes, self.room, above, beside):
                return points
        return None

    def _boxes_first(self) -> list[PlacedBox] | None:
        any_truncated = any(self._truncated())
        shares = list(self._shares()) if any_truncated else [1.0]
        packed: dict[float, list[Point] | None] = {}
        for gaps in (APART, TOUCHING):
            for share in shares:
                sizes = self._sizes(share)
                packed[share] = points = packed.get(share) or _pack(sizes, self.room, gaps)
                if points:
                    bare = [Rect(*point, *size) for point, size in zip(points, sizes, strict=True)]
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

    def _with_labels(self, bare: Sequence[Rect], *, needs_labels: bool) -> list[PlacedBox] | None:
        """None where a box that is truncated needs a label and has none."""
        placed, taken, truncated = list(map(PlacedBox, bare)), list(bare), self._truncated()
        order = sorted(range(len(bare)), key=lambda n: (not truncated[n], -bare[n].width, n))
        for index in order:
            labelled = self._with_label(self.specs[index], bare[index], taken)
            if labelled:
                placed[index] = labelled
                taken.append(labelled.label_rect)
            elif truncated[index] and needs_labels:
                return None
        return placed

    def _with_label(self, spec: BoxSpec, box: Rect, taken: Sequence[Rect]) -> PlacedBox | None:
        for candidate in self._candidates(spec, box):
            if candidate.inside or self._is_free(candidate.label_rect, taken):
                return candidate
        return None

    def _candidates(self, spec: BoxSpec, box: Rect) -> Iterator[PlacedBox]:
        """The label inside the box, else to its right or above it, from the fullest down."""
        size, inset = self.type_size, boxes.INSET * self.type_size
        is_cut, is_alone = self.scale.truncates(spec), len(self.specs) <= FEW
        if not (is_cut or is_alone or fits_inside(Size(0, boxes.CAP * size), box, size)):
            return
        shortest = boxes.length_only if is_cut else boxes.one_word
        labels = [make(spec, size) for make in (boxes.two_lines, boxes.one_line, shortest)]
        for label in labels:
            if fits_inside(label.size, box, size, TEAR if is_cut else 0):
                inside = Rect(box.x + inset, box.y + inset, *label.size)
                yield PlacedBox(box, label, inside, inside=True)
        for label in labels if is_cut or is_alone else ():
            height = label.size.height
            yield PlacedBox(box, label, Rect(box.right + inset, box.bottom - height, *label.size))
            yield PlacedBox(box, label, Rect(box.x, box.y - inset - height, *label.size))

    def _is_free(self, label: Rect, taken: Sequence[Rect]) -> bool:
        is_in_plot = min(label.x, label.y) >= 0 and label.right <= self.room.width
        is_in_plot = is_in_plot and label.bottom <= self.room.height
        return is_in_plot and not any(label.overlaps(box, CLEAR) for box in taken)


def _pack(sizes: Sequence[Size], room: Size, gaps: Sequence[int]) -> list[Point] | None:
    # In time order and with gaps where possible, else the closer the fuller.
    if not packing.area_fits(room, sizes):
        return None
    for gap in gaps:
        if gap > 1 and (points := packing.pack_rows(sizes, room, gap, gap)):
            return points
        pack_first = [packing.pack_skyline] if len(sizes) <= MANY else []
        for pack in (*pack_first, packing.pack_shelves):
            if points := packing.with_gap(pack, sizes, room, gap):
                return points
    return None
