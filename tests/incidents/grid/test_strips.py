from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest

from incidents.grid import palette, strips
from incidents.grid.strings import ENGLISH
from incidents.grid.strips import Dot, Month
from incidents.weeks import Period

DAY = date(2024, 1, 7)
MONTHS = [
    Month("Jan", Period(date(2024, 1, 1), date(2024, 1, 31)), 30),
    Month("Feb", Period(date(2024, 2, 1), date(2024, 2, 29)), None),
]


def widths(drawing: str) -> dict[str, float]:
    """Of a bar's parts, by colour."""
    return {
        part.get("fill", ""): float(re.findall(r"h(-?[\d.]+)", part.get("d", ""))[0])
        for part in ElementTree.fromstring(drawing)
    }


def test_a_bar_is_as_long_as_its_numbers_and_the_longest_is_whole() -> None:
    whole, half = (strips.bar(counts, 8, ENGLISH) for counts in ({1: 4, 4: 2, None: 2}, {1: 4}))
    assert widths(whole)[palette.SHADES[1]] == widths(half)[palette.SHADES[1]] == pytest.approx(98)
    assert widths(whole)[palette.SHADES[4]] == pytest.approx(49)
    assert 'aria-label="2 critical, 4 minor, 2 not rated"' in whole


def places(drawing: str, shade: str) -> list[tuple[float, float]]:
    dots = [one for one in ElementTree.fromstring(drawing) if one.get("stroke") == shade]
    found = re.findall(r"M([\d.]+) ([\d.]+)h0", "".join(one.get("d", "") for one in dots))
    return [(float(x), float(y)) for x, y in found]


def test_each_incident_has_a_dot_and_the_unknown_a_lane_of_their_own() -> None:
    times = [(60, 1), (0, 1), (10**7, 1), (None, 1), (5, 3)]
    dots = [Dot(DAY, minutes, impact) for minutes, impact in times]
    drawn = strips.strip(MONTHS, dots, "Lengths", "?")
    (_x, hour), (_x, none), (_x, ages), (_x, unknown) = places(drawn, palette.SHADES[1])
    assert strips.TOP <= ages < hour < none <= strips.FLOOR < unknown == strips.LANE
    assert len(places(drawn, palette.SHADES[3])) == 1
    assert "?" in ElementTree.fromstring(drawn).itertext()


def test_without_unknown_ones_there_is_no_lane() -> None:
    drawn = strips.strip(MONTHS, [Dot(DAY, 60, None)], "Times to tell", "?")
    strings = list(ElementTree.fromstring(drawn).itertext())
    assert "?" not in strings
    assert {"Jan", "Feb", "1h", "4h"} <= set(strings)


def test_only_a_month_that_has_a_median_has_a_line() -> None:
    drawn = ElementTree.fromstring(strips.strip(MONTHS, [Dot(DAY, 30, 0)], "", "?"))
    [line] = [one for one in drawn if one.get("stroke") == palette.INK]
    assert line.get("d", "").count("M") == 1
