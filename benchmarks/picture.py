"""What a picture costs, from rows to bytes: python -m benchmarks.picture

Ours is layout, drawing and encoding of rows that are fetched. Each call draws another log of so
many incidents, so that no label is twice at the same place. Beside it are the encoding alone of
a ready palette image of that size by Pillow; the same layout drawn by Pillow in 24 bits, by
matplotlib and, from our SVG, by resvg; and of ours the layout, and the SVG from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from io import BytesIO
from itertools import cycle
from typing import Any

from PIL import Image, ImageDraw

from benchmarks.measure import machine, table, times
from incidents.grid import palette, png, svg
from incidents.grid.fonts import font
from incidents.grid.layout import PICTURE, lay_out
from incidents.grid.shapes import Entry, Layout, Patch, Text
from incidents.weeks import Period

WINDOW = Period(date(2024, 6, 23), date(2024, 7, 6))
PERIOD = Period(date(2024, 6, 30), date(2024, 7, 6))
AT = datetime(2024, 7, 6, 20, tzinfo=UTC)
LENGTHS = (5, 40, None, 18, 90, 240, 27, 12, 130, None, 33, 55, 70, 8, 20)
SIZES = (12, 60, 500)
LOGS = 8
DENSITY = 2
ANCHORS = {"start": ("ls", "left"), "middle": ("ms", "center"), "end": ("rs", "right")}


def log(number: int, variant: int) -> list[Entry]:
    """A fortnight's incidents, the last still going on."""
    return [_entry(n, variant, ongoing=n == number - 1) for n in range(number)]


def _entry(n: int, variant: int, *, ongoing: bool) -> Entry:
    day = WINDOW.last if ongoing else WINDOW.first + timedelta(days=n * 5 % 14)
    clock = timedelta(hours=n * 7 % 19, minutes=(n * 13 + variant * 7) % 60)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + clock
    minutes = LENGTHS[(n + variant) % len(LENGTHS)]
    known = "ongoing" if ongoing else "unknown" if minutes is None else "exact"
    return Entry(
        slug=f"connectivity-{n}",
        title="Connectivity lost",
        starts=start,
        day=day,
        ends=start + timedelta(minutes=minutes or 0) if known == "exact" else None,
        precision=known,
        impact=None if n % 11 == 10 else n * 3 % 5,
        href=f"/2024-07-06/#connectivity-{n}",
    )


def layout_of(entries: list[Entry]) -> Layout:
    return lay_out(entries, WINDOW, PICTURE, at=AT, period=PERIOD, title="Log")


def shapes(layout: Layout) -> Iterator[Patch]:
    yield from (Patch(cell.rect, palette.CELL, None, 3) for cell in layout.cells)
    yield from layout.patches
    for box in layout.boxes:
        yield Patch(box.rect, box.fill, palette.EDGE, box.rect.width / 2 if box.is_disc else 0)


def texts(layout: Layout) -> Iterator[Text]:
    yield from layout.texts
    yield from (text for box in layout.boxes for text in box.label)


def plainly(layout: Layout) -> bytes:
    """As Pillow is used: 24 bits, its own rounded corners, its own encoder."""
    image = Image.new("RGB", (layout.width * DENSITY, layout.height * DENSITY), palette.PANEL)
    pen = ImageDraw.Draw(image)
    for one in shapes(layout):
        x, y, right, bottom = one.rect.x, one.rect.y, one.rect.right, one.rect.bottom
        area = (x * DENSITY, y * DENSITY, right * DENSITY, bottom * DENSITY)
        pen.rounded_rectangle(area, one.radius * DENSITY, one.fill, one.edge, DENSITY)
    for text in texts(layout):
        face = font(text.size * DENSITY, text.bold)
        for number, line in enumerate(text.lines):
            at = (text.x * DENSITY, (text.y + number * text.pitch) * DENSITY)
            pen.text(at, line, text.ink, face, anchor=ANCHORS[text.anchor][0])
    return _saved(image)


def with_matplotlib(library: Any, layout: Layout) -> bytes:
    # A point is 1/72 inch: at this many dots an inch, a CSS pixel is one point.
    figure = library.figure.Figure((layout.width / 72, layout.height / 72), 72)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, layout.width), ylim=(layout.height, 0))
    axes.axis("off")
    for one in shapes(layout):
        style = f"round,pad=0,rounding_size={one.radius}" if one.radius else "square,pad=0"
        look = {"facecolor": one.fill, "edgecolor": one.edge or "none", "boxstyle": style}
        x, y, width, height = one.rect
        axes.add_patch(library.patches.FancyBboxPatch((x, y), width, height, linewidth=1, **look))
    for text in texts(layout):
        for number, line in enumerate(text.lines):
            where = {"ha": ANCHORS[text.anchor][1], "va": "baseline", "color": text.ink}
            weight = "bold" if text.bold else "normal"
            y = text.y + number * text.pitch
            axes.text(text.x, y, line, size=text.size, weight=weight, **where)
    out = BytesIO()
    figure.savefig(out, format="png", dpi=72 * DENSITY)
    return out.getvalue()


def others() -> tuple[dict[str, Callable[[Layout], object]], list[str]]:
    """What else is there to draw with, and why others are not."""
    found: dict[str, Callable[[Layout], object]] = {"Pillow, 24 bits": plainly}
    left_out = []
    try:
        for name in ("figure", "patches"):
            library = import_module(f"matplotlib.{name}") and import_module("matplotlib")
        found["matplotlib"] = lambda layout: with_matplotlib(library, layout)
    except ImportError as reason:
        left_out.append(f"matplotlib: {reason}")
    try:
        resvg = import_module("resvg_py")
        found["resvg, from our SVG"] = lambda layout: resvg.svg_to_bytes(
            svg_string=svg.draw(layout), zoom=DENSITY
        )
    except ImportError as reason:
        left_out.append(f"resvg: {reason}")
    return found, left_out


def _saved(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _of_each(draw: Callable[[Any], object], logs: list[Any]) -> Callable[[], object]:
    turn = cycle(logs)
    return lambda: draw(next(turn))


def measured(number: int) -> tuple[dict[str, list[float]], str]:
    """Seconds of each, and what our pictures weigh."""
    logs = [log(number, variant) for variant in range(LOGS)]
    layouts = [layout_of(one) for one in logs]
    pictures = [png.draw(layout) for layout in layouts]
    ready = [Image.open(BytesIO(picture)) for picture in pictures]
    for image in ready:
        image.load()
    drawn, _left_out = others()
    found = times(
        {
            "encoding alone": _of_each(_saved, ready),
            "ours, rows to bytes": _of_each(lambda one: png.draw(layout_of(one)), logs),
            **{name: _of_each(draw, layouts) for name, draw in drawn.items()},
            "our layout": _of_each(layout_of, logs),
            "our SVG": _of_each(svg.draw, layouts),
        }
    )
    sizes = [len(picture) for picture in pictures]
    width, height = ready[0].size
    return found, f"{width} × {height} pixels, ours {min(sizes)} to {max(sizes)} bytes"


def main() -> None:
    print(machine())
    for line in others()[1]:
        print(f"Left out: {line}")
    ours = {}
    for number in SIZES:
        found, description = measured(number)
        ours[number] = found["ours, rows to bytes"]
        print(f"\n{number} boxes, {description}\n\n{table(found, 'encoding alone')}")
    print(f"\n{SIZES[-1]} boxes beside {SIZES[0]}\n")
    named = {f"{number} boxes": taken for number, taken in ours.items()}
    print(table(named, f"{SIZES[0]} boxes"))


if __name__ == "__main__":
    main()
