"""The layout as a PNG with a palette: drawn straight in palette indexes, edges blended."""

from __future__ import annotations

from hashlib import sha256
from math import inf
from typing import NamedTuple

from incidents.grid import palette
from incidents.grid.calendar import CORNER
from incidents.grid.colours import COLOURS, STEPS, coarser
from incidents.grid.encoding import encoded
from incidents.grid.paper import Paper
from incidents.grid.shapes import Box, Layout, Patch

# Goes up with every change of the drawing, so that pictures have new addresses.
DRAWING = 2
MOST_BYTES = 30_000


class Fineness(NamedTuple):
    """Pixels to a CSS pixel, as a part of the shape's; the steps of an edge; how hard the encoder
    looks; and with how many letters beside boxes, or how many boxes, it is hardly small enough."""

    part: float
    steps: int
    effort: int
    letters: float = inf
    boxes: float = inf


# The first that is small enough is taken. A card has a size to keep.
FINENESS = (
    Fineness(1, STEPS, 6, 210, 350),
    Fineness(1, 3, 6, 210),
    Fineness(1, 3, 7, 260),
    Fineness(1, 2, 7, 310),
    Fineness(1, 2, 8),
    Fineness(1, 2, 9),
    Fineness(0.5, STEPS, 6),
    Fineness(0.5, 2, 9),
)
CARD_FINENESS = (
    Fineness(1, STEPS, 6),
    Fineness(1, 3, 6),
    Fineness(1, 2, 6),
    Fineness(1, 2, 9),
    Fineness(1, 1, 9),
)


def draw(layout: Layout) -> bytes:
    """The picture, in MOST_BYTES at most; the same layout gives the same bytes.

    It has the shape's density, but where dozens of labels on many rows would be too many bytes.
    """
    letters = sum(len(line) for box in layout.boxes for text in box.label for line in text.lines)
    data, drawn = b"", dict[int, bytes]()
    for fineness in CARD_FINENESS if layout.shape.height else FINENESS:
        if letters >= fineness.letters or len(layout.boxes) >= fineness.boxes:
            continue
        density = round(layout.shape.density * fineness.part)
        if density not in drawn:
            drawn[density] = _drawn(layout, density)
        pixels = drawn[density]
        if fineness.steps < STEPS:
            pixels = pixels.translate(coarser(fineness.steps))
        data = encoded(pixels, layout.width * density, COLOURS, fineness.effort)
        if len(data) <= MOST_BYTES:
            break
    return data


def _drawn(layout: Layout, density: int) -> bytes:
    paper = Paper(layout.width, layout.height, density)
    for cell in layout.cells:
        paper.sheet(cell.rect, palette.CELL, CORNER)
    for patch in layout.patches:
        _draw_patch(paper, patch)
    for text in layout.texts:
        paper.text(text)
    for box in layout.boxes:
        _draw_box(paper, box)
    for box in layout.boxes:
        for text in box.label:
            paper.text(text)
    return paper.image.tobytes()


def digest(layout: Layout) -> str:
    """16 hexadecimal figures that change with anything drawn, found without drawing."""
    drawn = [
        (box.rect, box.fill, box.not_to_scale, box.is_truncated, box.edge, box.label)
        for box in layout.boxes
    ]
    size = (layout.width, layout.height, layout.shape.density)
    cells = [cell.rect for cell in layout.cells]
    everything = repr((DRAWING, size, cells, layout.patches, layout.texts, drawn))
    return sha256(everything.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _draw_patch(paper: Paper, patch: Patch) -> None:
    if patch.radius:
        paper.disc(patch.rect, patch.fill, patch.edge or patch.fill)
    else:
        paper.box(patch.rect, patch.fill, patch.edge)


def _draw_box(paper: Paper, box: Box) -> None:
    if box.is_disc:
        paper.disc(box.rect, box.fill, palette.EDGE, box.edge)
    else:
        paper.box(box.rect, box.fill, palette.EDGE, box.edge)
    right, top, bottom = box.rect.right, box.rect.y, box.rect.bottom
    if box.is_ongoing:
        paper.line([(right, top + 0.5), (right, bottom - 0.5)], box.fill, 2)
        for slit in box.open_edge:
            paper.box(slit, palette.CELL)
    elif box.is_truncated:
        (first, _top), (last, _bottom) = box.torn_edge[0], box.torn_edge[-1]
        beyond = [
            (last, bottom + 1),
            (right + 1, bottom + 1),
            (right + 1, top - 1),
            (first, top - 1),
        ]
        paper.polygon([*box.torn_edge, *beyond], palette.CELL)
        paper.line(box.torn_edge, palette.EDGE, box.edge)
