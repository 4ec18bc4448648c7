"""The year's small grids as <svg> elements: one a block of weeks, and two for the legend.

Each week is one link, so that a year has as many stops for the keyboard as it has weeks.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from incidents.grid import legend, palette
from incidents.grid.describe import describe_box, highest, longest, week
from incidents.grid.scale import Scale
from incidents.grid.shapes import Box
from incidents.grid.strings import Strings
from incidents.grid.svg import drawing, edge, element, number, patch, path, rect, text
from incidents.grid.year import (
    CELL,
    DISC,
    EDGE,
    FULL,
    GAP,
    GUTTER,
    LEGEND,
    ROOM,
    TYPE,
    WIDTH,
    Block,
    Row,
)
from incidents.weeks import Period


def block(drawn: Block, strings: Strings) -> str:
    days = Period(drawn.rows[0].week.days.first, drawn.rows[-1].week.days.last)
    names = [text(name, TYPE) for name in drawn.names]
    rows = [_row(row, strings) for row in drawn.rows]
    label = strings.dates_and_year(days)
    return drawing((WIDTH, drawn.height, TYPE), *names, *rows, role="group", aria_label=label)


def legends(strings: Strings, *, unrated: bool) -> list[str]:
    """What sizes mean, and what shades mean."""
    sizes = legend.sample_groups(Scale(FULL, 0, DISC), ROOM, TYPE, strings)
    return [_legend(sizes), _legend([_ramp(strings, unrated=unrated)])]


def _row(row: Row, strings: Strings) -> Element:
    left, top, width, height = row.cells
    cells = path(
        f"M{number(left)} {number(top + height / 2)}h{number(width)}",
        stroke=palette.CELL,
        stroke_width=height,
        stroke_dasharray=f"{number(CELL.width)} {number(GAP)}",
    )
    parts = [cells]
    if row.boxes:
        boxes = (_box(box, strings) for box in row.boxes)
        parts.append(element("g", *boxes, stroke=palette.EDGE, stroke_width=EDGE))
        parts += [path for box in row.boxes for path in edge(box)]
    parts.append(text(row.label, TYPE))
    counted = week(row.week.days, len(row.boxes), strings)
    extremes = longest(row.boxes, strings), highest(row.boxes, strings)
    label = " ".join(filter(None, [counted, *extremes]))
    if row.week.href:
        return element("a", *parts, href=row.week.href, aria_label=label)
    return element("g", *parts, role="img", aria_label=label)


def _box(box: Box, strings: Strings) -> Element:
    radius = box.rect.width / 2 if box.is_disc else None
    title = element("title", f"{box.entry.title}. {describe_box(box, strings)}")
    return rect(box.rect, title, fill=box.fill, rx=radius)


def _ramp(strings: Strings, *, unrated: bool) -> legend.Group:
    """In smaller type where a language's names are too long for one line."""
    ramp = legend.ramp_group(TYPE, strings, unrated=unrated)
    if ramp.width <= LEGEND - 2:
        return ramp
    return legend.ramp_group(TYPE * (LEGEND - 8) / ramp.width, strings, unrated=unrated)


def _legend(groups: list[legend.Group]) -> str:
    """Below the cells where it is narrow enough."""
    widest = max(group.width for group in groups)
    left = min(GUTTER, LEGEND - 1 - widest)
    patches, texts, bottom = legend.laid(groups, None, left, 1, LEGEND - left, TYPE)
    parts = [*map(patch, patches), *(text(one, TYPE) for one in texts)]
    return drawing((LEGEND, bottom, TYPE), *parts, class_="legend")
