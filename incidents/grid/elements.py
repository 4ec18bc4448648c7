"""What a drawing is made of, as SVG elements.

Every text is escaped here, where it is known whether it is content or an attribute.
"""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from incidents.grid import palette
from incidents.grid.shapes import Box, Patch, Rect, Text

# What XML 1.0 (section 2.2) can't hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value = str | float | None
FAMILY = '"IBM Plex Sans", system-ui, sans-serif'


def drawing(
    width: float, height: float, size: float, inside: str, attributes: dict[str, Value]
) -> str:
    """An <svg> as wide as its place, with type of `size` where a text has no other."""
    head: dict[str, Value] = {
        "viewBox": f"0 0 {number(width)} {number(height)}",
        "font-family": FAMILY,
        "font-size": size,
        "fill": palette.MUTED,
    }
    return element("svg", attributes | head, inside)


def patch(one: Patch) -> str:
    radius = one.radius or None
    crisp = None if radius else "crispEdges"
    look: dict[str, Value] = {"fill": one.fill, "stroke": one.edge, "rx": radius}
    return rect(one.rect, look | {"shape-rendering": crisp})


def text(one: Text, size: float) -> str:
    attributes: dict[str, Value] = {
        "x": one.x,
        "y": one.y,
        "font-size": None if one.size == size else one.size,
        "font-weight": "600" if one.bold else None,
        "fill": None if one.ink == palette.MUTED else one.ink,
        "text-anchor": None if one.anchor == "start" else one.anchor,
    }
    if len(one.lines) == 1:
        return element("text", attributes, content(one.lines[0]))
    lines = (
        element("tspan", {"x": one.x, "y": one.y + n * one.pitch}, content(line))
        for n, line in enumerate(one.lines)
    )
    return element("text", attributes, "".join(lines))


def shape(box: Box) -> str:
    look: dict[str, Value] = {"fill": box.fill, "stroke": palette.EDGE}
    if box.edge != 1:
        look["stroke-width"] = box.edge
    if box.is_disc:
        return rect(box.rect, {**look, "rx": box.rect.width / 2})
    return rect(box.rect, {**look, "shape-rendering": "crispEdges"})


def edge(box: Box) -> str:
    """The right edge: torn where the box is cut, open where the incident is not over."""
    if box.is_ongoing:
        slits = "".join(map(outline, box.open_edge))
        side = f"M{number(box.rect.right)} {number(box.rect.y + 0.5)}"
        side += f"v{number(box.rect.height - 1)}"
        return element("path", {"d": side, "stroke": box.fill, "stroke-width": 2}) + element(
            "path", {"d": slits, "fill": palette.CELL}
        )
    if not box.is_truncated:
        return ""
    right, top = box.rect.right + 1, box.rect.y - 1
    teeth = "M" + " ".join(f"{number(x)} {number(y)}" for x, y in box.torn_edge)
    beyond = f"{teeth}V{number(box.rect.bottom + 1)}H{number(right)}V{number(top)}"
    paper = {"d": f"{beyond}H{number(box.torn_edge[0][0])}Z", "fill": palette.CELL}
    line = {"d": teeth, "fill": "none", "stroke": palette.EDGE}
    return element("path", {**paper}) + element("path", {**line})


def outline(where: Rect) -> str:
    x, y, width, height = map(number, where)
    return f"M{x} {y}h{width}v{height}h-{width}z"


def rect(where: Rect, attributes: dict[str, Value], inside: str = "") -> str:
    x, y, width, height = where
    place: dict[str, Value] = {"x": x, "y": y, "width": width, "height": height}
    return element("rect", place | attributes, inside)


def element(name: str, attributes: dict[str, Value], inside: str = "") -> str:
    told = "".join(
        f" {key}={_attribute(value)}" for key, value in attributes.items() if value is not None
    )
    return f"<{name}{told}>{inside}</{name}>" if inside else f"<{name}{told}/>"


def _attribute(value: str | float) -> str:
    return quoteattr(_clean(value) if isinstance(value, str) else number(value))


def number(value: float) -> str:
    """To a thousandth: enough for areas to be lengths to less than one in a hundred."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def content(strings: str) -> str:
    return escape(_clean(strings))


def _clean(strings: str) -> str:
    return _FORBIDDEN.sub("", strings)
