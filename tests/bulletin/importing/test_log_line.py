"""One line as somebody types it while it burns, read at literal instants."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bulletin.importing.log_line import LineError, read_line
from bulletin.importing.parser import ImportContext, ParsedIncident
from incidents.grid.palette import IMPACTS

CONTEXT = ImportContext(
    regions={"GRU": "São Paulo, Brazil", "IAD": "Ashburn, Virginia"},
    services=["Redis"],
    zone=ZoneInfo("America/New_York"),
)
# 17:00:30 in New York on Tuesday, July 2.
AT = datetime(2024, 7, 2, 21, 0, 30, tzinfo=UTC)


def read(line: str, at: datetime = AT) -> ParsedIncident:
    return read_line(line, at, CONTEXT)


def start(line: str, at: datetime = AT) -> str:
    return read(line, at).started_at.isoformat()


def test_a_line_tells_title_start_length_and_region() -> None:
    read_it = read("502s in GRU 16:45 ~30m")
    assert read_it.title == "502s in GRU"
    assert read_it.started_at.isoformat() == "2024-07-02T16:45:00-04:00"
    assert read_it.ended_at is not None
    assert read_it.ended_at.isoformat() == "2024-07-02T17:15:00-04:00"
    assert (read_it.minutes, read_it.precision) == (30, "about")
    assert (read_it.regions, read_it.proposed) == (["GRU"], [])
    assert (read_it.zone, read_it.kind, read_it.impact) == ("America/New_York", "incident", None)


def test_a_title_alone_begins_now_and_is_ongoing() -> None:
    read_it = read("502s in XQX")
    assert read_it.started_at.isoformat() == "2024-07-02T17:00:00-04:00"
    assert (read_it.ended_at, read_it.precision) == (None, "ongoing")
    assert (read_it.regions, read_it.proposed) == ([], [])


def test_a_start_without_a_length_is_ongoing() -> None:
    assert (read("502s 16:45").ended_at, read("502s 16:45").precision) == (None, "ongoing")


def test_an_end_at_the_start_leaves_the_length_unknown() -> None:
    logged = read("502s 16:45-16:45")
    assert (logged.title, logged.ended_at, logged.precision) == ("502s", None, "unknown")


def test_a_length_without_a_start_ended_now() -> None:
    read_it = read("Logins failed for 2 hours")
    assert read_it.title == "Logins failed"
    assert read_it.started_at.isoformat() == "2024-07-02T15:00:00-04:00"
    assert read_it.ended_at is not None
    assert read_it.ended_at.isoformat() == "2024-07-02T17:00:00-04:00"
    assert read_it.precision == "exact"


@pytest.mark.parametrize(
    ("line", "title", "minutes"),
    [
        ("Slow disks 16:10 1h30", "Slow disks", 90),
        ("Slow disks, 16:10, about 2 hours.", "Slow disks", 120),
        ("Slow disks (16:10, 40 min)", "Slow disks", 40),
        ("Slow disks ~40m 16:10", "Slow disks", 40),
        ("Slow disks since 16:10 for 10m", "Slow disks", 10),
        ("Slow disks 16:10–16:40", "Slow disks", 30),
        ("16:10 Slow disks ~5m", "Slow disks", 5),
        ("16:10: Slow disks", "Slow disks", None),
        ("Slow disks (partly) ~40m", "Slow disks (partly)", 40),
        ("Slow `du -sh` 16:10 ~40m", "Slow `du -sh`", 40),
        ("Slow disks ~30s", "Slow disks", 0.5),
    ],
)
def test_times_and_lengths_stand_at_an_end_of_the_line(
    line: str, title: str, minutes: float | None
) -> None:
    assert (read(line).title, read(line).minutes) == (title, minutes)


@pytest.mark.parametrize(
    "line",
    [
        "HTTP/2: 502s at 99%",
        "Edge serves 502s",
        "Complaints about 502s",
        "Alert for 502s",
        "Certificate expires in 2 days",
        "Replies delayed by 2 hours",
        "Lag over 5 minutes",
        "Listener gone on 10.0.0.1:8080",
        "The 16:45 backup failed",
        "`cron 16:45`",
        "`timeout 30m`",
        "v2.3:45 broke `a:10:20`",
        "IPv6 2001:db8::12:34",
    ],
)
def test_a_title_with_numbers_and_colons_is_not_torn(line: str) -> None:
    assert read(line).title == line
    assert read(line).started_at.isoformat() == "2024-07-02T17:00:00-04:00"
    assert read(line).precision == "ongoing"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x 16:45", "2024-07-02T16:45:00-04:00"),
        ("x 17:00", "2024-07-02T17:00:00-04:00"),
        ("x 17:01", "2024-07-01T17:01:00-04:00"),
        ("x 16:45EST", "2024-07-02T16:45:00-04:00"),
        ("x 16:45 UTC", "2024-07-02T16:45:00+00:00"),
        ("x 21:30 UTC", "2024-07-01T21:30:00+00:00"),
        ("x 05:30 JST", "2024-07-03T05:30:00+09:00"),
        ("x 4pm", "2024-07-02T16:00:00-04:00"),
        ("x 12:30am", "2024-07-02T00:30:00-04:00"),
        ("x today 16:45", "2024-07-02T16:45:00-04:00"),
        ("x yesterday 18:45", "2024-07-01T18:45:00-04:00"),
        ("x yesterday at 16:45", "2024-07-01T16:45:00-04:00"),
        ("x July 2 16:45", "2024-07-02T16:45:00-04:00"),
        ("x Jul 1st, 16:45 PT", "2024-07-01T16:45:00-07:00"),
        ("x Dec 30 16:45", "2023-12-30T16:45:00-05:00"),
        ("x June 30, 2023 16:45", "2023-06-30T16:45:00-04:00"),
        ("x 2024-07-02 16:45", "2024-07-02T16:45:00-04:00"),
        ("x 2024-07-01T16:45Z", "2024-07-01T16:45:00+00:00"),
    ],
)
def test_a_start_is_the_last_such_time(line: str, expected: str) -> None:
    assert read(line).title == "x"
    assert start(line) == expected


@pytest.mark.parametrize(
    ("at", "line", "expected"),
    [
        # Midnight in New York, and the minute before and after.
        ("2024-07-03T04:00+00:00", "x 23:59", "2024-07-02T23:59:00-04:00"),
        ("2024-07-03T04:00+00:00", "x 0:00", "2024-07-03T00:00:00-04:00"),
        ("2024-07-03T03:59+00:00", "x 00:00", "2024-07-02T00:00:00-04:00"),
        ("2025-01-01T05:10+00:00", "x 23:50", "2024-12-31T23:50:00-05:00"),
        ("2025-01-01T05:10+00:00", "x Dec 31 23:50", "2024-12-31T23:50:00-05:00"),
        # The night of November 3, 2024, shows 01:45 twice: at 05:45 and at 06:45 UTC.
        ("2024-11-03T05:50+00:00", "x 01:45", "2024-11-03T01:45:00-04:00"),
        ("2024-11-03T06:40+00:00", "x 01:45", "2024-11-03T01:45:00-04:00"),
        ("2024-11-03T06:50+00:00", "x 01:45", "2024-11-03T01:45:00-05:00"),
        ("2024-11-03T06:50+00:00", "x 01:45 EDT", "2024-11-03T01:45:00-04:00"),
        ("2024-11-03T06:50+00:00", "x 01:45 EST", "2024-11-03T01:45:00-05:00"),
        ("2024-11-03T05:40+00:00", "x 01:45", "2024-11-02T01:45:00-04:00"),
        # That of March 10, 2024, skips 02:30, which is read as 03:30.
        ("2024-03-10T07:40+00:00", "x 02:30", "2024-03-10T03:30:00-04:00"),
        ("2024-03-10T07:10+00:00", "x 02:30", "2024-03-09T02:30:00-05:00"),
    ],
)
def test_the_last_such_time_holds_at_midnight_and_in_the_nights_of_clock_changes(
    at: str, line: str, expected: str
) -> None:
    assert start(line, datetime.fromisoformat(at)) == expected


@pytest.mark.parametrize(
    ("at", "line", "begins", "ends"),
    [
        ("2024-11-03T07:10+00:00", "x 01:30 1h", "01:30:00-05:00", "02:30:00-05:00"),
        ("2024-11-03T07:10+00:00", "x 01:30EDT 1h", "01:30:00-04:00", "01:30:00-05:00"),
        ("2024-11-03T07:10+00:00", "x 2h", "01:10:00-04:00", "02:10:00-05:00"),
        ("2024-11-03T07:10+00:00", "x 01:15-01:45", "01:15:00-05:00", "01:45:00-05:00"),
        ("2024-03-10T08:10+00:00", "x 2h", "01:10:00-05:00", "04:10:00-04:00"),
    ],
)
def test_lengths_are_true_across_clock_changes(at: str, line: str, begins: str, ends: str) -> None:
    read_it = read(line, datetime.fromisoformat(at))
    assert read_it.ended_at is not None
    assert read_it.started_at.isoformat().endswith(begins)
    assert read_it.ended_at.isoformat().endswith(ends)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "Say what happens, such as"),
        ("  \n", "Say what happens, such as"),
        ("16:45", "Say what happens, too"),
        ("~30m", "Say what happens, too"),
        ("x 25:10", "25:10 is no time of day."),
        ("x 24:00", "24:00 is no time of day."),
        ("x 16:10-16:75", "16:75 is no time of day."),
        ("x Feb 30 10:00", "There is no Feb 30."),
        ("x 2023-02-29 10:00", "There is no Feb 29 in 2023."),
        ("x 2024-13-01 10:00", "There is no 2024-13-01."),
        ("x 0001-01-01 10:00", "The year 1 is out of reach."),
        ("x 9999-12-31 10:00", "The year 9999 is out of reach."),
        ("x 2024-07-02 17:30", "2024-07-02 17:30 is still to come."),
        ("x July 5 10:00", "2024-07-05 10:00 is still to come."),
        ("x today 17:30", "is still to come."),
        ("x 9999d", "longer than a year"),
        ("x 999999d", "longer than a year"),
        ("x, 999999d ago", "longer than a year"),
        ("x 16:10-16:40 30m", "not both"),
        ("y" * 301, "300 characters at most"),
        ("y " * 40_000, "300 characters at most"),
        ("bell \x07 rings", "can’t be shown"),
    ],
)
def test_what_is_impossible_is_told_in_a_sentence(line: str, sentence: str) -> None:
    with pytest.raises(LineError, match=r"^[A-Z0-9].*[.”]$") as error:
        read(line)
    assert sentence in str(error.value)


def test_the_longest_title_is_taken_with_its_time() -> None:
    assert read(f"{'y' * 300} 16:45 ~30m").title == "y" * 300


def test_regions_services_and_kind_are_read() -> None:
    read_it = read("Planned maintenance: Redis in IAD and GRU 16:00")
    assert read_it.title == "Planned maintenance: Redis in IAD and GRU"
    assert (read_it.regions, read_it.services) == (["IAD", "GRU"], ["Redis"])
    assert (read_it.kind, read_it.proposed) == ("maintenance", [])


PHRASINGS = Path(__file__).parent / "phrasings.tsv"
# 16:00:30 in New York on Tuesday, December 1.
TUESDAY = datetime(2026, 12, 1, 21, 0, 30, tzinfo=UTC)


def phrasings() -> list[dict[str, str]]:
    with PHRASINGS.open(newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize("row", phrasings(), ids=lambda row: row["line"])
def test_phrasings_of_people_are_read(row: dict[str, str]) -> None:
    read_it = read_line(row["line"], TUESDAY, CONTEXT)
    impact = "" if read_it.impact is None else IMPACTS[read_it.impact]
    started = read_it.started_at
    assert {
        "line": row["line"],
        "title": read_it.title,
        "start": f"{started:%Y-%m-%dT%H:%M%z}"[:21],
        "minutes": "" if read_it.minutes is None else f"{read_it.minutes:g}",
        "precision": read_it.precision,
        "impact": impact,
        "scope": read_it.scope or "",
        "unread": "; ".join(read_it.unread),
    } == row


@pytest.mark.parametrize(
    "line", ["x on Nov 27", "x Friday", "x since yesterday", "x, November 27th, 2h"]
)
def test_a_day_without_a_time_of_day_is_asked_about(line: str) -> None:
    with pytest.raises(LineError, match="Say at what time it began"):
        read_line(line, TUESDAY, CONTEXT)
