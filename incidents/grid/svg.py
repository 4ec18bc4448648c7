"""The layout as one <svg> element, for use inside a page and as a file of its own.

It needs neither a style sheet nor a script, and no id, so that it may stand on a page twice.
"""

from __future__ import annotations

from collections.abc import Iterator

from incidents.grid import palette
from incidents.grid.calendar import CORNER
from incidents.grid.describe import alt_text, describe_box
from incidents.grid.elements import (
    Value,
    content,
    drawing,
    edge,
    element,
    number,
    outline,
    patch,
    rect,
    shape,
    text,
)
from incidents.grid.shapes import Box, Layout, Rect


def draw(layout: Layout) -> str:
    """The drawing; boxes are links in time order."""
    attributes: dict[str, Value] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": f"grid grid-{layout.shape.name}",
        "width": layout.width,
        "height": layout.height,
        "role": "group",
        "aria-label": alt_text(layout),
    }
    inside = "".join(_parts(layout))
    return drawing(layout.width, layout.height, layout.shape.type, inside, attributes)


def mini_box(box: Box) -> str:
    """One box of the picture by itself, at the picture's scale: an ornament, hidden from
    those who hear the page."""
    x, y, width, height = box.rect
    head: dict[str, Value] = {
        "viewBox": " ".join(map(number, (x - 1, y - 1, width + 2, height + 2))),
        "width": width + 2,
        "height": height + 2,
        "aria-hidden": "true",
    }
    return element("svg", head, shape(box) + edge(box))


def _parts(layout: Layout) -> Iterator[str]:
    yield rect(Rect(0, 0, layout.width, layout.height), {"fill": palette.PANEL, "rx": 2 * CORNER})
    for cell in layout.cells:
        data: dict[str, Value] = {
            "data-cell": cell.day.isoformat(),
            "fill": palette.CELL,
            "rx": CORNER,
        }
        yield rect(cell.rect, data)
    yield from map(patch, layout.patches)
    yield from (text(one, layout.shape.type) for one in layout.texts)
    yield from (_box(box, layout) for box in layout.boxes)


def _box(box: Box, layout: Layout) -> str:
    entry = box.entry
    attributes: dict[str, Value] = {
        "href": entry.href,
        "data-slug": entry.slug,
        "data-date": entry.day.isoformat(),
        "data-impact": "" if entry.impact is None else palette.IMPACTS[entry.impact],
        "data-minutes": box.minutes,
        "data-departs": box.not_to_scale,
    }
    parts = [
        element("title", {}, content(entry.title)),
        element("desc", {}, content(describe_box(box, layout.strings))),
        _target(box),
        shape(box),
        edge(box),
        *(text(one, layout.shape.type) for one in box.label),
    ]
    return element("a", attributes, "".join(parts))


def _target(box: Box) -> str:
    if box.target == box.rect:
        return ""
    return element("path", {"d": outline(box.target), "fill": palette.PANEL, "fill-opacity": 0})
