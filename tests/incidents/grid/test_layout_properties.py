from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.grid.boxes import SMALLEST_SIDE
from incidents.grid.layout import CARD, NARROW, PICTURE, WIDE
from incidents.grid.shapes import Box, Entry, Rect, Shape
from tests.incidents.grid.facts import (
    NEW_YORK,
    apart,
    assert_is_sound,
    ink_of,
    inside,
    make_entry,
    picture_of,
    plot_of,
)

SHAPES = (WIDE, NARROW, CARD, PICTURE)


@st.composite
def entries(draw: st.DrawFn, most: int = 25, longest: int = 3000) -> Entry:
    start = datetime(2024, 6, 23, tzinfo=NEW_YORK) + timedelta(
        days=draw(st.integers(0, 13)), minutes=draw(st.integers(0, 1439))
    )
    precision = draw(st.sampled_from(["exact", "exact", "about", "unknown", "ongoing"]))
    minutes = draw(st.integers(0, longest))
    return make_entry(
        f"{start:%Y-%m-%d %H:%M}",
        minutes,
        precision=precision,
        impact=draw(st.sampled_from([None, 0, 1, 2, 3, 4])),
        slug=f"s{draw(st.integers(0, 10**9))}",
    )


weeks_of_entries = st.lists(entries(), max_size=25, unique_by=lambda one: one.slug)
shapes = st.sampled_from(SHAPES)


@given(weeks_of_entries, shapes)
def test_every_incident_has_one_box_in_its_cell_and_none_overlap(
    some: list[Entry], shape: Shape
) -> None:
    layout = picture_of(some, shape)
    assert sorted(box.entry.slug for box in layout.boxes) == sorted(one.slug for one in some)
    assert_is_sound(layout)


@given(weeks_of_entries, shapes)
def test_area_is_length_at_one_scale_wherever_nothing_departs(
    some: list[Entry], shape: Shape
) -> None:
    layout = picture_of(some, shape)
    for box in layout.boxes:
        plot = plot_of(box, layout)
        if box.not_to_scale != "unknown":
            assert box.rect.width / plot.width == pytest.approx(box.rect.height / plot.height)
        if box.not_to_scale is None:
            area = box.rect.width * box.rect.height / (plot.width * plot.height)
            assert area == pytest.approx((box.minutes or 0) / layout.full)


@given(st.lists(st.floats(0.03, 1), min_size=1, max_size=30), st.integers(0, 8), shapes)
def test_boxes_of_half_a_plot_in_all_are_unshrunk(
    sides: list[float], discs: int, shape: Shape
) -> None:
    total = sum(side * side for side in sides)
    lengths = [240 * side * side / total for side in sides]
    some = [make_entry("2024-07-02 01:00", one, slug=str(n)) for n, one in enumerate(lengths)]
    some += [make_entry("2024-07-02 02:00", None, slug=f"disc-{n}") for n in range(discs)]
    for entries in (some, some[: len(lengths)], some[1:]):
        layout = picture_of(entries, shape)
        plots = [cell.plot for cell in layout.cells if cell.day == date(2024, 7, 2)]
        if layout.full > 480:
            at_eight = sum(area_at_eight(box, plots[0]) for box in layout.boxes)
            assert at_eight > plots[0].width * plots[0].height / 2


def area_at_eight(box: Box, plot: Rect) -> float:
    """The area that a box takes where a full plot is eight hours."""
    if box.minutes is None:
        return box.rect.width * box.rect.height
    least = (SMALLEST_SIDE / min(plot.width, plot.height)) ** 2
    return max(least, box.minutes / 480) * plot.width * plot.height


@given(weeks_of_entries, shapes, st.randoms(use_true_random=False))
def test_the_order_of_the_incidents_does_not_matter(
    some: list[Entry], shape: Shape, dice: random.Random
) -> None:
    shuffled = list(some)
    dice.shuffle(shuffled)
    assert picture_of(shuffled, shape) == picture_of(some, shape)


@given(weeks_of_entries, shapes)
def test_labels_overlap_no_box_no_label_and_stay_in_their_cell(
    some: list[Entry], shape: Shape
) -> None:
    layout = picture_of(some, shape)
    cells = {cell.day: cell.rect for cell in layout.cells}
    for box in layout.boxes:
        others = [one for one in layout.boxes if one.entry.day == box.entry.day and one != box]
        for ink in map(ink_of, box.label):
            assert inside(ink, cells[box.entry.day])
            assert apart(ink, box.rect) or inside(ink, box.rect)
            assert all(apart(ink, one.rect) for one in others)
            taken = [ink_of(text) for one in others for text in one.label]
            assert all(apart(ink, one) for one in taken)
