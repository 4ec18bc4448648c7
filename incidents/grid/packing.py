"""Rectangles into a rectangle: no overlaps, nothing left out. Pure geometry, y grows downwards.

Every packing takes sizes and returns the top left corners in the same order, or None where it
finds no room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Size(NamedTuple):
    width: float
    height: float


class Spot(NamedTuple):
    x: float
    y: float


# Sides add up in floating point: a hair over the room still fits.
HAIR = 1e-6


def flow(
    sizes: Sequence[Size], room: Size, gap: float, between: float | None = None
) -> list[Spot] | None:
    """In the given order, as words on lines: from the left, the last line on the floor.

    `gap` is what separates lines, `between` what separates neighbours on a line.
    """
    beside = gap if between is None else between
    lines: list[list[int]] = []
    right = room.width
    for index, size in enumerate(sizes):
        if size.width > room.width + HAIR:
            return None
        if not lines or right + beside + size.width > room.width + HAIR:
            lines.append([])
            right = -beside
        lines[-1].append(index)
        right += beside + size.width
    heights = [max(sizes[index].height for index in line) for line in lines]
    top = room.height - sum(heights) - gap * (len(lines) - 1)
    if top < -HAIR:
        return None
    return _stood(sizes, lines, heights, top, gap, beside)


def _stood(
    sizes: Sequence[Size],
    lines: list[list[int]],
    heights: list[float],
    top: float,
    gap: float,
    beside: float,
) -> list[Spot]:
    spots = [Spot(0, 0)] * len(sizes)
    for line, height in zip(lines, heights, strict=True):
        left = 0.0
        for index in line:
            spots[index] = Spot(left, top + height - sizes[index].height)
            left += sizes[index].width + beside
        top += height + gap
    return spots


def shelves(sizes: Sequence[Size], room: Size, gap: float) -> list[Spot] | None:
    """The tallest first, on shelves from the floor up, each on the newest shelf or a new one.

    Without gaps this always finds room for boxes of the room's own shape and half its area in
    all (Moon & Moser 1967), and for small rectangles among them (Meir & Moser 1968, "On packing
    of squares and cubes": total area at most x·y + (W - x)(H - y) for sides up to x and y).
    """
    spots = [Spot(0, 0)] * len(sizes)
    left, floor, ceiling = room.width, room.height + gap, room.height + gap
    for index in sorted(range(len(sizes)), key=lambda n: (-sizes[n].height, -sizes[n].width, n)):
        size = sizes[index]
        if left + size.width > room.width + HAIR:
            left, floor = 0.0, ceiling - gap
            ceiling = floor - size.height
            if ceiling < -HAIR or size.width > room.width + HAIR:
                return None
        spots[index] = Spot(left, floor - size.height)
        left += size.width + gap
    return spots
