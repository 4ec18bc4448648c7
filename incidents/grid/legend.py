"""The legend at true scale: sample lengths, a full cell, the disc, the ramp of shades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import sqrt

from incidents.durations import format_duration
from incidents.grid import palette
from incidents.grid.fonts import width
from incidents.grid.packing import Size
from incidents.grid.scale import SMALLEST_SIDE, Scale
from incidents.grid.shapes import Patch, Rect, Text
from incidents.grid.strings import Strings

USUAL_SAMPLES = (15.0, 60.0, 120.0)
# In units of the type size: between groups, from a box to its strings; then how far a swatch bounds
# above and below the baseline of its name.
GAP, NEAR = 1.2, 0.35
ABOVE, BELOW = 1.15, 0.45


@dataclass(slots=True)
class Group:
    """Parts of the legend that stay together on a line, drawn from (0, floor) upwards."""

    width: float = 0
    height: float = 0
    patches: list[Patch] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)

    def moved(self, x: float, y: float) -> tuple[list[Patch], list[Text]]:
        return [one.moved(x, y) for one in self.patches], [one.moved(x, y) for one in self.texts]


def samples(full: float, plot: Size) -> tuple[float, float, float]:
    """15m, 1h and 2h; where these would be too small to draw, parts of a full cell."""
    if sqrt(USUAL_SAMPLES[0] / full) * min(plot) >= SMALLEST_SIDE:
        return USUAL_SAMPLES
    return full / 24, full / 8, full / 4


def sample_groups(scale: Scale, plot: Size, size: float, strings: Strings) -> list[Group]:
    """The sample boxes, what a full cell stands for, and the disc."""
    groups = []
    for minutes in samples(scale.full, plot):
        side = sqrt(minutes / scale.full)
        box = Size(plot.width * side, plot.height * side)
        groups.append(_sample(box, format_duration(minutes), size))
    hours = scale.full / 60
    told = f"{hours:.0f}h" if hours < 72 else f"{hours / 24:.0f}d"
    full_cell = Group()
    _say(full_cell, strings.full_cell.format(told), size)
    disc = _sample(Size(scale.disc, scale.disc), strings.length_unknown, size, scale.disc / 2)
    return [*groups, full_cell, disc]


def ramp_group(size: float, strings: Strings, *, unrated: bool) -> Group:
    """The shades, joined, with their names inside; apart from them white, where it is used."""
    group = Group(height=ABOVE * size)
    step = round(max(width(name, size) for name in strings.impacts) + 0.9 * size)
    for shade, name in zip(palette.SHADES, strings.impacts, strict=True):
        _swatch(group, shade, name, step, size)
    if unrated:
        group.width += GAP * size
        step = round(width(strings.not_rated, size) + 0.9 * size)
        _swatch(group, palette.NOT_RATED, strings.not_rated, step, size)
    return group


def laid(
    groups: Sequence[Group], last: Group | None, left: float, top: float, room: float, size: float
) -> tuple[list[Patch], list[Text], float]:
    """The groups on as few lines as they need, `last` at the right end; and where that ends."""
    patches: list[Patch] = []
    texts: list[Text] = []
    for line in _lines([*groups, last] if last else groups, room, size):
        floor = top + max(group.height for group in line)
        x = left
        for group in line:
            ends = group is last and group is not line[0]
            moved = group.moved(left + room - group.width if ends else x, floor)
            patches += moved[0]
            texts += moved[1]
            x += group.width + GAP * size
        top = floor + (BELOW + 0.6) * size
    return patches, texts, top - 0.6 * size


def _lines(groups: Sequence[Group], room: float, size: float) -> list[list[Group]]:
    lines: list[list[Group]] = []
    for group in groups:
        if lines and _length(lines[-1], size) + GAP * size + group.width <= room:
            lines[-1].append(group)
        else:
            lines.append([group])
    return lines


def _length(line: Sequence[Group], size: float) -> float:
    return sum(group.width for group in line) + GAP * size * (len(line) - 1)


def _sample(box: Size, text: str, size: float, radius: float = 0) -> Group:
    group = Group(width=box.width + NEAR * size, height=max(box.height, size))
    rect = Rect(0, -box.height, box.width, box.height)
    group.patches.append(Patch(rect, palette.PANEL, palette.EDGE, radius))
    _say(group, text, size)
    return group


def _say(group: Group, text: str, size: float) -> None:
    group.texts.append(Text(group.width, 0, (text,), size))
    group.width += width(text, size)


def _swatch(group: Group, shade: str, name: str, step: float, size: float) -> None:
    rect = Rect(group.width, -round(ABOVE * size), step, round((ABOVE + BELOW) * size))
    group.patches.append(Patch(rect, shade, palette.EDGE))
    ink = palette.ink_on(shade)
    group.texts.append(Text(group.width + step / 2, 0, (name,), size, ink=ink, anchor="middle"))
    group.width += step
