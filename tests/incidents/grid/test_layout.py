from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest

from incidents.grid.boxes import SMALLEST_SIDE
from incidents.grid.fonts import width
from incidents.grid.layout import CARD, NARROW, PICTURE, WIDE
from incidents.grid.shapes import Entry, Rect, Shape
from incidents.weeks import Period
from tests.cost import lines_run
from tests.incidents.grid.facts import (
    AT,
    NEW_YORK,
    PERIOD,
    WINDOW,
    apart,
    assert_is_sound,
    crowd,
    inside,
    make_entry,
    picture_of,
    usual_week,
)

SHAPES = (WIDE, NARROW, CARD, PICTURE)
every_shape = pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)


@every_shape
def test_a_usual_fortnight_is_drawn_at_eight_hours(shape: Shape) -> None:
    layout = picture_of(usual_week(), shape)
    assert layout.full == 480
    assert [box.entry.slug for box in layout.boxes] == list("abcdefghi")


def test_a_usual_fortnight_has_every_label_where_there_is_room() -> None:
    for shape in (WIDE, NARROW, PICTURE):
        for box in picture_of(usual_week(), shape).boxes:
            assert [text.lines[0] for text in box.label] != []
            assert len(box.label) == 2


@every_shape
@pytest.mark.parametrize("minutes", [30, None, 5, 700])
def test_five_hundred_in_a_day_are_all_there(shape: Shape, minutes: float | None) -> None:
    entries = [*crowd(500, minutes), *usual_week()]
    assert lines_run(lambda: picture_of(entries, shape)) < 3_000_000
    layout = picture_of(entries, shape)
    assert len(layout.boxes) == 509
    cell = next(cell for cell in layout.cells if cell.day == date(2024, 7, 2))
    crowded = [box.rect for box in layout.boxes if box.entry.day == cell.day]
    assert all(inside(rect, cell.plot) for rect in crowded)
    crowded.sort(key=lambda rect: rect.x)
    for index, rect in enumerate(crowded):
        near = (one for one in crowded[index + 1 : index + 60] if one.x < rect.right)
        assert all(apart(rect, one) for one in near)


@every_shape
def test_the_smallest_side_is_seven_pixels_in_a_day_that_can_hold_its_boxes(shape: Shape) -> None:
    layout = picture_of(crowd(12, 1), shape)
    assert {box.not_to_scale for box in layout.boxes} == {"min"}
    assert min(min(box.rect[2:]) for box in layout.boxes) == pytest.approx(SMALLEST_SIDE)


@every_shape
def test_what_is_longer_than_a_full_cell_is_cut_and_gives_way_first(shape: Shape) -> None:
    alone = picture_of([make_entry("2024-07-02 01:00", 9 * 1440)], shape)
    assert (alone.boxes[0].not_to_scale, alone.boxes[0].is_truncated) == ("cap", True)
    assert (
        alone.boxes[0].rect == alone.cells[2 if len(alone.cells) == 1 else 9].plot
        if (shape is not NARROW)
        else alone.boxes[0].rect.width == pytest.approx(alone.cells[0].plot.width)
    )
    both = picture_of(
        [make_entry("2024-07-02 01:00", 9 * 1440), make_entry("2024-07-02 09:00", 30, slug="x")],
        shape,
    )
    assert both.full == 480
    assert [box.not_to_scale for box in both.boxes] == ["cap", None]
    assert both.boxes[0].rect.width < alone.boxes[0].rect.width


def test_a_day_of_nineteen_hours_shrinks_the_scale_of_the_whole_grid() -> None:
    layout = picture_of([*crowd(4, 290), make_entry("2024-06-24 09:00", 60, slug="x")], WIDE)
    assert layout.full > 480
    hour = layout.boxes[0]
    assert hour.rect.width / layout.cells[1].plot.width == pytest.approx((60 / layout.full) ** 0.5)
    said = [line for text in layout.texts for line in text.lines]
    assert f"a full cell: {layout.full / 60:.0f}h" in said


def test_exactly_eight_hours_fill_the_plot_and_are_not_cut() -> None:
    [box] = picture_of([make_entry(minutes=480)], WIDE).boxes
    assert (box.not_to_scale, box.is_truncated) == (None, False)


def test_an_unknown_length_is_a_disc_of_one_size() -> None:
    layout = picture_of(usual_week(), WIDE)
    discs = [box for box in layout.boxes if box.not_to_scale == "unknown"]
    assert {(box.rect.width, box.rect.height) for box in discs} == {(15, 15)}
    assert all(box.minutes is None for box in discs)


def test_what_is_ongoing_is_measured_to_the_instant() -> None:
    ongoing = make_entry("2024-07-06 14:00", None, precision="ongoing")
    [box] = picture_of([ongoing], WIDE).boxes
    assert (box.minutes, box.not_to_scale, box.is_ongoing) == (120, "ongoing", True)
    [early] = picture_of([ongoing], WIDE, at=datetime(2024, 7, 1, tzinfo=UTC)).boxes
    assert early.minutes == 0


def test_days_outside_the_window_are_ignored() -> None:
    assert not picture_of(
        [make_entry("2024-07-07 00:00"), make_entry("2024-06-22 23:59")], WIDE
    ).boxes


def test_the_night_when_clocks_change_is_as_long_as_it_was() -> None:
    week = Period(date(2024, 10, 27), date(2024, 11, 9))
    fall_back = make_entry("2024-11-03 00:30", 120)
    layout = picture_of([fall_back], WIDE, window=week, period=week)
    assert layout.boxes[0].minutes == 120
    local = Entry(
        **{name: getattr(fall_back, name) for name in fall_back.__slots__}
        | {"ends": datetime(2024, 11, 3, 2, 30, tzinfo=NEW_YORK)}
    )
    assert local.minutes(AT) == 180


def test_the_year_may_end_within_a_week() -> None:
    window = Period(date(2024, 12, 22), date(2025, 1, 4))
    layout = picture_of([make_entry("2024-12-31 23:59")], WIDE, window=window, period=window)
    told = ["".join(text.lines) for text in layout.texts]
    assert "Dec 22–28" in told
    assert "Dec 29–Jan 4" in told


@every_shape
@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_one_row_a_week_and_one_cell_a_day(shape: Shape, rows: int) -> None:
    window = Period(PERIOD.last - timedelta(days=7 * rows - 1), PERIOD.last)
    layout = picture_of(usual_week(), shape, window=window, period=window)
    days = [
        day for day in window if shape is not NARROW or any(one.day == day for one in usual_week())
    ]
    assert [cell.day for cell in layout.cells] == days
    assert all(inside(cell.rect, Rect(0, 0, layout.width, layout.height)) for cell in layout.cells)
    assert_is_sound(layout)


@every_shape
def test_nothing_is_drawn_outside_the_picture(shape: Shape) -> None:
    layout = picture_of([*usual_week(), make_entry(slug="z", impact=None)], shape)
    paper = Rect(0, 0, layout.width, layout.height)
    assert all(inside(patch.rect, paper) for patch in layout.patches)
    for text in layout.texts:
        wide = max(width(line, text.size, text.bold) for line in text.lines)
        left = text.x - {"start": 0, "middle": 0.5, "end": 1}[text.anchor] * wide
        assert left >= 0
        assert left + wide <= layout.width


def test_a_quiet_fortnight_has_cells_and_a_legend() -> None:
    layout = picture_of([], WIDE)
    assert (len(layout.cells), len(layout.boxes)) == (14, 0)
    said = [line for text in layout.texts for line in text.lines]
    assert {"15m", "1h", "2h", "a full cell: 8h", "length unknown", "critical"} <= set(said)
    assert "not rated" not in said


def test_not_judged_is_explained_only_where_it_is_seen() -> None:
    layout = picture_of([make_entry(impact=None)], WIDE)
    assert "not rated" in [line for text in layout.texts for line in text.lines]


def test_rows_of_the_period_have_bold_dates_and_a_bar() -> None:
    layout = picture_of([], WIDE)
    bold = ["".join(text.lines) for text in layout.texts if text.bold]
    assert bold == ["Jun 30–Jul 6"]
    [bar] = [patch.rect for patch in layout.patches if patch.rect.width == 3]
    assert (bar.y, bar.bottom) == (layout.cells[7].rect.y, layout.cells[7].rect.bottom)


@pytest.mark.parametrize("shape", [PICTURE, CARD])
def test_text_is_eight_pixels_tall_or_more_at_a_width_of_360(shape: Shape) -> None:
    layout = picture_of([*usual_week(), *crowd(8)], shape)
    texts = [*layout.texts, *(text for box in layout.boxes for text in box.label)]
    assert min(text.size for text in texts) * 360 / layout.width >= 8


def test_targets_are_a_finger_wide_where_neighbours_allow() -> None:
    [box] = picture_of([make_entry(minutes=1)], WIDE).boxes
    assert min(box.target[2:]) >= 24
    layout = picture_of(crowd(9, 10), WIDE)
    targets = [box.target for box in layout.boxes]
    assert all(apart(one, other) for one, other in combinations(targets, 2))


def test_the_first_day_of_the_week_is_the_callers() -> None:
    window = Period(date(2024, 6, 24), date(2024, 7, 7))
    layout = picture_of([], WIDE, window=window, period=window, first_weekday=0)
    assert layout.texts[0].lines == ("Mon",)
    assert window != WINDOW


@every_shape
@pytest.mark.parametrize("number", [2, 12, 40])
def test_a_length_not_known_is_a_disc_of_one_size_on_every_day(shape: Shape, number: int) -> None:
    entries = [*crowd(number, None), make_entry("2024-07-04 20:00", None, slug="alone")]
    boxes = picture_of(entries, shape).boxes
    sizes = {round(box.rect.width, 6) for box in boxes if box.rect.width >= SMALLEST_SIDE}
    assert len(sizes) == 1
