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
    """The one of more contrast."""
    return PANEL if fill in SHADES[3:] else INK
