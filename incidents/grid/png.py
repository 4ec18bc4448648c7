"""The layout as a PNG with a palette: drawn straight in palette indexes, edges blended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont

from incidents.grid import palette
from incidents.grid.drawing import Box, Layout, Patch, Rect, Text
from incidents.grid.face import font
from incidents.grid.frames import CORNER

# Goes up with every change of the drawing, so that pictures have new addresses.
DRAWING = 1
MOST_BYTES = 30_000
# Pixels to a CSS pixel, as a part of the shape's, and steps of an edge: the finest that is small
# enough is drawn. A card has a size to keep.
FINENESS = ((1.0, 6), (1.0, 2), (0.5, 6), (0.5, 2))
CARD_FINENESS = ((1.0, 6), (1.0, 2), (1.0, 1))
FINER = 4
MOST_COLOURS = 256

RGB = tuple[int, int, int]


def draw(layout: Layout) -> bytes:
    """The picture, in MOST_BYTES at most; the same layout gives the same bytes.

    It has the shape's density, but where dozens of labels on many rows would be too many bytes.
    """
    data = b""
    for part, levels in CARD_FINENESS if layout.shape.height else FINENESS:
        data = _drawn(layout, round(layout.shape.density * part), levels)
        if len(data) <= MOST_BYTES:
            break
    return data


def _drawn(layout: Layout, density: int, levels: int) -> bytes:
    paper = _Paper(layout.width, layout.height, density, levels)
    for cell in layout.cells:
        paper.box(cell.rect, palette.CELL, radius=CORNER)
    for patch in layout.patches:
        _draw_patch(paper, patch)
    for text in layout.texts:
        paper.text(text)
    for box in layout.boxes:
        _draw_box(paper, box)
    for box in layout.boxes:
        for text in box.label:
            paper.text(text)
    return paper.encoded()


def digest(layout: Layout) -> str:
    """16 hexadecimal figures that change with anything drawn, found without drawing."""
    drawn = [
        (box.rect, box.fill, box.departs, box.torn, box.edge, box.label) for box in layout.boxes
    ]
    size = (layout.width, layout.height, layout.shape.density)
    cells = [cell.rect for cell in layout.cells]
    everything = repr((DRAWING, size, cells, layout.patches, layout.texts, drawn))
    return sha256(everything.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _draw_patch(paper: _Paper, patch: Patch) -> None:
    paper.box(patch.rect, patch.fill, patch.edge, patch.radius)


def _draw_box(paper: _Paper, box: Box) -> None:
    radius = box.rect.width / 2 if box.is_disc else 0
    paper.box(box.rect, box.fill, palette.EDGE, radius, box.edge)
    right, top, bottom = box.rect.right, box.rect.y, box.rect.bottom
    if box.open:
        paper.line([(right, top + 0.5), (right, bottom - 0.5)], box.fill, 2)
        for slit in box.slits:
            paper.box(slit, palette.CELL)
    elif box.torn:
        (first, _top), (last, _bottom) = box.teeth[0], box.teeth[-1]
        beyond = [
            (last, bottom + 1),
            (right + 1, bottom + 1),
            (right + 1, top - 1),
            (first, top - 1),
        ]
        paper.polygon([*box.teeth, *beyond], palette.CELL)
        paper.line(box.teeth, palette.EDGE, box.edge)


class _Paper:
    """A picture of palette indexes; takes CSS pixels, blends edges in `levels` steps."""

    def __init__(self, width: int, height: int, density: int, levels: int) -> None:
        self.density = density
        self.levels = levels
        self.colours: dict[RGB, int] = {}
        self.image = Image.new("L", (width * density, height * density))
        self.pen = ImageDraw.Draw(self.image)
        self.index(palette.rgb(palette.PANEL))

    def index(self, colour: RGB) -> int:
        """Its place in the palette; once that is full, that of the nearest colour."""
        if colour not in self.colours:
            if len(self.colours) == MOST_COLOURS:
                return min(self.colours.items(), key=lambda one: _distance(one[0], colour))[1]
            self.colours[colour] = len(self.colours)
        return self.colours[colour]

    def box(
        self, rect: Rect, fill: str, edge: str | None = None, radius: float = 0, line: float = 1
    ) -> None:
        """A rectangle; its edge is centred on its border, as in SVG."""
        wide = line * self.density if edge else 0
        left, top, right, bottom = (round(n * self.density) for n in _corners(rect))
        grown = round(wide / 2)
        whole = (left - grown, top - grown, right + grown, bottom + grown)
        inner = tuple(n + round(wide) * sign for n, sign in zip(whole, (1, 1, -1, -1), strict=True))
        for area, colour in ((whole, edge), (inner, fill)):
            if colour and area[0] < area[2] and area[1] < area[3]:
                self._area(area, colour, radius and radius * self.density)

    def _area(self, area: Sequence[int], colour: str, radius: float) -> None:
        left, top, right, bottom = area
        if radius:
            mask = _rounded(right - left, bottom - top, radius)
            self.stamp(mask, left, top, colour)
        else:
            shade = self.index(palette.rgb(colour))
            self.pen.rectangle((left, top, right - 1, bottom - 1), fill=shade)

    def polygon(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        self._traced(points, 0, colour, lambda pen, path: pen.polygon(path, fill=255))

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        wide = round(width * self.density * FINER)
        self._traced(points, width, colour, lambda pen, path: pen.line(path, 255, wide, "curve"))

    def _traced(
        self,
        points: Sequence[tuple[float, float]],
        margin: float,
        colour: str,
        trace: Callable[[ImageDraw.ImageDraw, list[tuple[float, float]]], None],
    ) -> None:
        scaled = [(x * self.density, y * self.density) for x, y in points]
        around = margin * self.density + 1
        left = int(min(x for x, _y in scaled) - around)
        top = int(min(y for _x, y in scaled) - around)
        width = int(max(x for x, _y in scaled) + around) - left + 1
        height = int(max(y for _x, y in scaled) + around) - top + 1
        mask = Image.new("L", (width * FINER, height * FINER))
        path = [((x - left) * FINER, (y - top) * FINER) for x, y in scaled]
        trace(ImageDraw.Draw(mask), path)
        self.stamp(mask.reduce(FINER), left, top, colour)

    def text(self, text: Text) -> None:
        face = font(text.size * self.density, text.bold)
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
        for number, line in enumerate(text.lines):
            left = round(text.x * self.density - shift * face.getlength(line))
            baseline = round((text.y + number * text.pitch) * self.density)
            self._line_of_text(line, left, baseline, face, text.ink)

    def _line_of_text(
        self, line: str, left: int, baseline: int, face: FreeTypeFont, ink: str
    ) -> None:
        # Whole pixels: a glyph is then the same everywhere, which halves the file.
        x0, y0, x1, y1 = (int(n) for n in face.getbbox(line, anchor="ls"))
        mask = Image.new("L", (x1 - x0 + 2, y1 - y0 + 2))
        ImageDraw.Draw(mask).text((1 - x0, 1 - y0), line, 255, face, anchor="ls")
        self.stamp(mask, left + x0 - 1, baseline + y0 - 1, ink)

    def stamp(self, mask: Image.Image, left: int, top: int, colour: str) -> None:
        """Lays a colour over what is there, as thick as the mask says."""
        area = (left, top, left + mask.width, top + mask.height)
        ground = self.image.crop(area)
        over = palette.rgb(colour)
        known = {index: rgb for rgb, index in self.colours.items()}
        result = ground.copy()
        for under in (n for n, count in enumerate(ground.histogram()) if count):
            ramp = [
                self.index(_blend(known[under], over, n / self.levels))
                for n in range(self.levels + 1)
            ]
            table = [ramp[round(n * self.levels / 255)] for n in range(256)]
            where = ground.point([255 if n == under else 0 for n in range(256)])
            result.paste(mask.point(table), (0, 0), where)
        self.image.paste(result, (left, top))

    def encoded(self) -> bytes:
        self.image.putpalette([channel for colour in self.colours for channel in colour])
        out = BytesIO()
        self.image.save(out, "PNG", optimize=True)
        return out.getvalue()


@lru_cache(maxsize=256)
def _rounded(width: int, height: int, radius: float) -> Image.Image:
    mask = Image.new("L", (width * FINER, height * FINER))
    corner = min(radius * FINER, width * FINER / 2, height * FINER / 2)
    area = (0, 0, width * FINER - 1, height * FINER - 1)
    ImageDraw.Draw(mask).rounded_rectangle(area, corner, fill=255)
    return mask.reduce(FINER)


def _corners(rect: Rect) -> tuple[float, float, float, float]:
    return rect.x, rect.y, rect.right, rect.bottom


def _blend(under: RGB, over: RGB, part: float) -> RGB:
    red, green, blue = (
        round(low + (high - low) * part) for low, high in zip(under, over, strict=True)
    )
    return red, green, blue


def _distance(one: RGB, other: RGB) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
