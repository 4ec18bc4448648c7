from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.grid.packing import Point, Size, pack_rows, pack_shelves, pack_skyline, with_gap

ROOM = Size(80, 60)
sides = st.lists(st.floats(0.05, 1), min_size=1, max_size=30)


def overlap(one: tuple[Point, Size], other: tuple[Point, Size], gap: float) -> bool:
    (a, small), (b, large) = one, other
    return (
        a.x + small.width + gap - 1e-5 > b.x
        and b.x + large.width + gap - 1e-5 > a.x
        and a.y + small.height + gap - 1e-5 > b.y
        and b.y + large.height + gap - 1e-5 > a.y
    )


def assert_packed(points: Sequence[Point], sizes: Sequence[Size], gap: float) -> None:
    for point, size in zip(points, sizes, strict=True):
        assert point.x >= -1e-5
        assert point.y >= -1e-5
        assert point.x + size.width <= ROOM.width + 1e-5
        assert point.y + size.height <= ROOM.height + 1e-5
    pairs = combinations(zip(points, sizes, strict=True), 2)
    assert not any(overlap(one, other, gap) for one, other in pairs)


@given(sides, st.sampled_from([0, 1, 3]))
def test_packings_overlap_nothing_and_keep_their_gaps(some: list[float], gap: int) -> None:
    sizes = [Size(ROOM.width * side / 3, ROOM.height * side / 3) for side in some]
    for points in (
        pack_rows(sizes, ROOM, gap, gap),
        with_gap(pack_skyline, sizes, ROOM, gap),
        with_gap(pack_shelves, sizes, ROOM, gap),
    ):
        if points is not None:
            assert_packed(points, sizes, gap)


@given(sides)
def test_half_the_room_always_fits_on_shelves(some: list[float]) -> None:
    shrink = min(1.0, (0.5 / sum(side * side for side in some)) ** 0.5)
    sizes = [Size(ROOM.width * side * shrink, ROOM.height * side * shrink) for side in some]
    assert pack_shelves(sizes, ROOM) is not None


def test_a_flow_reads_in_the_given_order_and_stands_on_the_floor() -> None:
    points = pack_rows([Size(40, 10), Size(30, 20), Size(30, 5)], ROOM, 3, 3)
    assert points == [Point(0, 42), Point(43, 32), Point(0, 55)]


@pytest.mark.parametrize("size", [Size(81, 1), Size(1, 61)])
def test_what_is_larger_than_the_room_finds_none(size: Size) -> None:
    assert pack_rows([size], ROOM, 0, 0) is None
    assert pack_shelves([size], ROOM) is None
    assert pack_skyline([size], ROOM) is None
