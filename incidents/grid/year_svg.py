"""The year's small grids as <svg> elements: one a block of weeks, and two for the legend.

Each week is one link, so that a year has as many stops for the keyboard as it has weeks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incidents.grid import palette
from incidents.grid.drawing import Box, Patch, Text
from incidents.grid.elements import Value, content, edge, element, number, patch, text
from incidents.grid.svg import FAMILY
from incidents.grid.words import Words
from incidents.grid.year import CELL, EDGE, GAP, LEGEND, TYPE, WIDTH, Block, Row, Year
from incidents.weeks import Period


def blocks(year: Year, words: Words) -> list[str]:
    return [_block(block, words) for block in year.blocks]


def legends(year: Year) -> list[str]:
    """What sizes mean, and what shades mean."""
    return [_legend(parts, year.legend_height) for parts in (year.sizes, year.shades)]


def _block(block: Block, words: Words) -> str:
    days = Period(block.rows[0].week.days.first, block.rows[-1].week.days.last)
    head: dict[str, Value] = {
        "viewBox": f"0 0 {WIDTH:g} {block.height:g}",
        "role": "group",
        "aria-label": words.dates_and_year(days),
    }
    parts = [
        *(text(name, TYPE) for name in block.names),
        *(_row(row, words) for row in block.rows),
    ]
    return _svg(head, "".join(parts))


def _row(row: Row, words: Words) -> str:
    left, top, width, height = row.cells
    cells: dict[str, Value] = {
        "d": f"M{number(left)} {number(top + height / 2)}h{number(width)}",
        "stroke": palette.CELL,
        "stroke-width": height,
        "stroke-dasharray": f"{number(CELL.width)} {number(GAP)}",
    }
    line: dict[str, Value] = {"stroke": palette.EDGE, "stroke-width": EDGE}
    boxes = "".join(_box(box, words) for box in row.boxes)
    boxes = boxes and element("g", line, boxes) + "".join(map(edge, row.boxes))
    drawn = element("path", cells) + boxes + text(row.label, TYPE)
    told = told_of(row, words)
    if not row.week.href:
        return element("g", {"role": "img", "aria-label": told}, drawn)
    return element("a", {"href": row.week.href, "aria-label": told}, drawn)


def told_of(row: Row, words: Words) -> str:
    """As "Jun 30–Jul 6: 3 incidents. Longest: Packet loss, 2h. Highest impact: major, Fire.\""""
    counted = words.count(len(row.boxes))
    told = [words.week.format(days=words.dates(row.week.days), count=counted)]
    known = [box for box in row.boxes if box.minutes is not None]
    if known:
        box = max(known, key=lambda one: one.minutes or 0)
        length = words.length_told(box.minutes, box.entry.precision)
        told.append(words.longest.format(title=box.entry.title, length=length))
    judged = [box.entry for box in row.boxes if box.entry.impact is not None]
    if judged:
        entry = max(judged, key=lambda one: one.impact or 0)
        impact = words.impact_name(entry.impact)
        told.append(words.highest.format(title=entry.title, impact=impact))
    return " ".join(told)


def _box(box: Box, words: Words) -> str:
    entry = box.entry
    told = words.described.format(
        date=words.date(entry.day),
        start=f"{entry.starts:%H:%M}",
        length=words.length_told(box.minutes, entry.precision),
        impact=words.impact.format(words.impact_name(entry.impact)),
    )
    look: dict[str, Value] = {
        "fill": box.fill,
        "rx": box.rect.width / 2 if box.is_disc else None,
    }
    x, y, width, height = box.rect
    where: dict[str, Value] = {"x": x, "y": y, "width": width, "height": height}
    title = element("title", {}, content(f"{entry.title}. {told}"))
    return element("rect", where | look, title)


def _legend(parts: Sequence[Patch | Text], height: float) -> str:
    head: dict[str, Value] = {"viewBox": f"0 0 {LEGEND:g} {height:g}", "class": "legend"}
    return _svg(head, "".join(_drawn(parts)))


def _drawn(parts: Sequence[Patch | Text]) -> Iterator[str]:
    for part in parts:
        yield patch(part) if isinstance(part, Patch) else text(part, TYPE)


def _svg(head: dict[str, Value], inside: str) -> str:
    look: dict[str, Value] = {
        "font-family": FAMILY,
        "font-size": TYPE,
        "fill": palette.MUTED,
    }
    return element("svg", head | look, inside)
