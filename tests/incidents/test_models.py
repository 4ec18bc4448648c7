from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from incidents import markdown
from incidents.choices import Impact
from incidents.grid import palette
from incidents.models import Addendum, Incident, Region
from incidents.weeks import Period
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Connectivity Loss in IAD", "2024-07-02-connectivity-loss-in-iad"),
        ("`nginx` reloads: GET /v1", "2024-07-02-nginx-reloads-get-v1"),
        ("São Paulo, naïve", "2024-07-02-sao-paulo-naive"),
        ("停电 🔥", "2024-07-02-incident"),
        ("…!?", "2024-07-02-incident"),
        ("x" * 200, "2024-07-02-" + "x" * 69),
    ],
)
def test_a_slug_is_the_local_day_and_the_title_in_ascii(title: str, slug: str) -> None:
    assert make_incident(title=title).slug == slug
    assert len(slug) <= 80


def test_the_day_of_a_slug_is_the_sites_not_utcs() -> None:
    late = make_incident(started_at=datetime(2024, 7, 2, 3, tzinfo=UTC))
    assert late.slug.startswith("2024-07-01-")
    assert late.local_date == date(2024, 7, 1)


def test_equal_titles_on_one_day_are_numbered_within_the_length() -> None:
    slugs = [make_incident(title="y" * 200).slug for _ in range(3)]
    assert slugs == ["2024-07-02-" + "y" * 69] + [f"2024-07-02-{'y' * 67}-{n}" for n in (2, 3)]


def test_a_slug_follows_the_title_until_the_incident_is_public() -> None:
    incident = make_incident(publish_at=None)
    incident.title = "Another name"
    incident.save()
    assert incident.slug == "2024-07-02-another-name"
    incident.publish_at = PUBLISHED
    incident.save()
    incident.title = "A third name"
    incident.save()
    assert incident.slug == "2024-07-02-another-name"


@pytest.mark.parametrize("shift", [timedelta(microseconds=-1), timedelta(0), timedelta(hours=1)])
def test_the_rule_of_public_is_the_same_for_a_set_and_for_one(shift: timedelta) -> None:
    incident = make_incident()
    at = PUBLISHED + shift
    assert Incident.objects.published(at).filter(pk=incident.pk).exists() is incident.is_public(at)
    assert incident.is_public(at) is (shift >= timedelta(0))


def test_an_untold_incident_is_never_public() -> None:
    incident = make_incident(publish_at=None)
    assert not incident.is_public(PUBLISHED + timedelta(days=9999))
    assert not Incident.objects.published(PUBLISHED + timedelta(days=9999)).exists()


@pytest.mark.parametrize(
    ("wall", "inside"),
    [
        ("2024-06-29 23:59", False),
        ("2024-06-30 00:00", True),
        ("2024-07-06 23:59", True),
        ("2024-07-07 00:00", False),
        # The night on which summer time ends has 25 hours.
        ("2024-11-03 00:30", False),
    ],
)
def test_a_period_holds_its_local_days_whole(wall: str, inside: bool) -> None:
    zone = ZoneInfo("America/New_York")
    incident = make_incident(started_at=datetime.fromisoformat(wall).replace(tzinfo=zone))
    period = Period(date(2024, 6, 30), date(2024, 7, 6))
    assert Incident.objects.in_period(period).exists() is inside
    assert (incident.local_date in period) is inside


def test_the_day_of_25_hours_is_one_day() -> None:
    day = Period(date(2024, 11, 3), date(2024, 11, 3))
    first = make_incident(started_at=datetime(2024, 11, 3, 4, 0, tzinfo=UTC))
    last = make_incident(started_at=datetime(2024, 11, 4, 4, 59, tzinfo=UTC))
    make_incident(started_at=datetime(2024, 11, 4, 5, 0, tzinfo=UTC))
    assert list(Incident.objects.in_period(day).in_time_order()) == [first, last]


def test_times_are_shown_on_the_incidents_own_clock() -> None:
    incident = make_incident(zone="Asia/Tokyo")
    assert incident.local_start.isoformat() == "2024-07-03T04:00:00+09:00"
    assert incident.local_date == date(2024, 7, 2)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"minutes": -1}, "incident_ends_after_start"),
        ({"minutes": None, "precision": "exact"}, "incident_end_as_precise"),
        ({"minutes": 5, "precision": "ongoing"}, "incident_end_as_precise"),
        ({"impact": 5}, "incident_impact_on_scale"),
        ({"scope": "everyone"}, "incident_scope_known"),
        ({"kind": "party"}, "incident_kind_known"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(fields: dict, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        make_incident(**fields)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused_at_its_field(zone: str) -> None:
    incident = make_incident()
    incident.zone = zone
    with pytest.raises(ValidationError) as refused:
        incident.full_clean()
    assert set(refused.value.message_dict) == {"zone"}


def test_a_body_of_over_200_kilobytes_is_refused_at_its_field() -> None:
    incident = make_incident()
    incident.body = "x" * 200_001
    with pytest.raises(ValidationError, match="200,000"):
        incident.full_clean()


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"minutes": 120}, "2h"),
        ({"minutes": 90, "precision": "about"}, "≈1h 30m"),
        ({"minutes": None}, "?"),
        ({"minutes": None, "precision": "ongoing"}, "ongoing"),
    ],
)
def test_a_length_reads_as_people_say_it(fields: dict, text: str) -> None:
    assert make_incident(**fields).length_text == text


def test_bodies_are_rendered_when_written() -> None:
    incident = make_incident(body="**Hot** <script>alert(1)</script>")
    assert "<strong>Hot</strong>" in incident.body_html
    assert "<script" not in incident.body_html
    addendum = Addendum.objects.create(incident=incident, body="It was *two* switches.")
    assert "<em>two</em>" in addendum.body_html


def test_the_starting_list_of_regions_is_there() -> None:
    assert Region.objects.get(code="GRU").place == "São Paulo, Brazil"


def test_the_words_of_the_scale_are_the_same_in_database_and_data() -> None:
    assert tuple(impact.word for impact in Impact) == palette.IMPACTS
    assert len(palette.SHADES) == len(palette.IMPACTS)


def test_saving_an_unpublished_incident_scans_no_index() -> None:
    incident = make_incident(publish_at=None)
    with CaptureQueriesContext(connection) as queries:
        incident.save()
    looked_up = [
        query["sql"] for query in queries if '"slug"' in query["sql"].partition("WHERE")[2]
    ]
    assert looked_up
    assert not any("LIKE" in sql for sql in looked_up)


def test_a_save_of_another_field_renders_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    incident, bulletin, article = make_incident(), make_bulletin(), make_article()
    addendum = Addendum.objects.create(incident=incident, body="Late.")
    monkeypatch.setattr(markdown, "render", None)
    for row, field in (
        (incident, "proposed"),
        (addendum, "publish_at"),
        (bulletin, "essay_heading"),
        (article, "status"),
    ):
        row.save(update_fields=[field])
