from __future__ import annotations

from itertools import pairwise

import pytest
from PIL import ImageColor

from incidents.grid.palette import (
    CELL,
    EDGE,
    INK,
    MUTED,
    NOT_RATED,
    PANEL,
    SHADES,
    ink_on,
    shade,
)

# Linear RGB as seen without one of the cones: Viénot, Brettel & Mollon 1999, "Digital video
# colourmaps for checking the legibility of displays by dichromats".
PROTANOPIA = ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0))
DEUTERANOPIA = ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0))


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, from 0 to 1 (WCAG 2.2)."""
    channels = [channel / 255 for channel in ImageColor.getrgb(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def lightness(colour: str) -> float:
    """CIE L*."""
    return float(116 * luminance(colour) ** (1 / 3) - 16)


def seen(colour: str, matrix: tuple[tuple[float, ...], ...]) -> float:
    """The luminance that is left of a colour."""
    linear = [(channel / 255) ** 2.2 for channel in ImageColor.getrgb(colour)]
    rows = [sum(a * b for a, b in zip(row, linear, strict=True)) for row in matrix]
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), rows, strict=True))


def test_neighbours_differ_by_one_and_a_half_to_one() -> None:
    assert all(contrast(one, other) >= 1.5 for one, other in pairwise(SHADES))


def test_shades_darken_in_about_equal_steps() -> None:
    steps = [lightness(one) - lightness(other) for one, other in pairwise(SHADES)]
    assert min(steps) > 0
    assert max(steps) / min(steps) < 1.35


@pytest.mark.parametrize("matrix", [PROTANOPIA, DEUTERANOPIA])
def test_the_order_holds_for_colour_blind_readers(matrix: tuple[tuple[float, ...], ...]) -> None:
    lights = [seen(colour, matrix) for colour in SHADES]
    assert all((one + 0.05) / (other + 0.05) >= 1.5 for one, other in pairwise(lights))


def test_every_box_is_edged_against_its_cell() -> None:
    assert contrast(EDGE, CELL) >= 3
    assert contrast(EDGE, PANEL) >= 3


def test_text_is_readable_wherever_it_stands() -> None:
    for colour in (*SHADES, NOT_RATED):
        assert contrast(ink_on(colour), colour) >= 4.5
        assert ink_on(colour) == max((INK, PANEL), key=lambda ink: contrast(ink, colour))
    for ink, ground in ((INK, CELL), (MUTED, CELL), (MUTED, PANEL)):
        assert contrast(ink, ground) >= 4.5


def test_no_impact_yet_is_white() -> None:
    assert [shade(impact) for impact in (None, 0, 4)] == [NOT_RATED, SHADES[0], SHADES[4]]
