from __future__ import annotations

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bulletin.importing.parser import ImportContext, ParsedBulletin, parse
from bulletin.importing.text import ImportTextError
from bulletin.models.site import DEFAULT_HEADINGS
from incidents.weeks import Period

CONTEXT = ImportContext(
    regions={"GRU": ""},
    services=[],
    zone=ZoneInfo("America/New_York"),
    headings=DEFAULT_HEADINGS.splitlines(),
)
ON = date(2024, 7, 6)


def read(text: str, on: date = ON, context: ImportContext = CONTEXT) -> ParsedBulletin:
    return parse(text, on, context)


def heads(text: str) -> list[tuple[str, str, str | None]]:
    found = read(text).incidents
    return [(f"{one.started_at:%m-%d %H:%M%z}", one.title, one.scope) for one in found]


@pytest.mark.parametrize(
    "header",
    [
        "July 2: Disk (15:00 EST): ",
        "July 2: Disk (15:00EST): ",
        "July 2:Disk(15:00EST):",
        "July 2: Disk (15:00) ",
        "July 2: Disk (15:00): ",
        "July 2: Disk (3:00 PM EST): ",
        "July 2: Disk (3PM ET): ",
        "July 2: Disk (3 p.m. ET): ",
        "July 2: Disk (3:00PMEST): ",
        "July 2: Disk (~15:00 EST): ",
        "July 2: Disk (around 15:00): ",
        "July 2: Disk (1900 UTC): ",
        "July 2: Disk (19:00Z): ",
        "July 2: Disk (15:00 EST / 19:00 UTC): ",
        "Jul 2: Disk (15:00): ",
        "Jul. 2nd: Disk (15:00): ",
        "JULY 2: Disk (15:00): ",
        "Tuesday, July 2: Disk (15:00): ",
        "July 2, 2024: Disk (15:00): ",
        "July 2-3: Disk (15:00): ",
        "July 2 – 3: Disk (15:00): ",
        "July 2–August 1: Disk (15:00): ",
        "July 2 to 4: Disk (15:00): ",
        "July 2 — Disk (15:00) — ",
        "**July 2: Disk (15:00):** ",
        "**July 2: Disk (15:00)**: ",
        "**July 2: Disk** (15:00): ",
        "**July 2:** Disk (15:00): ",
        "**July 2**: Disk (15:00): ",
        "July 2: **Disk** (15:00): ",
        "__July 2: Disk (15:00)__: ",
        "*July 2: Disk (15:00)*: ",
        "***July 2: Disk (15:00)***: ",
        "### July 2: Disk (15:00)\n\n",
        "## July 2: Disk (15:00) ##\n",
        "### **July 2: Disk** (15:00)\n",
        "### July 2: [Disk](https://status.example.com/a_b) (15:00)\n",
        "### [July 2: Disk](https://status.example.com/1) (15:00)\n",
        "[July 2: Disk (15:00)](https://status.example.com/1): ",
        "- July 2: Disk (15:00): ",
        "* **July 2: Disk (15:00)**: ",
        "• July 2: Disk (15:00): ",
        "•July 2: Disk (15:00): ",
        "1. July 2: Disk (15:00): ",
        "July\u00a02: Disk (15:00\u00a0EST): ",
        "July 2: Disk\n(15:00 EST): ",
        "July 2: Disk (15:00 Eastern Time): ",
        "July 2: Disk (3 PM Eastern Daylight Time): ",
        "July 2: Disk (15.00 EST): ",
        "July 2: Disk (15:00 -04:00): ",
        "July 2: Disk (19:00 +00:00): ",
        "July 2: Disk (19:00+0000): ",
        "2 July: Disk (15:00): ",
        "[July 2, 19:00 UTC] Disk: ",
        "[2024-07-02 19:00 UTC] Disk\n",
        "(July 2, 15:00 EST) Disk: ",
        "2024-07-02 19:00 UTC Disk: ",
        "**2024-07-02 19:00 UTC** - Disk: ",
        "Disk (July 2, 19:00 UTC): ",
        "Disk (2 July 2024, 15:00 EST) - ",
        "**Disk** (July 2, 19:00 UTC): ",
        "- Disk (July 2, 19:00 UTC):\n",
        "July 2nd @ 3:00 PM EST: Disk: ",
        "2nd July 2024: Disk (15:00): ",
        "Tuesday, 2 July: Disk (15:00): ",
        "2-3 July: Disk (15:00): ",
        "**2 July: Disk** (15:00): ",
        "- 2 July - Disk (15:00): ",
        "2024-07-02: Disk (15:00): ",
        "### 2024-07-02: Disk (15:00)\n",
    ],
)
def test_a_header_is_read_in_every_form(header: str) -> None:
    found = read(f"The notice.\n\n{header}It broke.\n")
    assert [(one.title, one.body) for one in found.incidents] == [("Disk", "It broke.")]
    assert found.incidents[0].started_at.isoformat() in (
        "2024-07-02T15:00:00-04:00",
        "2024-07-02T19:00:00+00:00",
    )


@pytest.mark.parametrize(
    "header",
    [
        "July 2: Disk (Internal) (15:00 EST): ",
        "July 2 (Internal): Disk (15:00 EST): ",
        "July 2: Disk (15:00 EST) (Internal): ",
        "July 2: Disk (INTERNAL) (15:00): ",
        "July 2: Disk (Internal, 15:00 EST): ",
        "July 2: Disk (15:00 EST, internal): ",
        "**July 2: Disk (Internal)** (15:00 EST): ",
        "### July 2: [Internal] Disk (15:00)\n",
        "July 2: Disk\n(Internal) (15:00): ",
    ],
)
def test_internal_stands_on_either_side_of_the_time(header: str) -> None:
    assert heads(header + "It broke.") == [("07-02 15:00-0400", "Disk", "internal")]


def test_an_end_may_have_a_day_of_its_own() -> None:
    (incident,) = read("July 2 23:00 EST – July 3 01:30 EST: Disk: It broke.").incidents
    assert (incident.title, incident.body, incident.minutes) == ("Disk", "It broke.", 150)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Degraded API: GET /v1 (us-east)", "Degraded API: GET /v1 (us-east)"),
        ("Slow (but Up): Part 2 (2024)", "Slow (but Up): Part 2 (2024)"),
        ("Errors in `a (b)` and `x:y`", "Errors in `a (b)` and `x:y`"),
        ("Limit (1000 RPS) Reached", "Limit (1000 RPS) Reached"),
        ("Errors From\nhostd\nIn GRU", "Errors From `hostd` In GRU"),
        ("\nhostd\nDeadlock", "`hostd` Deadlock"),
        ("Deadlock in\nhostd\n", "Deadlock in `hostd`"),
        ("Down. Again.", "Down. Again."),
        ("foo\\_bar Fails", "foo_bar Fails"),
        ("🔥 in GRU", "🔥 in GRU"),
    ],
)
def test_a_title_keeps_what_is_its_own(written: str, title: str) -> None:
    assert [each[1] for each in heads(f"July 2: {written} (15:00 EST): It broke.")] == [title]


@pytest.mark.parametrize(
    "end", ["on).", "done. ", "it!", "ends in edgectl", "`code`", "“so”.", "brief). •", "done.**"]
)
def test_a_header_may_be_fused_to_the_item_before(end: str) -> None:
    text = f"July 1: First (9:00): It rested {end}July 2: Second (15:00): b"
    assert [each[1] for each in heads(text)] == ["First", "Second"]


@pytest.mark.parametrize(
    "prose",
    [
        "seen since July 2: Disk (15:00 EST): again",
        "It broke again (July 2, 15:00 EST). All was well",
        "It broke again (July 2, 15:00 EST), said the log: so it did",
        "A long sentence. And the rack fell (July 2, 15:00 EST): so it was",
        "2024-07-02 15:00 EST was when it broke: at last",
        "seen since\nJuly 2: Disk (15:00 EST): again",
        "the 4th of July: a holiday (15:00)",
        "seen since 2 July: Disk (15:00 EST): again",
        "seen since\n2024-07-02: Disk (15:00 EST): again",
        "build 2 July: Disk (15:00 EST): again",
        "v1.2024-07-02: Disk (15:00 EST): again",
        "2 July: a note (10.24 GB) without a time",
        "July 2: a note without a time",
        "July 2: a note. At noon (15:00 EST) it ended",
        "July 2: the proxy (restarted at 15:00 EST) ended",
        "see (July 2: Disk (15:00 EST): again)",
        "called “July 2: Disk (15:00 EST): again”",
        "`July 2: Disk (15:00 EST): again`",
        "> July 2: Disk (15:00 EST): again",
        "    July 2: Disk (15:00 EST): again",
        "~~~\nJuly 2: Disk (15:00 EST): again\n~~~",
        "July 2: Disk\n\n(15:00 EST): again",
    ],
)
def test_a_date_in_prose_is_no_header(prose: str) -> None:
    assert [each[1] for each in heads(f"July 1: First (9:00): It broke.\n\n{prose}\n")] == ["First"]


@pytest.mark.parametrize(
    ("written", "start", "end"),
    [
        ("15:00 +02:00", "15:00+02:00", None),
        ("15:00 UTC+2", "15:00+02:00", None),
        ("15:00 +05:30", "15:00+05:30", None),
        ("15:00 Pacific Time", "15:00-07:00", None),
        ("3pm Central Standard Time", "15:00-05:00", None),
        ("15.00-16.30 EDT", "15:00-04:00", 90),
        ("1500-1630 EDT", "15:00-04:00", 90),
        ("09:00 -10:30", "09:00-04:00", 90),
        ("15:00 UTC-16:00", "15:00+00:00", 60),
        ("3-4pm EDT", "15:00-04:00", 60),
        ("noon until 2pm", "12:00-04:00", 120),
    ],
)
def test_zones_are_read_as_names_and_offsets(written: str, start: str, end: float | None) -> None:
    found = read(f"July 2: Disk ({written}): It broke.").incidents[0]
    assert found.started_at.isoformat() == f"2024-07-02T{start[:5]}:00{start[5:]}"
    assert found.minutes == end


@pytest.mark.parametrize(
    "end", ["on).", "done. ", "it!", "`code`", "“so”.", "brief). •", "done.**"]
)
@pytest.mark.parametrize("day", ["2 July", "2024-07-02"])
def test_a_day_that_begins_with_a_number_may_be_fused(end: str, day: str) -> None:
    text = f"July 1: First (9:00): It rested {end}{day}: Second (15:00): b"
    assert [each[1] for each in heads(text)] == ["First", "Second"]


def test_a_timeline_within_an_incident_is_its_body() -> None:
    text = "**July 2: Disk (9:00)**\n\nIt broke:\n\n- July 2: it ended (9:30): all good\n"
    assert [each[1] for each in heads(text)] == ["Disk"]


def test_a_timeline_below_a_header_that_begins_with_its_time_is_its_body() -> None:
    text = (
        "July 2, 9:00 UTC - Disk\n\n- July 2, 9:10 UTC - it broke\n- July 2, 9:30 UTC - it ended\n"
    )
    assert [each[1] for each in heads(text)] == ["Disk"]


def test_a_heading_below_that_of_the_incidents_is_in_a_body() -> None:
    text = "## Incidents\n\n**July 2: Disk (9:00)**\n\n### Root cause\n\nA bug.\n\n## Notes\n\nx"
    found = read(text)
    assert found.incidents[0].body == "### Root cause\n\nA bug."
    assert [section.heading for section in found.sections] == ["Notes"]


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("We use\nctl\nto fix it.", "We use `ctl` to fix it."),
        ("\nctl\nfailed.", "`ctl` failed."),
        ("We use\nctl\n, and\ncat\n. So.", "We use `ctl`, and `cat`. So."),
        ("We redeployed with\nctl", "We redeployed with ctl"),
        ("All of it.\nThen more\nof it.", "All of it.\n\nThen more of it."),
        (
            "First:\n• one\n  • two\nand a half\n• three",
            "First:\n\n- one\n  - two and a half\n- three",
        ),
    ],
)
def test_plain_lines_become_sentences(text: str, body: str) -> None:
    assert read(f"July 2: Disk (9:00): {text}").incidents[0].body == body


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("This Week In Infra Engineering", True),
        ("this week in GRU we", False),
        ("Narrative", True),
        ("Narrative:", True),
        ("Notes From the Edge", True),
        ("Notes from the edge", False),
        ("Notes", False),
        ("We Did It.", False),
    ],
)
def test_a_plain_line_may_be_a_heading(line: str, is_heading: bool) -> None:
    found = read(f"July 2: Disk (9:00): It broke.\n{line}\nThe text says so.")
    assert [section.heading for section in found.sections] == [line.rstrip(":")] * is_heading


@pytest.mark.parametrize(
    ("listed", "line", "is_heading"),
    [
        ("Dispatches", "Dispatches", True),
        ("dispatches", "DISPATCHES:", True),
        ("Dispatches", "Narrative", False),
        ("What's next?", "What's next?", True),
        ("What's next?", "What's nextx", False),
        ("From * desks", "From our desks", True),
        ("*" * 40 + "x", "a" * 79, False),
    ],
)
def test_the_list_of_headings_is_the_installations(
    listed: str, line: str, is_heading: bool
) -> None:
    text = f"July 2: Disk (9:00): It broke.\n\n{line}\n\nThe text says so."
    found = read(text, context=replace(CONTEXT, headings=[listed]))
    assert [section.heading for section in found.sections] == [line.rstrip(":")] * is_heading


def test_a_sentence_that_begins_like_a_heading_is_none() -> None:
    text = "July 2: Disk (9:00): It broke.\nThis week in GRU we used\nctl\nagain."
    assert read(text).sections == []


def test_a_short_line_after_a_list_is_a_heading() -> None:
    found = read("- July 2 15:00 EST – Disk\n  It broke.\n\nWhat we built:\n\nNew racks.\n")
    assert [one.body for one in found.incidents] == ["It broke."]
    assert [(one.heading, one.body) for one in found.sections] == [("What we built", "New racks.")]
    indented = read("- July 2 15:00 EST – Disk\n  It broke.\n\n  What we did\n\n  Nothing.\n")
    assert not indented.sections


def test_title_case_within_a_sentence_is_no_heading() -> None:
    assert read("July 2: Disk (9:00): It was in\nNorth Hall\nand broke.").sections == []


def test_a_section_before_the_first_incident_is_warned_of() -> None:
    found = read("Hello.\nNarrative\nWords.\nJuly 2: Disk (9:00): It broke.")
    assert found.sections == []
    assert found.warnings == [
        "line 2: “Narrative” is before the first incident: it is in the introduction"
    ]


def test_a_line_that_only_lacks_its_time_is_warned_of() -> None:
    found = read("July 1: First (9:00): It broke.\nJuly 2: Second: It broke.")
    assert found.warnings == [
        "line 2: “July 2: Second: It broke.…” has no time, so it heads no incident"
    ]


def test_a_fence_that_nothing_closes_hides_no_incident() -> None:
    assert len(heads("July 1: First (9:00):\n```\nx\n\nJuly 2: Second (9:00): b")) == 2


def test_a_time_range_is_a_length() -> None:
    incident = read("July 2: Disk (23:30–0:15 EST): It broke.").incidents[0]
    assert (incident.minutes, incident.precision, incident.proposed) == (45, "exact", [])


def test_a_range_from_a_time_to_itself_is_no_length() -> None:
    found = read("July 2: Disk (15:00-15:00 EDT): It broke.")
    incident = found.incidents[0]
    assert (incident.ended_at, incident.minutes, incident.precision) == (None, None, "unknown")
    assert found.warnings == ["line 1: an end at 15:00, when it began, was not taken"]
    said = read("July 2: Disk (15:00-15:00 EDT): It was down for 5 minutes.").incidents[0]
    assert (said.minutes, said.proposed) == (5, ["ended_at", "duration_minutes", "precision"])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("\n\nFebruary 30: Disk (15:00): b", "line 3: there is no Feb 30"),
        ("July 32: Disk (15:00): b", "line 1: there is no Jul 32"),
        ("July 0: Disk (15:00): b", "line 1: there is no Jul 0"),
        ("July 30-32: Disk (15:00): b", "line 1: there is no Jul 32"),
        ("x\nJuly 2: Disk (24:00 EST): b", "line 2: 24:00 is no time of day"),
        ("July 2: Disk (25:61): b", "line 1: 25:61 is no time of day"),
        ("February 29, 2023: Disk (15:00): b", "line 1: there is no Feb 29 in 2023"),
        ("February 29: Disk (15:00): b", None),
    ],
)
def test_an_impossible_moment_is_refused_with_its_line(text: str, reason: str | None) -> None:
    if reason is None:
        assert read(text).incidents[0].started_at.date() == date(2024, 2, 29)
        return
    with pytest.raises(ImportTextError) as refused:
        read(text)
    assert str(refused.value) == reason
    assert refused.value.line == int(reason.partition(":")[0].split()[1])


def test_a_leap_day_of_a_year_without_one_is_refused() -> None:
    with pytest.raises(ImportTextError, match="no Feb 29 in 2025"):
        read("Feb 29: Disk (15:00): b", date(2025, 3, 5))


@pytest.mark.parametrize(
    ("on", "header", "day"),
    [
        ("2025-01-04", "December 19", "2024-12-19"),
        ("2025-01-04", "January 3", "2025-01-03"),
        ("2024-12-28", "January 2", "2025-01-02"),
        ("2024-07-06", "July 13", "2024-07-13"),
        ("2024-07-06", "July 14", "2023-07-14"),
        ("2024-07-06", "July 6", "2024-07-06"),
    ],
)
def test_the_year_comes_from_the_date_of_the_bulletin(on: str, header: str, day: str) -> None:
    found = read(f"{header}: Disk (15:00): It broke.", date.fromisoformat(on))
    assert found.incidents[0].started_at.date().isoformat() == day


@pytest.mark.parametrize("more", ["", "\nJuly 2: Disk (15:00): It broke."])
def test_a_day_of_the_year_before_is_warned_of_and_moves_no_period(more: str) -> None:
    found = read(f"July 14: Typo (15:00): It broke.{more}")
    assert (found.period.first, found.period.last) == (date(2024, 6, 30), date(2024, 7, 6))
    assert found.warnings == [
        "line 1: no year is written: 2023-07-14 was read, long before the bulletin’s date",
        "line 1: “Typo” of 2023-07-14 lies outside the period 2024-06-30 to 2024-07-06;"
        " it goes to its own week",
    ]


@pytest.mark.parametrize(
    ("day", "first"), [("January 7", "2024-01-07"), ("January 6", "2024-06-30")]
)
def test_a_day_of_half_a_year_ago_moves_no_period(day: str, first: str) -> None:
    assert read(f"{day}: Disk (15:00): It broke.").period.first.isoformat() == first


def test_a_day_after_the_bulletin_is_warned_of() -> None:
    assert "line 1: 2024-07-08 is after the bulletin’s date" in read("July 8: X (9:00): b").warnings


@pytest.mark.parametrize(
    ("header", "start", "warning"),
    [
        ("November 3: X (1:30 ET)", "2024-11-03T01:30:00-04:00", "01:30 occurs twice"),
        ("November 3: X (1:30)", "2024-11-03T01:30:00-04:00", "01:30 occurs twice"),
        ("November 3: X (1:30 EST)", "2024-11-03T01:30:00-05:00", ""),
        ("November 3: X (1:30 EDT)", "2024-11-03T01:30:00-04:00", ""),
        ("March 10: X (2:30)", "2024-03-10T03:30:00-04:00", "02:30 is skipped"),
    ],
)
def test_the_nights_of_the_clock_changes(header: str, start: str, warning: str) -> None:
    found = read(f"{header}: It broke.", date(2024, 11, 9))
    assert found.incidents[0].started_at.isoformat() == start
    assert warning in " ".join(found.warnings)
    assert bool(warning) == bool(found.warnings)


@pytest.mark.parametrize(
    ("days", "published", "period", "late"),
    [
        (["June 30", "July 6"], [], "2024-06-30 2024-07-06", 0),
        (["July 6", "June 29"], [], "2024-06-23 2024-07-06", 0),
        (["July 1", "June 2"], [], "2024-06-02 2024-07-06", 0),
        (["July 1", "June 1"], [], "2024-06-02 2024-07-06", 1),
        (["July 1", "June 26"], ["2024-06-23 2024-06-29"], "2024-06-30 2024-07-06", 1),
        (["July 5", "July 1"], ["2024-06-23 2024-07-02"], "2024-07-03 2024-07-06", 1),
        (["June 26"], ["2024-06-23 2024-06-29"], "2024-06-30 2024-07-06", 1),
        (["June 18", "June 12"], ["2024-06-23 2024-06-29"], "2024-06-09 2024-06-22", 0),
        ([], ["2024-06-16 2024-06-22"], "2024-06-23 2024-07-06", 0),
    ],
)
def test_the_period_is_the_weeks_of_the_incidents(
    days: list[str], published: list[str], period: str, late: int
) -> None:
    others = [Period(*map(date.fromisoformat, each.split())) for each in published]
    context = replace(CONTEXT, published=others)
    text = "\n".join(f"{day}: Disk (15:00): It broke." for day in days)
    found = read(text, context=context)
    assert f"{found.period.first} {found.period.last}" == period
    assert sum("goes to its own week" in warning for warning in found.warnings) == late


def test_incidents_are_in_order_of_time_and_of_the_text() -> None:
    text = "July 3: C (9:00): b\nJuly 1: B (9:00): b\nJuly 1: A (13:00Z): b\nJuly 1: A (13:00Z): b"
    assert [each[1] for each in heads(text)] == ["B", "A", "A", "C"]
