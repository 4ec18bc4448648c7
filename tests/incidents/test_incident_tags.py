"""How templates say what the log knows of an incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from incidents.models import Incident
from incidents.templatetags import incident_tags as tags

START = datetime(2024, 7, 2, 19, tzinfo=UTC)


def an_incident(**overrides: object) -> Incident:
    return Incident(**{"title": "Packet loss", "started_at": START, **overrides})


def test_a_start_is_shown_on_the_incidents_own_wall_clock() -> None:
    told = tags.incident_time(an_incident(zone="America/New_York"))
    assert told == '<time datetime="2024-07-02T15:00:00-04:00">July 2, 15:00 EDT</time>'


def test_the_abbreviation_is_the_one_that_is_true_on_that_date() -> None:
    winter = datetime(2024, 1, 2, 20, tzinfo=UTC)
    assert "15:00 EST" in tags.incident_time(
        an_incident(zone="America/New_York", started_at=winter)
    )
    assert "03:00 SGT" in tags.incident_time(an_incident(zone="Asia/Singapore"))


def test_the_same_hour_in_the_night_of_the_clock_change_is_told_apart() -> None:
    first = datetime(2024, 11, 3, 5, 30, tzinfo=UTC)
    told = [tags.incident_time(an_incident(started_at=first + timedelta(hours=n))) for n in (0, 1)]
    assert "01:30 EDT" in told[0]
    assert "-04:00" in told[0]
    assert "01:30 EST" in told[1]
    assert "-05:00" in told[1]


def test_a_start_is_shown_with_its_year_where_the_page_does_not_give_it() -> None:
    assert "July 2, 2024, 15:00 EDT" in tags.incident_time(an_incident(), year=True)


def test_an_instant_is_shown_on_the_sites_wall_clock() -> None:
    midnight = datetime(2024, 7, 3, 3, 59, tzinfo=UTC)
    assert "July 2, 2024, 23:59 EDT" in tags.local_time(midnight)
    assert 'datetime="2024-07-02T23:59:00-04:00">July 2, 2024<' in tags.local_date(midnight)


def test_dates_are_shown_in_the_language_of_the_installation() -> None:
    with translation.override("de"):
        assert "2. Juli 2024" in tags.local_date(START)


def test_backticks_of_a_title_are_code_and_all_else_is_escaped() -> None:
    assert tags.code_title("`eth0` & <b>") == "<code>eth0</code> &amp; &lt;b&gt;"


@pytest.mark.parametrize(
    ("precision", "minutes", "told"),
    [
        ("exact", 40, "40m"),
        ("about", 120, "≈2h"),
        ("ongoing", None, "ongoing"),
        ("unknown", None, "length unknown"),
    ],
)
def test_a_length_is_shown_as_text_says_it(precision: str, minutes: int | None, told: str) -> None:
    end = None if minutes is None else START + timedelta(minutes=minutes)
    assert tags.incident_length(an_incident(precision=precision, ended_at=end)) == told


def test_an_impact_is_a_phrase_also_before_it_is_rated() -> None:
    assert tags.impact(an_incident(impact=None)) == "impact not rated"
    assert tags.impact(an_incident(impact=0)) == "no impact"
    assert tags.impact(an_incident(impact=4)) == "critical impact"


def test_the_first_paragraph_has_no_markup() -> None:
    assert (
        tags.first_paragraph("<p>Disks &amp; a\n<em>fan</em>.</p>\n<p>More.</p>")
        == "Disks & a fan."
    )
    assert tags.first_paragraph("") == ""
