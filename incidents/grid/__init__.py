"""The picture that readers know the log by: a row a week, a cell a day, a box an incident.

Incidents, a window and a shape become one Layout; drawings and strings are made from that.
"""

from __future__ import annotations

from incidents.grid.describe import (
    Caption,
    Measured,
    Row,
    alt_text,
    caption,
    describe_window,
    rows,
)
from incidents.grid.fonts import font_digest
from incidents.grid.layout import CARD, NARROW, PICTURE, WIDE, lay_out
from incidents.grid.png import DRAWING_VERSION
from incidents.grid.png import draw as png
from incidents.grid.shapes import Box, Cell, Entry, Layout, Shape
from incidents.grid.strings import ENGLISH, Strings
from incidents.grid.svg import draw as svg
from incidents.grid.svg import mini_box

__all__ = [
    "CARD",
    "DRAWING_VERSION",
    "ENGLISH",
    "NARROW",
    "PICTURE",
    "WIDE",
    "Box",
    "Caption",
    "Cell",
    "Entry",
    "Layout",
    "Measured",
    "Row",
    "Shape",
    "Strings",
    "alt_text",
    "caption",
    "describe_window",
    "font_digest",
    "lay_out",
    "mini_box",
    "png",
    "rows",
    "svg",
]
