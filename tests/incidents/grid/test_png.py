from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image, ImageColor

from incidents.grid import palette, png, svg
from incidents.grid.describe import alt_text
from incidents.grid.fonts import drawable, font_digest, shortened, width
from incidents.grid.layout import CARD, NARROW, PICTURE, WIDE
from incidents.grid.shapes import Entry, Shape
from incidents.grid.strings import Strings
from incidents.weeks import Period
from tests.incidents.grid.facts import PERIOD, crowd, make_entry, picture_of, usual_week

SHAPES = (WIDE, NARROW, CARD, PICTURE)
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def colours_of(data: bytes) -> set[object]:
    return {colour for _count, colour in opened(data).convert("RGB").getcolors() or ()}


def busy_weeks(rows: int, a_day: int) -> list[Entry]:
    return [
        make_entry(
            f"{PERIOD.last - timedelta(days=day)} {hour:02}:{day:02}",
            None if hour % 5 == 4 else 7 * hour + 3 * day + 4,
            slug=f"{day}-{hour}",
            impact=(day + hour) % 5,
        )
        for day in range(7 * rows)
        for hour in range(a_day)
    ]


@every_shape
def test_a_picture_has_a_palette_and_twice_the_pixels(shape: Shape) -> None:
    layout = picture_of(usual_week(), shape)
    image = opened(png.draw(layout))
    assert image.mode == "P"
    assert image.size == (2 * layout.width, 2 * layout.height)
    assert set(image.info) <= {"transparency"}


def test_a_card_is_1200_by_630_however_many_weeks() -> None:
    for rows in (1, 2, 5):
        window = Period(PERIOD.last - timedelta(days=7 * rows - 1), PERIOD.last)
        layout = picture_of(busy_weeks(rows, 3), CARD, window=window, title="Log " * 40)
        assert opened(png.draw(layout)).size == (1200, 630)


@pytest.mark.parametrize("shape", [WIDE, CARD, PICTURE], ids=lambda shape: shape.name)
@pytest.mark.parametrize(("rows", "a_day"), [(2, 1), (2, 3), (2, 12), (3, 3), (5, 3), (5, 8)])
def test_a_picture_has_30_kilobytes_at_most(shape: Shape, rows: int, a_day: int) -> None:
    window = Period(PERIOD.last - timedelta(days=7 * rows - 1), PERIOD.last)
    assert len(png.draw(picture_of(busy_weeks(rows, a_day), shape, window=window))) <= 30_000


def test_five_hundred_in_a_week_have_30_kilobytes_at_most() -> None:
    assert len(png.draw(picture_of(crowd(500), PICTURE))) <= 30_000


@every_shape
def test_the_same_incidents_are_the_same_bytes(shape: Shape) -> None:
    entries = [*usual_week(), *crowd(20)]
    assert png.draw(picture_of(entries[::-1], shape)) == png.draw(picture_of(entries, shape))


def test_flat_parts_have_exactly_the_colours_of_the_palette() -> None:
    layout = picture_of([make_entry(minutes=240, impact=4)], WIDE)
    image = opened(png.draw(layout)).convert("RGB")
    box = layout.boxes[0].rect
    middle = (int(2 * box.right) - 8, int(2 * box.bottom) - 8)
    assert image.getpixel(middle) == ImageColor.getrgb(palette.shade(4))
    assert image.getpixel((0, 0)) == ImageColor.getrgb(palette.PANEL)
    cell = layout.cells[0].rect
    assert image.getpixel((int(cell.x) * 2 + 60, int(cell.y) * 2 + 80)) == ImageColor.getrgb(
        palette.CELL
    )


@pytest.mark.parametrize("title", ["🔥", "火事", "אש", "\U0001f468\u200d\U0001f692", "a\ud800\x00"])
def test_a_glyph_that_the_face_lacks_is_left_out(title: str) -> None:
    bare = picture_of([], CARD, title="Log a" if "a" in title else "Log")
    dressed = picture_of([], CARD, title=f"Log {title}")
    assert png.draw(dressed) == png.draw(bare)


def test_the_face_has_the_signs_that_a_label_needs() -> None:
    everything = "0123456789:≈?–… Zażółć gęślą jaźń Ελλάδα Київ → ×"
    assert drawable(everything) == everything


def test_a_long_title_is_cut_to_its_room() -> None:
    cut = shortened("x" * 200, 20, 300, bold=True)
    assert cut.endswith("…")
    assert width(cut, 20, bold=True) <= 300


@pytest.mark.parametrize("shape", [PICTURE, CARD], ids=lambda shape: shape.name)
def test_a_picture_is_in_english_where_the_font_lacks_the_letters(shape: Shape) -> None:
    japanese = Strings(weekdays=tuple("月火水木金土日"), window="{}のインシデント。")
    layout = picture_of(usual_week(), shape, strings=japanese)
    assert png.draw(layout) == png.draw(picture_of(usual_week(), shape))
    assert "インシデント" in alt_text(layout)
    assert "月" in svg.draw(picture_of([], WIDE, strings=japanese))


def test_a_picture_has_40_colours_at_most() -> None:
    for entries in (usual_week(), busy_weeks(2, 12)):
        assert len(colours_of(png.draw(picture_of(entries, PICTURE)))) <= 40


@every_shape
def test_all_flat_colours_are_exact(shape: Shape) -> None:
    entries = [
        make_entry(f"2024-07-0{impact + 1} 12:00", 300, impact=impact, slug=str(impact))
        for impact in range(5)
    ]
    flat = {*palette.SHADES, palette.PANEL, palette.CELL, palette.EDGE, palette.INK, palette.MUTED}
    for crowded in ([], busy_weeks(2, 12)):
        drawn = colours_of(png.draw(picture_of([*entries, *crowded], shape)))
        assert {ImageColor.getrgb(colour) for colour in flat} <= drawn


def test_letters_are_smooth() -> None:
    drawn = colours_of(png.draw(picture_of(usual_week(), PICTURE)))
    between = {colour for colour in drawn if 60 < sum(colour) / 3 < 230}
    assert len(between - {ImageColor.getrgb(shade) for shade in palette.SHADES}) > 10


def test_what_is_drawn_before_changes_no_picture() -> None:
    layout = picture_of(usual_week(), PICTURE)
    before = png.draw(layout)
    png.draw(picture_of(crowd(40, None), CARD))
    assert png.draw(layout) == before


def test_the_tiniest_discs_are_drawn() -> None:
    assert len(png.draw(picture_of(crowd(3000, None), PICTURE))) <= 30_000


def test_the_digest_of_the_fonts_is_that_of_their_files() -> None:
    assert re.fullmatch("[0-9a-f]{16}", font_digest())
