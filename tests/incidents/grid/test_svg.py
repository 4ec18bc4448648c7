from __future__ import annotations

from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.grid import svg
from incidents.grid.describe import alt_text
from incidents.grid.layout import NARROW, WIDE
from tests.incidents.grid.facts import WINDOW, crowd, make_entry, picture_of, usual_week

SVG = "{http://www.w3.org/2000/svg}"


def parsed(drawing: str | bytes) -> ElementTree.Element:
    return ElementTree.fromstring(drawing)


def links_of(drawing: str) -> list[ElementTree.Element]:
    return list(parsed(drawing).iter(f"{SVG}a"))


def test_each_incident_is_a_link_with_one_rectangle_in_time_order() -> None:
    links = links_of(svg.draw(picture_of(usual_week(), WIDE)))
    assert [link.get("data-slug") for link in links] == list("abcdefghi")
    assert all(len(link.findall(f"{SVG}rect")) == 1 for link in links)
    assert {link.get("href") for link in links} == {"/2024-07-06/#connectivity"}


def test_a_link_says_what_is_true_of_its_incident() -> None:
    links = links_of(svg.draw(picture_of(usual_week(), WIDE)))
    assert links[5].attrib | {"href": ""} == {
        "href": "",
        "data-slug": "f",
        "data-date": "2024-07-02",
        "data-impact": "major",
        "data-minutes": "5",
    }
    assert (links[4].get("data-minutes"), links[4].get("data-departs")) == ("120", None)
    assert (links[2].get("data-minutes"), links[2].get("data-departs")) == (None, "unknown")


def test_an_ongoing_and_a_cut_incident_say_so() -> None:
    ongoing = make_entry("2024-07-06 14:00", None, precision="ongoing", slug="o")
    links = links_of(svg.draw(picture_of([ongoing, make_entry("2024-07-01 00:00", 12960)], WIDE)))
    assert [link.get("data-departs") for link in links] == ["cap", "ongoing"]
    assert [link.get("data-minutes") for link in links] == ["12960", "120"]


def test_a_box_has_a_title_a_description_and_its_label() -> None:
    [link] = links_of(svg.draw(picture_of([make_entry(minutes=40, precision="about")], WIDE)))
    assert link.findtext(f"{SVG}title") == "Connectivity lost"
    assert link.findtext(f"{SVG}desc") == "Jul 2, 15:00, about 40m, impact: partial"
    assert [text.text for text in link.iter(f"{SVG}text")] == ["15:00", "≈40m"]


def test_rectangles_are_plain_numbers_with_no_transform_above_them() -> None:
    drawing = svg.draw(picture_of([*usual_week(), *crowd(30)], WIDE))
    assert "transform" not in drawing
    for rect in parsed(drawing).iter(f"{SVG}rect"):
        assert all(float(rect.get(name, "")) >= 0 for name in ("x", "y", "width", "height"))


def test_a_disc_is_a_rectangle_rounded_fully() -> None:
    [link] = links_of(svg.draw(picture_of([make_entry(minutes=None)], WIDE)))
    rect = link.find(f"{SVG}rect")
    assert rect is not None
    assert (
        float(rect.get("rx", 0)) * 2 == float(rect.get("width", 1)) == float(rect.get("height", 2))
    )


def test_wide_has_a_cell_a_day_and_narrow_one_a_day_with_incidents() -> None:
    def cells(drawing: str) -> list[str | None]:
        rects = parsed(drawing).iter(f"{SVG}rect")
        return [rect.get("data-cell") for rect in rects if rect.get("data-cell")]

    assert cells(svg.draw(picture_of([], WIDE))) == [day.isoformat() for day in WINDOW]
    assert cells(svg.draw(picture_of(usual_week(), NARROW)))[0] == date(2024, 6, 25).isoformat()


def test_nothing_in_it_needs_a_style_a_script_or_an_id() -> None:
    drawing = svg.draw(picture_of([*usual_week(), *crowd(5)], WIDE))
    root = parsed(drawing)
    assert not {"style", "id", "onclick"}.intersection(*[set(one.attrib) for one in root.iter()])
    assert not {one.tag for one in root.iter()} & {f"{SVG}style", f"{SVG}script"}
    assert root.get("aria-label") == alt_text(picture_of([*usual_week(), *crowd(5)], WIDE))


@pytest.mark.parametrize(
    "title",
    [
        "<b>&\"'</b>",
        "🔥 fire",
        "אתר למטה",
        "zero\u200bwidth",
        "x" * 200,
        "?!…",
        "a\x00b\x0bc\ud800\ufffe",
    ],
)
def test_any_title_survives(title: str) -> None:
    drawing = svg.draw(picture_of([make_entry(title=title, slug=title, href=f"/{title}")], WIDE))
    [link] = links_of(drawing.encode().decode())
    forbidden = dict.fromkeys([0, 0x0B, 0xD800, 0xFFFE])
    assert link.findtext(f"{SVG}title") == title.translate(forbidden)


@given(st.text(max_size=30))
def test_the_drawing_is_always_well_formed(title: str) -> None:
    drawing = svg.draw(
        picture_of([make_entry(title=title, slug=title, href=title)], WIDE, title=title)
    )
    assert parsed(drawing.encode()).tag == f"{SVG}svg"


def test_the_same_incidents_are_the_same_drawing() -> None:
    once = svg.draw(picture_of(usual_week(), WIDE))
    assert svg.draw(picture_of(usual_week()[::-1], WIDE)) == once
