from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.durations import (
    Duration,
    DurationError,
    find_durations,
    format_duration,
    parse_duration,
)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("40m", 40),
        ("2h", 120),
        ("2 H", 120),
        ("1d 4h", 28 * 60),
        ("1 day, 4 hours", 28 * 60),
        ("90 min", 90),
        ("90 mins.", 90),
        ("1h30", 90),
        ("1h05", 65),
        ("1h 30m", 90),
        ("1:30", 90),
        ("0:45", 45),
        ("1:00:30", 60.5),
        ("30s", 0.5),
        ("1m 30s", 1.5),
        ("0m", 0),
        ("2.5h", 150),
        ("1,5 h", 90),
        ("2½ hours", 150),
        ("half an hour", 30),
        ("half a day", 720),
        ("a quarter of an hour", 15),
        ("three quarters of an hour", 45),
        ("an hour and a half", 90),
        ("one and a half hours", 90),
        ("two hours and ten minutes", 130),
        ("twenty-five minutes", 25),
        ("2\u00a0hours", 120),
    ],
)
def test_a_length_is_read_as_people_write_it(typed: str, minutes: float) -> None:
    assert parse_duration(typed) == Duration(minutes, about=False)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("about 2 hours", 120),
        ("≈5m", 5),
        ("~30m", 30),
        ("~1:30", 90),
        ("roughly an hour", 60),
        ("just under an hour", 60),
        ("2 hours or so", 120),
        ("a couple of hours", 120),
        ("a few minutes", 3),
        ("several hours", 300),
        ("an hour or two", 120),
        ("10 to 15 minutes", 15),
        ("2-3 hours", 180),
    ],
)
def test_a_length_nobody_measured_is_about(typed: str, minutes: float) -> None:
    assert parse_duration(typed) == Duration(minutes, about=True)


@pytest.mark.parametrize(
    "typed", ["", "soonish", "90", "five", "h", "a m", "1h75", "1h 2h", "2 hours today", "1.5.2h"]
)
def test_what_is_no_length_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(DurationError, match="is no length: write “40m”"):
        parse_duration(typed)


@pytest.mark.parametrize("typed", ["-5m", "−2h", " -1 hour"])
def test_a_negative_length_is_refused(typed: str) -> None:
    with pytest.raises(DurationError, match="can’t be negative"):
        parse_duration(typed)


def test_a_length_may_last_a_leap_year_and_no_longer() -> None:
    assert parse_duration("366d").minutes == 527_040
    with pytest.raises(DurationError, match="longer than a year"):
        parse_duration("367d")


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0m"),
        (0.25, "15s"),
        (5, "5m"),
        (59.9, "1h"),
        (60, "1h"),
        (65, "1h 5m"),
        (90, "1h 30m"),
        (120, "2h"),
        (135.283, "2h 15m"),
        (1440, "1d"),
        (1680, "1d 4h"),
        (1450, "1d 10m"),
        (1690, "1d 4h 10m"),
    ],
)
def test_a_length_is_written_short(minutes: float, text: str) -> None:
    assert format_duration(minutes) == text


def test_a_length_that_is_about_is_written_with_its_sign() -> None:
    assert format_duration(5, about=True) == "≈5m"


@given(st.integers(0, 366 * 24 * 60), st.booleans())
def test_what_is_written_is_read_back_to_the_minute(minutes: int, about: bool) -> None:
    assert parse_duration(format_duration(minutes, about)) == Duration(minutes, about)


@given(st.text())
def test_any_text_is_a_length_or_refused(text: str) -> None:
    with suppress(DurationError):
        assert parse_duration(text).minutes >= 0


def test_lengths_are_found_in_prose_where_they_stand() -> None:
    text = "A 45-minute outage, then about an hour and 10 minutes of errors (max 2h)."
    found = [(text[each.start : each.end], each.duration) for each in find_durations(text)]
    assert found == [
        ("45-minute", Duration(45, about=False)),
        ("about an hour and 10 minutes", Duration(70, about=True)),
        ("2h", Duration(120, about=False)),
    ]


@pytest.mark.parametrize("text", ["5M users", "v2h", "us-east-1 hour", "$5m", "3:15m", "10 minima"])
def test_what_only_looks_like_a_length_is_not_found(text: str) -> None:
    assert list(find_durations(text)) == []
