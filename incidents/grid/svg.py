"""The layout as one <svg> element, for use inside a page and as a file of its own.

It needs neither a style sheet nor a script, and no id, so that it may stand on a page twice.
Every text is escaped here, where it is known whether it is content or an attribute.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from incidents.grid import palette
from incidents.grid.describe import alternative
from incidents.grid.drawing import Box, Layout, Patch, Rect, Text
from incidents.grid.frames import CORNER

FAMILY = '"IBM Plex Sans", system-ui, sans-serif'
# What XML 1.0 (section 2.2) can't hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Value = str | float | None


def draw(layout: Layout) -> str:
    """The drawing; boxes are links in time order."""
    head: dict[str, Value] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "class": f"grid grid-{layout.shape.name}",
        "viewBox": f"0 0 {layout.width} {layout.height}",
        "width": layout.width,
        "height": layout.height,
        "role": "group",
        "aria-label": alternative(layout),
        "font-family": FAMILY,
        "font-size": layout.shape.type,
        "fill": palette.MUTED,
    }
    return _element("svg", head, "".join(_parts(layout)))


def stamp(box: Box) -> str:
    """One box of the picture by itself, at the picture's scale: an ornament, hidden from
    those who hear the page."""
    x, y, width, height = box.rect
    head: dict[str, Value] = {
        "viewBox": " ".join(map(_number, (x - 1, y - 1, width + 2, height + 2))),
        "width": width + 2,
        "height": height + 2,
        "aria-hidden": "true",
    }
    return _element("svg", head, _shape(box) + _edge(box))


def _parts(layout: Layout) -> Iterator[str]:
    yield _rect(Rect(0, 0, layout.width, layout.height), {"fill": palette.PANEL, "rx": 2 * CORNER})
    for cell in layout.cells:
        data: dict[str, Value] = {
            "data-cell": cell.day.isoformat(),
            "fill": palette.CELL,
            "rx": CORNER,
        }
        yield _rect(cell.rect, data)
    yield from map(_patch, layout.patches)
    yield from (_text(text, layout.shape.type) for text in layout.texts)
    yield from (_box(box, layout) for box in layout.boxes)


def _patch(patch: Patch) -> str:
    radius = patch.radius or None
    crisp = None if radius else "crispEdges"
    look: dict[str, Value] = {"fill": patch.fill, "stroke": patch.edge, "rx": radius}
    return _rect(patch.rect, look | {"shape-rendering": crisp})


def _text(text: Text, size: float) -> str:
    attributes: dict[str, Value] = {
        "x": text.x,
        "y": text.y,
        "font-size": None if text.size == size else text.size,
        "font-weight": "600" if text.bold else None,
        "fill": None if text.ink == palette.MUTED else text.ink,
        "text-anchor": None if text.anchor == "start" else text.anchor,
    }
    if len(text.lines) == 1:
        return _element("text", attributes, _content(text.lines[0]))
    lines = (
        _element("tspan", {"x": text.x, "y": text.y + n * text.pitch}, _content(line))
        for n, line in enumerate(text.lines)
    )
    return _element("text", attributes, "".join(lines))


def _box(box: Box, layout: Layout) -> str:
    entry = box.entry
    attributes: dict[str, Value] = {
        "href": entry.href,
        "data-slug": entry.slug,
        "data-date": entry.day.isoformat(),
        "data-impact": "" if entry.impact is None else palette.IMPACTS[entry.impact],
        "data-minutes": box.minutes,
        "data-departs": box.departs,
    }
    parts = [
        _element("title", {}, _content(entry.title)),
        _element("desc", {}, _content(_description(box, layout))),
        _target(box),
        _shape(box),
        _edge(box),
        *(_text(text, layout.shape.type) for text in box.label),
    ]
    return _element("a", attributes, "".join(parts))


def _description(box: Box, layout: Layout) -> str:
    words, entry = layout.words, box.entry
    return words.described.format(
        date=words.date(entry.day),
        start=f"{entry.starts:%H:%M}",
        length=words.length_told(box.minutes, entry.precision),
        impact=words.impact.format(words.impact_name(entry.impact)),
    )


def _target(box: Box) -> str:
    if box.target == box.rect:
        return ""
    return _element("path", {"d": _outline(box.target), "fill": palette.PANEL, "fill-opacity": 0})


def _shape(box: Box) -> str:
    look: dict[str, Value] = {"fill": box.fill, "stroke": palette.EDGE}
    if box.edge != 1:
        look["stroke-width"] = box.edge
    if box.is_disc:
        return _rect(box.rect, {**look, "rx": box.rect.width / 2})
    return _rect(box.rect, {**look, "shape-rendering": "crispEdges"})


def _edge(box: Box) -> str:
    """The right edge: torn where the box is cut, open where the incident is not over."""
    if box.open:
        slits = "".join(map(_outline, box.slits))
        side = f"M{_number(box.rect.right)} {_number(box.rect.y + 0.5)}"
        side += f"v{_number(box.rect.height - 1)}"
        return _element("path", {"d": side, "stroke": box.fill, "stroke-width": 2}) + _element(
            "path", {"d": slits, "fill": palette.CELL}
        )
    if not box.torn:
        return ""
    right, top = box.rect.right + 1, box.rect.y - 1
    teeth = "M" + " ".join(f"{_number(x)} {_number(y)}" for x, y in box.teeth)
    beyond = f"{teeth}V{_number(box.rect.bottom + 1)}H{_number(right)}V{_number(top)}"
    paper = {"d": f"{beyond}H{_number(box.teeth[0][0])}Z", "fill": palette.CELL}
    line = {"d": teeth, "fill": "none", "stroke": palette.EDGE}
    return _element("path", {**paper}) + _element("path", {**line})


def _outline(rect: Rect) -> str:
    x, y, width, height = map(_number, rect)
    return f"M{x} {y}h{width}v{height}h-{width}z"


def _rect(rect: Rect, attributes: dict[str, Value]) -> str:
    x, y, width, height = rect
    return _element("rect", {"x": x, "y": y, "width": width, "height": height, **attributes})


def _element(name: str, attributes: dict[str, Value], content: str = "") -> str:
    told = "".join(
        f" {key}={_attribute(value)}" for key, value in attributes.items() if value is not None
    )
    return f"<{name}{told}>{content}</{name}>" if content else f"<{name}{told}/>"


def _attribute(value: str | float) -> str:
    return quoteattr(_clean(value) if isinstance(value, str) else _number(value))


def _number(value: float) -> str:
    """To a thousandth: enough for areas to be lengths to less than one in a hundred."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _content(text: str) -> str:
    return escape(_clean(text))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)
