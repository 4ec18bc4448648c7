"""The legend at true scale: sample lengths, a full cell, the disc, the ramp of shades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from incidents.durations import format_duration
from incidents.grid import packing, palette
from incidents.grid.boxes import SMALLEST_SIDE, Scale
from incidents.grid.fonts import width
from incidents.grid.packing import Size
from incidents.grid.shapes import Patch, Rect, Text
from incidents.grid.strings import Strings

USUAL_SAMPLES = (15.0, 60.0, 120.0)
# In units of the type size: between groups, from a box to its text; then how far a swatch reaches
# above and below the baseline of its name.
GAP, NEAR = 1.2, 0.35
ABOVE, BELOW = 1.15, 0.45


@dataclass(slots=True)
class Group:
    """Parts of the legend that stay together on a line, with type of `size`.

    They are drawn from the baseline of their texts at (0, 0), and grow to the right.
    """

    size: float
    width: float = 0
    height: float = 0
    patches: list[Patch] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def moved(self, x: float, y: float) -> tuple[list[Patch], list[Text]]:
        patches = [patch.moved(x, y) for patch in self.patches]
        return patches, [text.moved(x, y) for text in self.texts]

    def write(self, text: str) -> None:
        self.texts.append(Text(self.width, 0, (text,), self.size))
        self.width += width(text, self.size)

    def draw_swatches(self, shades: Sequence[str], names: Sequence[str]) -> None:
        step = round(max(width(name, self.size) for name in names) + 0.9 * self.size)
        top, height = -round(ABOVE * self.size), round((ABOVE + BELOW) * self.size)
        for shade, name in zip(shades, names, strict=True):
            area, ink = Rect(self.width, top, step, height), palette.ink_on(shade)
            self.patches.append(Patch(area, shade, palette.EDGE))
            middle = self.width + step / 2
            self.texts.append(Text(middle, 0, (name,), self.size, ink=ink, anchor="middle"))
            self.width += step


def sample_groups(scale: Scale, plot: Size, size: float, strings: Strings) -> list[Group]:
    groups = []
    # Where these would be too small to draw, parts of a full cell.
    is_small = sqrt(USUAL_SAMPLES[0] / scale.full) * min(plot) < SMALLEST_SIDE
    samples = (scale.full / 24, scale.full / 8, scale.full / 4) if is_small else USUAL_SAMPLES
    for minutes in samples:
        side = sqrt(minutes / scale.full)
        box = Size(plot.width * side, plot.height * side)
        groups.append(_sample(size, box, format_duration(minutes)))
    hours = scale.full / 60
    full_cell = Group(size)
    length = f"{hours:.0f}h" if hours < 72 else f"{hours / 24:.0f}d"
    full_cell.write(strings.full_cell.format(length))
    disc = _sample(size, Size(scale.disc, scale.disc), strings.length_unknown, scale.disc / 2)
    return [*groups, full_cell, disc]


def _sample(size: float, box: Size, text: str, radius: float = 0) -> Group:
    group = Group(size, width=box.width + NEAR * size, height=max(box.height, size))
    area = Rect(0, -box.height, box.width, box.height)
    group.patches.append(Patch(area, palette.PANEL, palette.EDGE, radius))
    group.write(text)
    return group


def ramp_group(size: float, strings: Strings, *, unrated: bool) -> Group:
    group = Group(size, height=ABOVE * size)
    group.draw_swatches(palette.SHADES, strings.impacts)
    if unrated:
        group.width += GAP * size
        group.draw_swatches([palette.NOT_RATED], [strings.not_rated])
    return group


def arrange(
    groups: Sequence[Group], last: Group | None, left: float, top: float, room: float, size: float
) -> tuple[list[Patch], list[Text], float]:
    """The groups on as few lines as they need, `last` at the right end; and where that ends."""
    patches: list[Patch] = []
    texts: list[Text] = []
    bottom = top
    groups = [*groups, last] if last else groups
    for indices in packing.flow([group.width for group in groups], room, GAP * size):
        line = [groups[index] for index in indices]
        baseline = top + max(group.height for group in line)
        x = left
        for group in line:
            if group is last and group is not line[0]:
                x = left + room - group.width
            moved = group.moved(x, baseline)
            patches += moved[0]
            texts += moved[1]
            x += group.width + GAP * size
        bottom = baseline + BELOW * size
        top = bottom + 0.6 * size
    return patches, texts, bottom
