"""Rectangles into a rectangle: no overlaps, nothing left out. Pure geometry, y grows downwards.

Every packing takes sizes and returns the top left corners in the same order, or None where it
finds no room.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Size(NamedTuple):
    width: float
    height: float


class Spot(NamedTuple):
    x: float
    y: float


# Sides add up in floating point: a hair over the room still fits.
HAIR = 1e-6


def flow(sizes: Sequence[Size], room: Size, gap: float, beside: float) -> list[Spot] | None:
    """In the given order, as words on lines: from the left, the last line on the floor.

    `gap` is what separates lines, `beside` what separates neighbours on a line.
    """
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


def skyline(sizes: Sequence[Size], room: Size) -> list[Spot] | None:
    """The tallest first, each as low as it can stand, then as far left.

    Burke, Kendall & Whitwell 2004, "A new placement heuristic for the orthogonal stock-cutting
    problem", keeps such a line of tops; quadratic in the number of sizes.
    """
    spots = [Spot(0, 0)] * len(sizes)
    # The tops of what stands, from the left: where each begins, and how high it is.
    tops = [(0.0, 0.0), (room.width, float("inf"))]
    for index in _tallest_first(sizes):
        size = sizes[index]
        level, left = min((_rest(tops, x, size.width), x) for x, _top in tops[:-1])
        if level + size.height > room.height + HAIR:
            return None
        spots[index] = Spot(left, room.height - level - size.height)
        tops = _raised(tops, left, size.width, level + size.height)
    return spots


Tops = list[tuple[float, float]]


def _rest(tops: Tops, left: float, width: float) -> float:
    """The height at which something that begins at `left` comes to rest."""
    ends = [x for x, _top in tops[1:]]
    return max(
        top
        for (x, top), end in zip(tops, [*ends, float("inf")], strict=True)
        if x < left + width - HAIR and end > left + HAIR
    )


def _raised(tops: Tops, left: float, width: float, top: float) -> Tops:
    right = left + width
    under = max((one for one in tops if one[0] <= right + HAIR), key=lambda one: one[0])[1]
    before = [one for one in tops if one[0] < left - HAIR]
    after = [one for one in tops if one[0] > right + HAIR]
    return [*before, (left, top), (right, under), *after]


def shelves(sizes: Sequence[Size], room: Size) -> list[Spot] | None:
    """The tallest first, on shelves from the floor up, each on the newest shelf or a new one.

    This always finds room for boxes of the room's own shape and half its area in all (Moon &
    Moser 1967), and for small rectangles among them (Meir & Moser 1968, "On packing of squares
    and cubes": total area at most x·y + (W - x)(H - y) for sides up to x and y).
    """
    spots = [Spot(0, 0)] * len(sizes)
    left, floor, ceiling = room.width, room.height, room.height
    for index in _tallest_first(sizes):
        size = sizes[index]
        if left + size.width > room.width + HAIR:
            left, floor = 0.0, ceiling
            ceiling = floor - size.height
            if ceiling < -HAIR or size.width > room.width + HAIR:
                return None
        spots[index] = Spot(left, floor - size.height)
        left += size.width
    return spots


def gapped(
    pack: Callable[[Sequence[Size], Size], list[Spot] | None],
    sizes: Sequence[Size],
    room: Size,
    gap: float,
) -> list[Spot] | None:
    """Packed with gaps between: with each size, and the room, larger by one."""
    wider = [Size(size.width + gap, size.height + gap) for size in sizes]
    return pack(wider, Size(room.width + gap, room.height + gap))


def _tallest_first(sizes: Sequence[Size]) -> list[int]:
    return sorted(range(len(sizes)), key=lambda n: (-sizes[n].height, -sizes[n].width, n))
