from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.translation import override

from bulletin.kept import Kept
from bulletin.models import Bulletin, Status
from incidents.models import Incident
from tests.factories import PUBLISHED, make_bulletin, make_incident


def test_equal_values_are_made_once_and_the_oldest_goes_first() -> None:
    kept: Kept[int] = Kept(2)
    made: list[str] = []
    for name in ("a", "b", "a", "c", "a", "b"):
        kept.get(name, lambda name=name: made.append(name) or len(made))  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]


def test_one_instant_of_two_zones_and_one_word_of_two_languages_differ() -> None:
    kept: Kept[int] = Kept(9)
    noon = datetime(2024, 7, 2, 12, tzinfo=UTC)
    assert kept.get(noon, lambda: 1) == 1
    assert kept.get(noon.astimezone(ZoneInfo("Asia/Tokyo")), lambda: 2) == 2
    with override("de"):
        assert kept.get(noon, lambda: 3) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/2024-07-06/", "/feed.xml", "/archive/2024/", "/"])
def test_a_bulk_update_shows_at_once_however_often_it_was_read(client: Client, path: str) -> None:
    make_incident(title="Packet loss")
    make_bulletin()
    client.get(path)
    Incident.objects.update(title="Heat in a rack", impact=4, zone="Asia/Tokyo")
    page = client.get(path).content.decode()
    assert "Packet loss" not in page
    assert "Heat in a rack" in page
    assert path != "/2024-07-06/" or "04:00" in page


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/2024-07-06/", "/feed.xml", "/"])
def test_a_drawing_leads_nowhere_that_was_taken_back(client: Client, path: str) -> None:
    make_incident(started_at=datetime(2024, 6, 26, 12, tzinfo=UTC), title="Heat in a rack")
    make_incident(title="Packet loss")
    days = {"period_first": date(2024, 6, 23), "period_last": date(2024, 6, 29)}
    before = make_bulletin(date=date(2024, 6, 29), publish_at=PUBLISHED, **days)
    make_bulletin()
    assert "/2024-06-29/" in client.get(path).content.decode()
    Bulletin.objects.filter(pk=before.pk).update(status=Status.DRAFT)
    page = client.get(path).content.decode()
    assert "Packet loss" in page
    assert "/2024-06-29/" not in page
