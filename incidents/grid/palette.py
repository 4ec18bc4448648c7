"""The colours of the grid: one hue, darker by impact; the panel is light in every theme."""

from __future__ import annotations

PANEL = "#ffffff"
CELL = "#f4f3f8"
EDGE = "#38206e"
INK = "#140b2e"
MUTED = "#5d5878"
# The words of the ordered scale in data, whatever the site's language.
IMPACTS = ("none", "minor", "partial", "major", "critical")
# One for each of IMPACTS: steps of about 17 in CIE lightness.
SHADES = ("#e9e2f8", "#b7a1e9", "#8c69dc", "#6132cf", "#381c78")
NOT_RATED = "#ffffff"


def shade(impact: int | None) -> str:
    return NOT_RATED if impact is None else SHADES[impact]


def ink_on(fill: str) -> str:
    return max((INK, PANEL), key=lambda ink: contrast(ink, fill))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour, from 0 to 1 (WCAG 2.2)."""
    red, green, blue = (_linear(channel / 255) for channel in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
