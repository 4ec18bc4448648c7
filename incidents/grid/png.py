"""The layout as a PNG: drawn by Pillow in RGB, saved with a fixed palette."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw

from incidents.grid.calendar import CORNER
from incidents.grid.fonts import drawable, font
from incidents.grid.palette import CELL, EDGE, INK, MUTED, PANEL, SHADES, ink_on
from incidents.grid.shapes import Box, Layout, Patch, Rect, Text

# Goes up with every change of the drawing, so that pictures have new addresses.
DRAWING_VERSION = 3
MAX_BYTES = 30_000
# Pixels to a CSS pixel, and blends of two colours that meet: the first that is small enough is
# taken. A card has a size that must stay.
QUALITIES = ((2, 3), (2, 1), (1, 3), (1, 0))
CARD_QUALITIES = ((2, 3), (2, 1), (2, 0))
# Round and slanted shapes are drawn so many times as large, then reduced.
FINER = 4
# zlib's best takes twice the time, for 4 % less.
COMPRESSION = 8
ANCHORS = {"start": 0.0, "middle": 0.5, "end": 1.0}

FLAT_COLOURS = (PANEL, CELL, EDGE, INK, MUTED, *SHADES)
# What is drawn on what: texts beside and inside boxes, torn edges and discs.
MEETING = (
    *((ground, ink) for ground in (PANEL, CELL) for ink in (INK, MUTED)),
    *((shade, ink_on(shade)) for shade in SHADES),
    (CELL, EDGE),
)

Area = tuple[int, int, int, int]


def draw(layout: Layout) -> bytes:
    """The picture, in MAX_BYTES at most; the same layout gives the same bytes."""
    data = b""
    for density, blends in CARD_QUALITIES if layout.shape.height else QUALITIES:
        canvas = _Canvas(layout.width, layout.height, density, blends)
        _draw(layout, canvas)
        data = canvas.png()
        if len(data) <= MAX_BYTES:
            break
    return data


@cache
def _palette(blends: int) -> Image.Image:
    """The flat colours and so many between two that meet: 40 colours, 20 or 10."""
    colours: list[tuple[int, ...]] = [*map(ImageColor.getrgb, FLAT_COLOURS)]
    for under, over in MEETING:
        ends = list(zip(ImageColor.getrgb(under), ImageColor.getrgb(over), strict=True))
        for step in range(1, blends + 1):
            colours.append(tuple(round(a + (b - a) * step / (blends + 1)) for a, b in ends))
    image = Image.new("P", (1, 1))
    image.putpalette([channel for colour in colours for channel in colour])
    return image


def _draw(layout: Layout, canvas: _Canvas) -> None:
    for cell in layout.cells:
        canvas.rectangle(cell.rect, CELL, radius=CORNER)
    for patch in layout.patches:
        canvas.patch(patch)
    for text in layout.texts:
        canvas.text(text)
    for box in layout.boxes:
        canvas.box(box)
    for text in (text for box in layout.boxes for text in box.label):
        canvas.text(text)


class _Canvas:
    """Takes CSS pixels, `density` pixels of the image each."""

    def __init__(self, width: int, height: int, density: int, blends: int) -> None:
        self.density, self.blends, steps = density, blends, blends + 1
        # Smooth edges have only as many steps as the palette has blends: few colours are enough.
        self.levels = bytes(round(round(n * steps / 255) * 255 / steps) for n in range(256))
        self.image = Image.new("RGB", (width * density, height * density), PANEL)
        self.pen = ImageDraw.Draw(self.image)

    def png(self) -> bytes:
        out = BytesIO()
        image = self.image.quantize(palette=_palette(self.blends), dither=Image.Dither.NONE)
        image.save(out, "PNG", compress_level=COMPRESSION)
        return out.getvalue()

    def patch(self, patch: Patch) -> None:
        if patch.radius:
            self.disc(patch.rect, patch.fill, patch.edge or patch.fill)
        else:
            self.rectangle(patch.rect, patch.fill, patch.edge)

    def box(self, box: Box) -> None:
        draw = self.disc if box.is_disc else self.rectangle
        draw(box.rect, box.fill, EDGE, box.edge)
        if box.is_ongoing:
            x, y, width, height = box.rect
            self.rectangle(Rect(x + width - 1, y + 0.5, 2, height - 1), box.fill)
            for slit in box.open_edge:
                self.rectangle(slit, CELL)
        elif box.is_truncated:
            self.torn_edge(box)

    def rectangle(
        self, rect: Rect, fill: str, edge: str | None = None, line: float = 1, radius: float = 0
    ) -> None:
        left, top, right, bottom = self._area(rect, line if edge else 0)
        if left < right and top < bottom:
            area, pixels = (left, top, right - 1, bottom - 1), round(line * self.density)
            self.pen.rounded_rectangle(area, radius * self.density, fill, edge, pixels)

    def disc(self, rect: Rect, fill: str, edge: str, line: float = 1) -> None:
        left, top, right, bottom = self._area(rect, line)
        for inset, colour in ((0, edge), (round(line * self.density), fill)):
            width, height = right - left - 2 * inset, bottom - top - 2 * inset
            if width > 0 and height > 0:
                mask = Image.new("L", (width * FINER, height * FINER))
                ImageDraw.Draw(mask).ellipse((0, 0, mask.width - 1, mask.height - 1), 255)
                self._paint(mask.reduce(FINER), left + inset, top + inset, colour)

    def torn_edge(self, box: Box) -> None:
        area = Rect(box.rect.right - 8, box.rect.y - 2, 10, box.rect.height + 4)
        left, top, right, bottom = self._area(area, 0)
        size = ((right - left) * FINER, (bottom - top) * FINER)
        pixel = self.density * FINER
        tear = [(x * pixel - left * FINER, y * pixel - top * FINER) for x, y in box.torn_edge]
        (x, start), (_x, end) = tear[0], tear[-1]
        corners = ((x, end + pixel), (x + pixel, end + pixel), (x + pixel, start - pixel))
        beyond, line = Image.new("L", size), Image.new("L", size)
        ImageDraw.Draw(beyond).polygon([*tear, *corners, (x, start - pixel)], 255)
        ImageDraw.Draw(line).line(tear, 255, round(box.edge * pixel), "curve")
        self._paint(beyond.reduce(FINER), left, top, CELL)
        self._paint(line.reduce(FINER), left, top, EDGE)

    def text(self, text: Text) -> None:
        face = font(text.size * self.density, text.bold)
        for number, line in enumerate(map(drawable, text.lines)):
            # Whole pixels: a glyph is then the same everywhere, which makes the file smaller.
            x = round(text.x * self.density - ANCHORS[text.anchor] * face.getlength(line))
            y = round((text.y + number * text.pitch) * self.density)
            left, top, right, bottom = map(int, face.getbbox(line, anchor="ls"))
            mask = Image.new("L", (right - left, bottom - top))
            ImageDraw.Draw(mask).text((-left, -top), line, 255, face, anchor="ls")
            self._paint(mask, x + left, y + top, text.ink)

    def _paint(self, mask: Image.Image, left: int, top: int, colour: str) -> None:
        area = (left, top, left + mask.width, top + mask.height)
        levels = mask.tobytes().translate(self.levels)
        self.image.paste(colour, area, Image.frombytes("L", mask.size, levels))

    def _area(self, rect: Rect, line: float) -> Area:
        # With the outer half of its edge, which is centred on its border, as in SVG.
        outer = round(line * self.density / 2)
        return (
            round(rect.x * self.density) - outer,
            round(rect.y * self.density) - outer,
            round(rect.right * self.density) + outer,
            round(rect.bottom * self.density) + outer,
        )
