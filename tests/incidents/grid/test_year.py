from __future__ import annotations

import re
from datetime import date
from itertools import combinations
from xml.etree import ElementTree

import pytest

from incidents.grid import year
from incidents.grid.shapes import Box, Entry, Rect
from incidents.grid.strings import ENGLISH
from incidents.weeks import SUNDAY, Period
from tests.incidents.grid.facts import AT, apart, crowd, inside, make_entry, usual_week

WEEKS = [
    year.Week(Period(date(2024, 6, 23), date(2024, 6, 29)), "/2024-06-29/"),
    year.Week(Period(date(2024, 6, 30), date(2024, 7, 6)), ""),
]


def boxes_of(entries: list[Entry]) -> list[Box]:
    """From the corner of their plot."""
    return [box for boxes in year.lay_out(entries, AT).values() for box in boxes]


def drawing(entries: list[Entry], weeks: list[year.Week] | None = None) -> ElementTree.Element:
    boxes = year.lay_out(entries, AT)
    return ElementTree.fromstring(year.draw(weeks or WEEKS, boxes, SUNDAY, ENGLISH))


def test_area_is_length_at_one_scale() -> None:
    boxes = {box.entry.slug: box for box in boxes_of(usual_week())}
    plot = (year.CELL.width - 2 * year.PAD) * (year.CELL.height - 2 * year.PAD)
    for slug, minutes in {"a": 30, "b": 90, "g": 240}.items():
        rect = boxes[slug].rect
        assert rect.width * rect.height == pytest.approx(plot * minutes / 480)
        assert boxes[slug].not_to_scale is None
    assert boxes["f"].not_to_scale == "min"
    assert boxes["c"].not_to_scale == "unknown"
    assert boxes["c"].rect.width == boxes["c"].rect.height == year.DISC


def test_what_a_day_has_no_room_for_is_cut_from_the_longest_down() -> None:
    day = [make_entry("2024-07-02 01:00", 400, slug="long"), *crowd(6, 30)]
    boxes = {box.entry.slug: box for box in boxes_of(day)}
    assert (boxes["long"].is_truncated, boxes["long"].not_to_scale) == (True, "cap")
    assert not any(box.is_truncated for slug, box in boxes.items() if slug != "long")
    assert not any(box.is_truncated for box in boxes_of(day[:1]))


@pytest.mark.parametrize("number", [1, 7, 40, 500])
def test_nothing_is_dropped_and_no_two_boxes_overlap(number: int) -> None:
    entries = [*crowd(number, 45), make_entry("2024-07-02 00:00", None), *crowd(3, 3000)]
    boxes = boxes_of(entries)
    assert len(boxes) == number + 4
    assert all(inside(box.rect, Rect(0, 0, *year.ROOM)) for box in boxes)
    if number < 100:
        assert all(apart(one.rect, other.rect) for one, other in combinations(boxes, 2))


def test_a_short_week_stands_under_its_weekdays() -> None:
    short = year.Week(Period(date(2024, 1, 3), date(2024, 1, 6)), "")
    drawn = drawing([make_entry("2024-01-03 10:00", 480)], [short])
    left, _top, width = re.findall(r"[\d.]+", drawn.findall("g/path")[0].get("d", ""))
    assert float(left) == pytest.approx(year.GUTTER + 3 * (year.CELL.width + year.GAP), abs=0.01)
    assert float(left) + float(width) == pytest.approx(year.WIDTH, abs=0.01)
    [box] = drawn.iter("rect")
    assert float(box.get("x", 0)) == pytest.approx(float(left) + year.PAD, abs=0.01)


def test_a_week_is_one_link_that_says_what_it_holds() -> None:
    drawn = drawing(usual_week())
    [link] = drawn.iter("a")
    assert link.get("href") == "/2024-06-29/"
    assert link.get("aria-label") == (
        "Jun 23–29: 3 incidents. Longest: Connectivity lost, about 1h 30m. "
        "Highest impact: partial, Connectivity lost."
    )
    unlinked = [one for one in drawn.iter("g") if one.get("role") == "img"]
    assert [one.get("aria-label", "")[:28] for one in unlinked] == ["Jun 30–Jul 6: 6 incidents. L"]


def test_a_box_says_its_incident_whatever_is_in_its_title() -> None:
    drawn = drawing([make_entry(title='<b>"&\0')])
    assert [one.text for one in drawn.iter("title")] == ['<b>"&. Jul 2, 15:00, 1h, impact: partial']


def test_the_legend_knows_what_is_not_judged_and_fits_long_names() -> None:
    from_german = ENGLISH.__class__(
        impacts=("keine", "gering", "teilweise", "erheblich", "kritischer")
    )
    drawn = year.legends(from_german, unrated=True)
    sizes, shades = map(ElementTree.fromstring, drawn)
    assert "a full cell: 8h" in "".join(sizes.itertext())
    assert "not rated" in "".join(shades.itertext())
    rights = [float(one.get("x", 0)) + float(one.get("width", 0)) for one in shades.iter("rect")]
    assert max(rights) <= year.LEGEND
