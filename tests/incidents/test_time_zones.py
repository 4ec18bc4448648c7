from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from incidents.time_zones import (
    abbreviation_of,
    is_ambiguous,
    is_skipped,
    is_wrong_dst,
    resolve_wall_time,
    zone_of,
)

NEW_YORK = ZoneInfo("America/New_York")
SPRING_NIGHT = datetime(2024, 3, 10, 2, 30)  # noqa: DTZ001
AUTUMN_NIGHT = datetime(2024, 11, 3, 1, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("letters", "zone"),
    [
        ("EST EDT ET est", "America/New_York"),
        ("CST CDT CT", "America/Chicago"),
        ("MST MDT MT", "America/Denver"),
        ("PST PDT PT", "America/Los_Angeles"),
        ("CET CEST", "Europe/Paris"),
        ("BST", "Europe/London"),
        ("GMT", "Etc/GMT"),
        ("UTC Z z", "UTC"),
        ("JST", "Asia/Tokyo"),
        ("SGT", "Asia/Singapore"),
        ("AEST AEDT", "Australia/Sydney"),
    ],
)
def test_letters_name_a_zone(letters: str, zone: str) -> None:
    assert {str(zone_of(each)) for each in letters.split()} == {zone}


@pytest.mark.parametrize(
    ("written", "zone"),
    [
        ("Eastern Time", "America/New_York"),
        ("pacific daylight time", "America/Los_Angeles"),
        ("Mountain Standard", "America/Denver"),
        ("Central", "America/Chicago"),
        ("+02:00", "Etc/GMT-2"),
        ("-0400", "Etc/GMT+4"),
        ("UTC+2", "Etc/GMT-2"),
        ("GMT -05:00", "Etc/GMT+5"),
        ("+05:30", "Asia/Kolkata"),
        ("+00:00", "Etc/GMT-0"),
    ],
)
def test_names_and_offsets_mean_a_zone(written: str, zone: str) -> None:
    assert str(zone_of(written)) == zone


@pytest.mark.parametrize("written", ["+15:00", "-13:00", "+02:10", "Moscow Time", "+²"])
def test_an_offset_that_no_clock_shows_means_none(written: str) -> None:
    assert zone_of(written) is None


@pytest.mark.parametrize("letters", ["", "XYZ", "America/New_York", "ſt"])
def test_letters_that_the_table_lacks_name_none(letters: str) -> None:
    assert zone_of(letters) is None


def test_the_wall_clock_is_that_of_the_season() -> None:
    summer = resolve_wall_time(datetime(2024, 7, 1, 23), NEW_YORK)  # noqa: DTZ001
    winter = resolve_wall_time(datetime(2024, 1, 1, 23), NEW_YORK)  # noqa: DTZ001
    assert summer.isoformat() == "2024-07-01T23:00:00-04:00"
    assert winter.isoformat() == "2024-01-01T23:00:00-05:00"


def test_a_time_that_occurs_twice_is_the_first() -> None:
    assert resolve_wall_time(AUTUMN_NIGHT, NEW_YORK).isoformat() == "2024-11-03T01:30:00-04:00"
    assert is_ambiguous(AUTUMN_NIGHT, NEW_YORK)
    assert not is_skipped(AUTUMN_NIGHT, NEW_YORK)


def test_a_time_that_is_skipped_counts_on_from_the_change() -> None:
    assert resolve_wall_time(SPRING_NIGHT, NEW_YORK).isoformat() == "2024-03-10T03:30:00-04:00"
    assert is_skipped(SPRING_NIGHT, NEW_YORK)
    assert not is_ambiguous(SPRING_NIGHT, NEW_YORK)


@pytest.mark.parametrize(
    ("letters", "month", "wrong"),
    [
        ("EST", 7, True),
        ("EST", 1, False),
        ("EDT", 7, False),
        ("EDT", 1, True),
        ("BST", 1, True),
        ("AEST", 1, True),
        ("ET", 7, False),
        ("UTC", 7, False),
        ("XYZ", 7, False),
        ("Eastern Standard Time", 7, True),
        ("Eastern Time", 7, False),
    ],
)
def test_letters_may_be_out_of_season(letters: str, month: int, wrong: bool) -> None:
    assert is_wrong_dst(letters, datetime(2024, month, 15, tzinfo=UTC)) is wrong


@pytest.mark.parametrize(
    ("zone", "letters"),
    [
        ("America/New_York", "EDT"),
        ("Asia/Singapore", "SGT"),
        ("UTC", "UTC"),
        ("America/Sao_Paulo", "UTC-03"),
    ],
)
def test_a_moment_has_the_letters_that_are_true_of_it(zone: str, letters: str) -> None:
    assert abbreviation_of(datetime(2024, 7, 15, tzinfo=ZoneInfo(zone))) == letters
