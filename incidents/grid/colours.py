"""The palette of every picture: the grid's colours, and what lies between where two of them meet.

Their places are fixed, so that what has been drawn once can be kept and laid into any picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from incidents.grid.palette import CELL, EDGE, INK, MUTED, PANEL, SHADES, ink_on, rgb

# Steps from one colour to another at an edge.
STEPS = 6

RGB = tuple[int, int, int]

FLAT = (PANEL, CELL, EDGE, INK, MUTED, *SHADES)
# What is drawn on what: cells, texts beside and inside boxes, edges, torn edges.
MEETING = (
    (PANEL, CELL),
    *((ground, ink) for ground in (PANEL, CELL) for ink in (INK, MUTED, EDGE)),
    *((shade, ink_on(shade)) for shade in SHADES),
    *((ground, shade) for ground in (EDGE, CELL) for shade in SHADES),
)


def _blend(under: RGB, over: RGB, step: int) -> RGB:
    red, green, blue = (
        (low * (STEPS - step) + high * step + STEPS // 2) // STEPS
        for low, high in zip(under, over, strict=True)
    )
    return red, green, blue


def _between() -> Iterator[RGB]:
    for under, over in MEETING:
        for step in range(1, STEPS):
            yield _blend(rgb(under), rgb(over), step)


COLOURS: tuple[RGB, ...] = tuple(dict.fromkeys((*map(rgb, FLAT), *_between())))
INDEXES = {colour: index for index, colour in enumerate(COLOURS)}
PLACES = {colour: INDEXES[rgb(colour)] for colour in FLAT}


@lru_cache(maxsize=len(COLOURS) * len(FLAT))
def ramp(under: int, over: str) -> tuple[int, ...]:
    """The places from what is there to a colour over it."""
    ends = COLOURS[under], rgb(over)
    return tuple(_nearest(_blend(*ends, step)) for step in range(STEPS + 1))


@lru_cache(maxsize=len(COLOURS) * len(FLAT))
def table(under: int, over: str) -> bytes:
    """The same for each of 256 thicknesses of what lies over it."""
    places = ramp(under, over)
    return bytes(places[round(thickness * STEPS / 255)] for thickness in range(256))


@lru_cache(maxsize=STEPS)
def coarser(steps: int) -> bytes:
    """For each place that of the same with so few steps, a divisor of STEPS, between colours."""
    places = list(range(256))
    long = STEPS // steps
    for under, over in MEETING:
        between = ramp(PLACES[under], over)
        for step in range(1, STEPS):
            places[between[step]] = between[(step + long // 2) // long * long]
    return bytes(places)


def _nearest(colour: RGB) -> int:
    if colour in INDEXES:
        return INDEXES[colour]
    return min(
        range(len(COLOURS)),
        key=lambda index: sum((a - b) ** 2 for a, b in zip(COLOURS[index], colour, strict=True)),
    )
