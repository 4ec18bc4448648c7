"""What is said of a picture is what its layout says."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bulletin.grid_images import Caption, grid_caption
from bulletin.models import Bulletin
from bulletin.week import BulletinData
from incidents.grid import describe, png
from incidents.weeks import Period
from tests.factories import PUBLISHED, make_bulletin, make_incident

pytestmark = pytest.mark.django_db


def test_the_text_alternative_needs_no_layout_and_is_that_of_the_layout() -> None:
    make_incident(title="Disk full", minutes=90, impact=2)
    make_incident(title="Cable cut", minutes=None, precision="ongoing", impact=None)
    bulletin: Bulletin = make_bulletin()
    source = BulletinData([bulletin], PUBLISHED).grid(bulletin)
    assert "picture" not in vars(source)
    assert source.alt_text == describe.alt_text(source.picture)


def test_a_picture_in_other_colours_has_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    bulletin: Bulletin = make_bulletin()
    before = BulletinData([bulletin], PUBLISHED).grid(bulletin).digest
    monkeypatch.setattr(png, "FLAT_COLOURS", ("#000000", *png.FLAT_COLOURS[1:]))
    assert BulletinData([bulletin], PUBLISHED).grid(bulletin).digest != before


LARGER = "Larger boxes are longer, darker boxes are higher-impact"
WEEK = Period(date(2024, 6, 30), date(2024, 7, 6))


def of_week(last: date) -> Bulletin:
    return Bulletin(date=last, period_first=last - timedelta(days=6), period_last=last)


def test_a_caption_points_to_the_bulletin_of_the_rows_above() -> None:
    caption = grid_caption(WEEK, [of_week(date(2024, 7, 6)), of_week(date(2024, 6, 29))])
    pointer = "see the previous bulletin for details about the top row of incidents"
    assert caption == Caption(LARGER, pointer, "/2024-06-29/")
    assert str(caption) == f"{LARGER}; {pointer}"


def test_a_caption_has_no_pointer_without_rows_above_or_a_bulletin_of_them() -> None:
    two_weeks = Period(date(2024, 6, 23), date(2024, 7, 6))
    assert grid_caption(WEEK, []) == Caption(LARGER)
    assert grid_caption(two_weeks, [of_week(date(2024, 6, 22))]) == Caption(LARGER)
