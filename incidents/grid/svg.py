"""Drawings as SVG elements: they need no style sheet, no script and no id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, tostring

from incidents.grid import palette
from incidents.grid.calendar import CORNER
from incidents.grid.describe import alt_text, describe_box
from incidents.grid.shapes import Box, Layout, Patch, Rect, Text

FAMILY = '"IBM Plex Sans", system-ui, sans-serif'
# What XML 1.0 (section 2.2) can't hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value = str | float | None


def draw(layout: Layout) -> str:
    return drawing(
        (layout.width, layout.height, layout.shape.type),
        *_parts(layout),
        xmlns="http://www.w3.org/2000/svg",
        class_=f"grid grid-{layout.shape.name}",
        width=layout.width,
        height=layout.height,
        role="group",
        aria_label=alt_text(layout),
    )


def mini_box(box: Box) -> str:
    x, y, width, height = box.rect
    return markup(
        "svg",
        _shape(box),
        *edge(box),
        viewBox=" ".join(map(number, (x - 1, y - 1, width + 2, height + 2))),
        width=width + 2,
        height=height + 2,
        aria_hidden="true",
    )


def drawing(size: tuple[float, float, float], *parts: Element, **attributes: Value) -> str:
    """An <svg>; `size` is its width, its height and that of texts."""
    width, height, type_size = size
    attributes |= {
        "viewBox": f"0 0 {number(width)} {number(height)}",
        "font_family": FAMILY,
        "font_size": type_size,
        "fill": palette.MUTED,
    }
    return markup("svg", *parts, **attributes)


def markup(name: str, *parts: Element, **attributes: Value) -> str:
    return str(tostring(element(name, *parts, **attributes), "unicode"))


def element(name: str, *parts: Element | str, **attributes: Value) -> Element:
    """Its parts are elements, or one text. An underscore in an attribute's name is
    written as a hyphen; an attribute that is None is left out."""
    made = Element(name)
    for key, value in attributes.items():
        if value is not None:
            made.set(key.rstrip("_").replace("_", "-"), _value(value))
    for part in parts:
        if isinstance(part, str):
            made.text = _clean(part)
        else:
            made.append(part)
    return made


def rect(area: Rect, *parts: Element, **attributes: Value) -> Element:
    x, y, width, height = area
    return element("rect", *parts, x=x, y=y, width=width, height=height, **attributes)


def path(d: str, **attributes: Value) -> Element:
    return element("path", d=d, **attributes)


def patch(drawn: Patch) -> Element:
    radius = drawn.radius or None
    crisp = None if radius else "crispEdges"
    return rect(drawn.rect, fill=drawn.fill, stroke=drawn.edge, rx=radius, shape_rendering=crisp)


def text(written: Text, type_size: float) -> Element:
    lines = [
        element("tspan", line, x=written.x, y=written.y + n * written.pitch)
        for n, line in enumerate(written.lines)
    ]
    return element(
        "text",
        *(lines if len(lines) > 1 else written.lines),
        x=written.x,
        y=written.y,
        font_size=None if written.size == type_size else written.size,
        font_weight="600" if written.bold else None,
        fill=None if written.ink == palette.MUTED else written.ink,
        text_anchor=None if written.anchor == "start" else written.anchor,
    )


def edge(box: Box) -> list[Element]:
    right, top, bottom = box.rect.right, box.rect.y, box.rect.bottom
    if box.is_ongoing:
        side = f"M{number(right)} {number(top + 0.5)}v{number(box.rect.height - 1)}"
        slits = "".join(map(outline, box.open_edge))
        return [path(side, stroke=box.fill, stroke_width=2), path(slits, fill=palette.CELL)]
    if not box.is_truncated:
        return []
    tear = "M" + " ".join(f"{number(x)} {number(y)}" for x, y in box.torn_edge)
    beyond = f"V{number(bottom + 1)}H{number(right + 1)}V{number(top - 1)}H{number(right)}Z"
    return [
        path(tear + beyond, fill=palette.CELL),
        path(tear, fill="none", stroke=palette.EDGE),
    ]


def outline(area: Rect) -> str:
    x, y, width, height = map(number, area)
    return f"M{x} {y}h{width}v{height}h-{width}z"


def number(value: float) -> str:
    # Enough for areas to be lengths to less than one in a hundred.
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _parts(layout: Layout) -> Iterator[Element]:
    yield rect(Rect(0, 0, layout.width, layout.height), fill=palette.PANEL, rx=2 * CORNER)
    for cell in layout.cells:
        yield rect(cell.rect, data_cell=cell.day.isoformat(), fill=palette.CELL, rx=CORNER)
    yield from map(patch, layout.patches)
    yield from (text(written, layout.shape.type) for written in layout.texts)
    yield from (_link(box, layout) for box in layout.boxes)


def _link(box: Box, layout: Layout) -> Element:
    entry = box.entry
    target = path(outline(box.target), fill=palette.PANEL, fill_opacity=0)
    return element(
        "a",
        element("title", entry.title),
        element("desc", describe_box(box, layout.strings)),
        *([target] if box.target != box.rect else ()),
        _shape(box),
        *edge(box),
        *(text(written, layout.shape.type) for written in box.label),
        href=entry.href,
        data_slug=entry.slug,
        data_date=entry.day.isoformat(),
        data_impact="" if entry.impact is None else palette.IMPACTS[entry.impact],
        data_minutes=box.minutes,
        data_departs=box.not_to_scale,
    )


def _shape(box: Box) -> Element:
    return rect(
        box.rect,
        fill=box.fill,
        stroke=palette.EDGE,
        stroke_width=None if box.edge == 1 else box.edge,
        rx=box.rect.width / 2 if box.is_disc else None,
        shape_rendering=None if box.is_disc else "crispEdges",
    )


def _value(value: str | float) -> str:
    return _clean(value) if isinstance(value, str) else number(value)


def _clean(content: str) -> str:
    return _FORBIDDEN.sub("", content)
