"""What is said of a picture is what its layout says."""

from __future__ import annotations

import pytest

from bulletin.models import Bulletin
from bulletin.week import BulletinData
from incidents.grid import describe
from tests.factories import PUBLISHED, make_bulletin, make_incident

pytestmark = pytest.mark.django_db


def test_the_text_alternative_needs_no_layout_and_is_that_of_the_layout() -> None:
    make_incident(title="Disk full", minutes=90, impact=2)
    make_incident(title="Cable cut", minutes=None, precision="ongoing", impact=None)
    bulletin: Bulletin = make_bulletin()
    source = BulletinData([bulletin], PUBLISHED).grid(bulletin)
    assert "picture" not in vars(source)
    assert source.alt_text == describe.alt_text(source.picture)
