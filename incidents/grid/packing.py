"""Rectangles into a rectangle: no overlaps, nothing left out. Pure geometry, y grows downwards.

Every packing takes sizes and returns the top left corners in the same order, or None where they
do not fit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Size(NamedTuple):
    width: float
    height: float


class Point(NamedTuple):
    x: float
    y: float


# Sides add up in floating point.
EPSILON = 1e-6


def flow(widths: Sequence[float], room: float, gap: float) -> list[list[int]]:
    """Their indices as words on lines, one at least on each."""
    lines: list[list[int]] = []
    right = room
    for index, width in enumerate(widths):
        if not lines or right + gap + width > room + EPSILON:
            lines.append([])
            right = -gap
        lines[-1].append(index)
        right += gap + width
    return lines


def pack_rows(sizes: Sequence[Size], room: Size, gap: float, beside: float) -> list[Point] | None:
    """In the given order, as words on lines: from the left, the last line at the bottom.

    `gap` separates lines, `beside` neighbours on a line.
    """
    if max((size.width for size in sizes), default=0) > room.width + EPSILON:
        return None
    lines = flow([size.width for size in sizes], room.width, beside)
    heights = [max(sizes[index].height for index in line) for line in lines]
    top = room.height - sum(heights) - gap * (len(lines) - 1)
    if top < -EPSILON:
        return None
    points = [Point(0, 0)] * len(sizes)
    for line, height in zip(lines, heights, strict=True):
        left = 0.0
        for index in line:
            points[index] = Point(left, top + height - sizes[index].height)
            left += sizes[index].width + beside
        top += height + gap
    return points


def pack_skyline(sizes: Sequence[Size], room: Size) -> list[Point] | None:
    """The tallest first, each as low as possible, then as far left.

    Burke, Kendall & Whitwell 2004, "A new placement heuristic for the orthogonal stock-cutting
    problem": such a line of tops; quadratic in the number of sizes.
    """
    points = [Point(0, 0)] * len(sizes)
    # From the left: where each top begins, and how high it is.
    tops = [(0.0, 0.0), (room.width, float("inf"))]
    for index in _tallest_first(sizes):
        size = sizes[index]
        level, left = _lowest(tops, size.width)
        if level + size.height > room.height + EPSILON:
            return None
        points[index] = Point(left, room.height - level - size.height)
        tops = _raised(tops, left, size.width, level + size.height)
    return points


Tops = list[tuple[float, float]]


def _lowest(tops: Tops, width: float) -> tuple[float, float]:
    """The least height at which so wide a box comes to rest, and the leftmost place there."""
    lowest, at = float("inf"), 0.0
    for first, (left, height) in enumerate(tops):
        # It rests on the highest top below it: what starts too high is out at once.
        if height >= lowest:
            continue
        for x, top in tops[first + 1 :]:
            if x >= left + width - EPSILON or height >= lowest:
                break
            height = max(height, top)
        if height < lowest:
            lowest, at = height, left
    return lowest, at


def _raised(tops: Tops, left: float, width: float, top: float) -> Tops:
    right = left + width
    first, last = 0, len(tops)
    while tops[first][0] < left - EPSILON:
        first += 1
    while tops[last - 1][0] > right + EPSILON:
        last -= 1
    return [*tops[:first], (left, top), (right, tops[last - 1][1]), *tops[last:]]


def pack_shelves(sizes: Sequence[Size], room: Size) -> list[Point] | None:
    """The tallest first, on shelves from the bottom up, each on the newest shelf or a new one.

    This always fits boxes of the room's own shape and half its area in all (Moon & Moser 1967),
    and small rectangles among them (Meir & Moser 1968, "On packing of squares and cubes": total
    area at most x·y + (W - x)(H - y) for sides up to x and y).
    """
    points = [Point(0, 0)] * len(sizes)
    left, bottom, top = room.width, room.height, room.height
    for index in _tallest_first(sizes):
        size = sizes[index]
        if left + size.width > room.width + EPSILON:
            left, bottom = 0.0, top
            top = bottom - size.height
            if top < -EPSILON or size.width > room.width + EPSILON:
                return None
        points[index] = Point(left, bottom - size.height)
        left += size.width
    return points


def with_gap(
    pack: Callable[[Sequence[Size], Size], list[Point] | None],
    sizes: Sequence[Size],
    room: Size,
    gap: float,
) -> list[Point] | None:
    wider = [Size(size.width + gap, size.height + gap) for size in sizes]
    wider_room = Size(room.width + gap, room.height + gap)
    return pack(wider, wider_room) if area_fits(wider_room, wider) else None


def area_fits(room: Size, sizes: Iterable[Size]) -> bool:
    """False where their areas alone are too much: known without packing."""
    most = (room.width + EPSILON) * (room.height + EPSILON)
    return sum(width * height for width, height in sizes) <= most


def _tallest_first(sizes: Sequence[Size]) -> list[int]:
    return sorted(range(len(sizes)), key=lambda n: (-sizes[n].height, -sizes[n].width, n))
