"""What stands beside a box: its start and its length, on two lines, on one, or one of them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from incidents.grid.fonts import width
from incidents.grid.packing import Point, Size

# In units of the type size. Figures stand CAP tall on their baseline.
CAP = 0.7
PITCH = 1.17
DESCENT = 0.2
SPACE = 0.3
TAILS = frozenset("gjpqyçğµрцщу,;()")


class TextRun(NamedTuple):
    """A text in one weight; `x` and the baseline `y` count from the label's top left."""

    x: float
    y: float
    text: str
    bold: bool


class Label(NamedTuple):
    size: Size
    runs: tuple[TextRun, ...]


@lru_cache(maxsize=4096)
def two_lines(start: str, length: str, size: float) -> Label:
    second = CAP + PITCH
    runs = (TextRun(0, CAP * size, start, False), TextRun(0, second * size, length, True))
    return _label(runs, size)


@lru_cache(maxsize=4096)
def one_line(start: str, length: str, size: float) -> Label:
    after = width(start, size) + SPACE * size
    return _label(
        (TextRun(0, CAP * size, start, False), TextRun(after, CAP * size, length, True)), size
    )


@lru_cache(maxsize=4096)
def word(text: str, size: float, *, bold: bool) -> Label:
    return _label((TextRun(0, CAP * size, text, bold),), size)


def _label(runs: tuple[TextRun, ...], size: float) -> Label:
    last = runs[-1]
    tail = DESCENT * size if TAILS.intersection(last.text) else 0
    right = max(run.x + width(run.text, size, run.bold) for run in runs)
    return Label(Size(right, last.y + tail), runs)


class Block(NamedTuple):
    """A box and its label as one thing to pack."""

    size: Size
    box: Point
    label: Point
    inside: bool


def fits_inside(box: Size, label: Size, size: float, tear: float = 0) -> bool:
    inset = inset_of(size)
    return label.width + 2 * inset + tear <= box.width and label.height + 2 * inset <= box.height


def inset_of(size: float) -> float:
    return 0.28 * size


def block(box: Size, label: Size, size: float, room: Size) -> Block:
    """The label inside its box where it fits, else to the right of it, else above it."""
    gap = inset_of(size)
    if fits_inside(box, label, size):
        return Block(box, Point(0, 0), Point(gap, gap), inside=True)
    beside = Size(box.width + gap + label.width, max(box.height, label.height))
    if beside.width <= room.width:
        label_at = Point(box.width + gap, beside.height - label.height)
        return Block(beside, Point(0, beside.height - box.height), label_at, inside=False)
    above = Size(max(box.width, label.width), label.height + gap + box.height)
    return Block(above, Point(0, label.height + gap), Point(0, 0), inside=False)
