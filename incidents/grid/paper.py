"""A picture of palette indexes to draw on in CSS pixels: flat areas, and edges by masks.

A mask says how thick a colour lies, from 0 to 255; those of letters and round things are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, cast

from PIL import Image, ImageDraw

from incidents.grid.colours import PLACES, table
from incidents.grid.fonts import font
from incidents.grid.palette import PANEL
from incidents.grid.shapes import Rect, Text

FINER = 4
# Wherever a mask has any colour.
ANY = bytes(1) + bytes([255]) * 255
SHIFTS = {"start": 0.0, "middle": 0.5, "end": 1.0}

Area = tuple[int, int, int, int]
Points = Sequence[tuple[float, float]]


class Mask(NamedTuple):
    """How thick a colour lies, row by row."""

    size: tuple[int, int]
    thickness: bytes

    def inked(self, table: bytes) -> Image.Image:
        return Image.frombytes("L", self.size, self.thickness.translate(table))


class Paper:
    """A picture of the PANEL's colour at first, `density` pixels to a CSS pixel."""

    def __init__(self, width: int, height: int, density: int) -> None:
        self.density = density
        self.image = Image.new("L", (width * density, height * density), PLACES[PANEL])
        self.pen = ImageDraw.Draw(self.image)

    def box(self, rect: Rect, fill: str, edge: str | None = None, line: float = 1) -> None:
        """A rectangle; its edge is centred on its border, as in SVG."""
        wide = line if edge else 0
        (left, top, right, bottom), _inner = self._areas(rect, wide)
        if left < right and top < bottom:
            area = (left, top, right - 1, bottom - 1)
            ink = PLACES[edge or fill]
            self.pen.rectangle(area, PLACES[fill], ink, round(wide * self.density))

    def sheet(self, rect: Rect, fill: str, radius: float) -> None:
        """A rectangle with round corners, on flat ground; much larger than these."""
        _whole, area = self._areas(rect, 0)
        left, top, right, bottom = area
        reach = round(radius * self.density)
        disc = _round((2 * reach, 2 * reach)).inked(table(self._at(left, top), fill))
        self.image.paste(PLACES[fill], area)
        for x, column in ((left, 0), (right - reach, reach)):
            for y, row in ((top, 0), (bottom - reach, reach)):
                corner = disc.crop((column, row, column + reach, row + reach))
                self.image.paste(corner, (x, y))

    def disc(self, rect: Rect, fill: str, edge: str, line: float = 1) -> None:
        """On flat ground, but where others touch its corners."""
        whole, inner = self._areas(rect, line)
        left, top, right, bottom = whole
        size = (right - left, bottom - top)
        if min(size) < 1:
            return
        under = self._at((left + right) // 2, (top + bottom) // 2)
        disc = _disc(size, under, inner[0] - left, fill, edge)
        self.image.paste(disc, whole, _round(size).inked(ANY))

    def polygon(self, points: Points, colour: str) -> None:
        self._traced(points, 0, colour, lambda pen, path: pen.polygon(path, fill=255))

    def line(self, points: Points, colour: str, width: float) -> None:
        wide = round(width * self.density * FINER)
        self._traced(points, width, colour, lambda pen, path: pen.line(path, 255, wide, "curve"))

    def _traced(
        self,
        points: Points,
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
        self.mini_box(_reduced(mask), left, top, colour)

    def text(self, text: Text) -> None:
        for number, line in enumerate(text.lines):
            mask, x, y, length = _written(line, text.size * self.density, text.bold)
            left = round(text.x * self.density - SHIFTS[text.anchor] * length)
            baseline = round((text.y + number * text.pitch) * self.density)
            self.mini_box(mask, left + x, baseline + y, text.ink)

    def mini_box(self, mask: Mask, left: int, top: int, colour: str) -> None:
        """Lays a colour over what is there, as thick as the mask says."""
        area = (left, top, left + mask.size[0], top + mask.size[1])
        self.image.paste(_laid(self.image.crop(area), mask, colour), area)

    def _at(self, x: int, y: int) -> int:
        return cast(int, self.image.getpixel((x, y)))

    def _areas(self, rect: Rect, line: float) -> tuple[Area, Area]:
        """In pixels: with the whole of its edge, and without it."""
        x, y, width, height = rect
        density = self.density
        left, top = round(x * density), round(y * density)
        right, bottom = round((x + width) * density), round((y + height) * density)
        wide = round(line * density)
        out = round(line * density / 2)
        into = wide - out
        return (
            (left - out, top - out, right + out, bottom + out),
            (left + into, top + into, right - into, bottom - into),
        )


def _laid(ground: Image.Image, mask: Mask, colour: str) -> Image.Image:
    under = _flat(ground)
    if under is not None:
        return mask.inked(table(under, colour))
    result, there = ground.copy(), Mask(ground.size, ground.tobytes())
    for under in set(there.thickness):
        result.paste(mask.inked(table(under, colour)), (0, 0), there.inked(_only(under)))
    return result


def _reduced(mask: Image.Image) -> Mask:
    less = mask.reduce(FINER)
    return Mask(less.size, less.tobytes())


@lru_cache(maxsize=256)
def _only(index: int) -> bytes:
    return bytes(255 if n == index else 0 for n in range(256))


def _flat(ground: Image.Image) -> int | None:
    """The only index there, None where there are more."""
    least, most = cast(tuple[int, int], ground.getextrema())
    return least if least == most else None


@lru_cache(maxsize=256)
def _disc(size: tuple[int, int], under: int, inset: int, fill: str, edge: str) -> Image.Image:
    """On flat ground."""
    whole = _round(size).inked(table(under, edge))
    inside = (size[0] - 2 * inset, size[1] - 2 * inset)
    if min(inside) >= 1:
        inner = (inset, inset, inset + inside[0], inset + inside[1])
        whole.paste(_laid(whole.crop(inner), _round(inside), fill), inner)
    return whole


@lru_cache(maxsize=256)
def _round(size: tuple[int, int]) -> Mask:
    width, height = size
    mask = Image.new("L", (width * FINER, height * FINER))
    ImageDraw.Draw(mask).ellipse((0, 0, width * FINER - 1, height * FINER - 1), fill=255)
    return _reduced(mask)


@lru_cache(maxsize=256)
def _written(line: str, size: float, bold: bool) -> tuple[Mask, int, int, float]:
    """A line as a mask, where this begins from the start of the baseline, and how far it goes."""
    face = font(size, bold)
    # Whole pixels: a glyph is then the same everywhere, which halves the file.
    x0, y0, x1, y1 = (int(n) for n in face.getbbox(line, anchor="ls"))
    mask = Image.new("L", (x1 - x0 + 2, y1 - y0 + 2))
    ImageDraw.Draw(mask).text((1 - x0, 1 - y0), line, 255, face, anchor="ls")
    return Mask(mask.size, mask.tobytes()), x0 - 1, y0 - 1, face.getlength(line)
