from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from incidents.grid import palette, strips
from incidents.grid.strips import Column, Dot

MONTHS = [Column("Jan", 0, 0.5, 30), Column("Feb", 0.5, 1, None)]


def widths(drawing: str) -> dict[str, float]:
    """Of a bar's parts, by colour."""
    return {
        part.get("fill", ""): float(re.findall(r"h(-?[\d.]+)", part.get("d", ""))[0])
        for part in ElementTree.fromstring(drawing)
    }


def test_a_bar_is_as_long_as_its_numbers_and_the_longest_is_whole() -> None:
    whole, half = (strips.bar(counts, 8, "") for counts in ({1: 4, 4: 2, None: 2}, {1: 4}))
    assert widths(whole)[palette.SHADES[1]] == widths(half)[palette.SHADES[1]] == pytest.approx(98)
    assert widths(whole)[palette.SHADES[4]] == pytest.approx(49)


def places(drawing: str, shade: str) -> list[tuple[float, float]]:
    dots = [one for one in ElementTree.fromstring(drawing) if one.get("stroke") == shade]
    found = re.findall(r"M([\d.]+) ([\d.]+)h0", "".join(one.get("d", "") for one in dots))
    return [(float(x), float(y)) for x, y in found]


def test_each_incident_has_a_dot_and_the_unknown_a_lane_of_their_own() -> None:
    dots = [Dot(0.1, 60, 1), Dot(0.2, 0, 1), Dot(0.3, 10**7, 1), Dot(0.9, None, 1), Dot(0.9, 5, 3)]
    drawn = strips.strip(MONTHS, dots, "Lengths", "?")
    (_x, hour), (_x, none), (_x, ages), (_x, unknown) = places(drawn, palette.SHADES[1])
    assert strips.TOP <= ages < hour < none <= strips.FLOOR < unknown == strips.LANE
    assert len(places(drawn, palette.SHADES[3])) == 1
    assert "?" in ElementTree.fromstring(drawn).itertext()


def test_without_unknown_ones_there_is_no_lane() -> None:
    drawn = strips.strip(MONTHS, [Dot(0.1, 60, None)], "Times to tell", "?")
    strings = list(ElementTree.fromstring(drawn).itertext())
    assert "?" not in strings
    assert {"Jan", "Feb", "1h", "4h"} <= set(strings)


def test_only_a_month_that_has_a_median_has_a_line() -> None:
    drawn = ElementTree.fromstring(strips.strip(MONTHS, [Dot(0.1, 30, 0)], "", "?"))
    [line] = [one for one in drawn if one.get("stroke") == palette.INK]
    assert line.get("d", "").count("M") == 1
