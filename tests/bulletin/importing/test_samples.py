"""Whole texts, as teams write them and as extractors flatten them, with what they mean."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bulletin.importing.parser import ImportContext, ParsedBulletin, parse
from bulletin.importing.text import decode
from bulletin.models.site import DEFAULT_HEADINGS

SAMPLES = Path(__file__).parent / "samples"
CODES = ("AMS", "FRA", "GRU", "IAD", "LHR", "NRT", "ORD", "SIN", "SYD")
CONTEXT = ImportContext(
    regions=dict.fromkeys(CODES, "somewhere"),
    services=["Object Storage", "Storage"],
    zone=ZoneInfo("America/New_York"),
    headings=DEFAULT_HEADINGS.splitlines(),
)
Row = tuple[str, str, float | None, str, list[str]]

# Of each sample: the bulletin's date, the period, the incidents (start, title, minutes,
# "precision impact scope kind" as far as they are not usual, regions) and the headings.
EXPECTED: dict[str, tuple[str, str, list[Row], list[str]]] = {
    "flat-retold.txt": (
        "2024-07-06",
        "2024-06-30 2024-07-06",
        [
            ("2024-07-01T23:00:00-04:00", "Template Renderer Crashes", None, "none internal", []),
            ("2024-07-02T04:00:00-04:00", "Slow Object Reads in IAD", 120, "about", ["IAD"]),
            ("2024-07-02T15:00:00-04:00", "IAD Cut Off", 5, "about", ["IAD"]),
            (
                "2024-07-03T12:00:00-04:00",
                "One Server Takes a Cache Cluster With It in IAD",
                300,
                "about",
                ["IAD"],
            ),
            (
                "2024-07-04T20:00:00-04:00",
                "Database Service Loses Its Quorum in IAD",
                None,
                "minor",
                ["IAD"],
            ),
            ("2024-07-05T01:00:00-04:00", "Machine API Alerts", None, "none", []),
        ],
        ["This Week In Infra Engineering"],
    ),
    "flat-fused.txt": (
        "2024-03-09",
        "2024-03-03 2024-03-09",
        [
            ("2024-03-03T09:15:00-05:00", "Build Queue Stuck in GRU", 10, "about", ["GRU"]),
            ("2024-03-04T22:40:00-05:00", "Certificate Renewal Failed", None, "none internal", []),
            (
                "2024-03-06T03:05:00+08:00",
                "Elevated Errors From `routed` In SIN",
                30,
                "exact",
                ["SIN"],
            ),
        ],
        ["These Weeks In Platform Engineering"],
    ),
    "flat-oneline.txt": (
        "2024-10-19",
        "2024-10-13 2024-10-19",
        [
            ("2024-10-14T07:30:00+00:00", "Disk Controller Swap", 2, "about", ["FRA"]),
            ("2024-10-15T18:00:00+00:00", "Metrics Gap", 45, "exact internal", []),
            (
                "2024-10-17T15:00:00+01:00",
                "Stale DNS Answers in LHR and AMS",
                60,
                "about",
                ["LHR", "AMS"],
            ),
        ],
        ["Narrative"],
    ),
    "flat-split.txt": (
        "2024-09-21",
        "2024-09-08 2024-09-21",
        [
            ("2024-09-12T16:20:00+00:00", "Webhook Backlog", 120, "about", []),
            ("2024-09-12T21:00:00+00:00", "Webhook Backlog", None, "", []),
            (
                "2024-09-18T08:05:00-04:00",
                "Slow `edged` Reloads In `NRT`",
                None,
                "none internal",
                ["NRT"],
            ),
            ("2024-09-20T23:50:00+10:00", "Fibre Cut Near SYD", 270, "exact", ["SYD"]),
        ],
        ["Notes From The Machine Rooms", "Next Fortnight In Short"],
    ),
    "flat-january.txt": (
        "2025-01-04",
        "2024-12-15 2025-01-04",
        [
            ("2024-12-19T23:50:00-06:00", "Load Balancer Flaps in ORD", 25, "exact", ["ORD"]),
            ("2024-12-31T23:59:00-06:00", "Clock Skew", None, "internal false_alarm", []),
            ("2025-01-02T00:20:00-06:00", "Backup Job Overran", None, "", []),
        ],
        ["Last Week In Operations"],
    ),
    "md-bold.md": (
        "2024-05-11",
        "2024-05-05 2024-05-11",
        [
            ("2024-05-06T10:05:00-07:00", "Registry Push Failures", 40, "exact internal", []),
            (
                "2024-05-07T02:30:00+09:00",
                "Packet Loss Between NRT and SYD",
                10,
                "about",
                ["NRT", "SYD", "SIN"],
            ),
            (
                "2024-05-09T16:45:00-07:00",
                "Degraded API: `GET /v1/apps` (Read Path)",
                None,
                "",
                [],
            ),
        ],
        ["This week in storage", "What comes next"],
    ),
    "md-headings.md": (
        "2024-09-07",
        "2024-09-01 2024-09-07",
        [
            ("2024-09-03T14:00:00+02:00", "Object Storage Timeouts in AMS", 80, "exact", ["AMS"]),
            (
                "2024-09-05T21:00:00+10:00",
                "Planned Maintenance of the SYD Core",
                120,
                "exact none maintenance",
                ["SYD"],
            ),
            ("2024-09-06T08:15:00+00:00", "Mail Relay Queue", None, "", []),
        ],
        ["This week in networking"],
    ),
    "md-bullets.md": (
        "2024-11-09",
        "2024-11-03 2024-11-09",
        [
            (
                "2024-11-03T01:30:00-05:00",
                "Half-Closed Sockets in `proxyd`",
                None,
                "",
                ["AMS", "LHR", "FRA"],
            ),
            ("2024-11-04T09:00:00-05:00", "Login Loop", 12, "exact internal", []),
            ("2024-11-05T11:00:00-05:00", "Slow Billing Exports", None, "", []),
        ],
        ["These Weeks In Billing"],
    ),
    "md-quiet.md": (
        "2024-08-10",
        "2024-08-04 2024-08-10",
        [],
        ["This week in networking", "Reading list"],
    ),
    "rich-bullets.txt": (
        "2024-04-13",
        "2024-04-07 2024-04-13",
        [
            (
                "2024-04-08T13:20:00+01:00",
                "Noisy Neighbour on One Host in LHR",
                20,
                "about",
                ["LHR"],
            ),
            (
                "2024-04-09T16:00:00-04:00",
                "“Impossible” State in the Scheduler",
                None,
                "none internal",
                [],
            ),
            (
                "2024-04-11T06:10:00+02:00",
                "Edge-Proxy Restart Loop in LHR and FRA",
                90,
                "exact",
                ["LHR", "FRA"],
            ),
        ],
        ["This Week In Hosting", "Reading For The Weekend"],
    ),
    "rich-tight.txt": (
        "2024-03-02",
        "2024-02-25 2024-03-02",
        [
            ("2024-02-26T22:00:00+00:00", "Rolling Kernel Reboots", None, "", ["NRT"]),
            ("2024-02-28T07:05:00+00:00", "Vault Seal", None, "internal", []),
            ("2024-02-29T19:30:00+00:00", "Quota Service Rejects Deploys", 90, "exact", []),
        ],
        ["Narrative"],
    ),
    "rich-zones.txt": (
        "2024-03-16",
        "2024-03-10 2024-03-16",
        [
            ("2024-03-10T03:30:00-04:00", "Cron Ran Twice", None, "", []),
            ("2024-03-11T14:00:00-04:00", "Unknown Letters", None, "", ["GRU"]),
            ("2024-03-12T08:00:00-04:00", "No Letters at All", None, "", []),
            ("2024-03-12T08:00:00-04:00", "No Letters at All", 60, "exact", []),
        ],
        ["Looking Ahead"],
    ),
    "rich-quiet.txt": (
        "2024-06-08",
        "2024-06-02 2024-06-08",
        [],
        ["This Week In Hosting"],
    ),
}


def sample(name: str) -> ParsedBulletin:
    text = decode((SAMPLES / name).read_bytes())
    return parse(text, date.fromisoformat(EXPECTED[name][0]), CONTEXT)


def row(json: dict[str, object]) -> tuple[object, ...]:
    usual = ("unknown", "incident", None)
    words = [json[name] for name in ("precision", "impact", "scope", "kind")]
    said = " ".join(str(word) for word in words if word not in usual)
    return (json["started_at"], json["title"], json["duration_minutes"], said, json["regions"])


def body(name: str, incident: int) -> str:
    return sample(name).incidents[incident].body


def test_every_sample_is_expected() -> None:
    assert {path.name for path in SAMPLES.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_incidents_of_a_sample(name: str) -> None:
    assert [row(each.as_json()) for each in sample(name).incidents] == EXPECTED[name][2]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_sections_of_a_sample(name: str) -> None:
    assert [section.heading for section in sample(name).sections] == EXPECTED[name][3]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_period_of_a_sample(name: str) -> None:
    period = sample(name).period
    assert f"{period.first} {period.last}" == EXPECTED[name][1]


@pytest.mark.parametrize("name", [name for name in EXPECTED if name.startswith("rich")])
def test_line_ends_make_no_difference(name: str) -> None:
    on = date.fromisoformat(EXPECTED[name][0])
    text = decode((SAMPLES / name).read_bytes())
    assert "\r\n" in text
    assert parse(text.replace("\r\n", "\n"), on, CONTEXT) == parse(text, on, CONTEXT)


def test_inline_code_on_its_own_line_is_put_back() -> None:
    assert body("flat-retold.txt", 0).startswith(
        "After the afternoon’s round of package updates, `render-templates` fell over on"
    )


def test_a_fused_item_keeps_its_last_sentence() -> None:
    assert body("flat-retold.txt", 0).endswith("thatrender-templates needed).")


def test_paragraphs_are_where_sentences_meet_line_breaks() -> None:
    assert sample("flat-retold.txt").sections[0].body.split("\n\n") == [
        "The holiday on the 4th of July made this a short week.",
        "Most of it went into the same work as before: old servers were drained, and incident"
        " alerts now show in the dashboard and inctl.",
        "Plans for the next 12 weeks were drawn up.",
    ]


def test_wrapped_plain_lines_are_one_paragraph() -> None:
    assert body("rich-tight.txt", 1) == (
        "Secrets were sealed after a restart and an engineer unsealed them."
    )


def test_markdown_stays_as_it_is() -> None:
    assert body("md-bold.md", 0) == (
        "Pushes to our own registry\nfailed with `500` for 40 minutes.\n\n"
        "```\nMay 6: Not a header (10:06 PDT): this is a log\n```\n\nThe disk was full."
    )


def test_a_list_item_is_told_without_its_indent() -> None:
    assert body("md-bullets.md", 0) == (
        "Sockets leaked.\n\nWe restarted the fleet:\n\n"
        "* AMS first\n* LHR second\n* November 3: FRA last (1:50 EST)"
    )


def test_a_deeper_heading_belongs_to_its_incident() -> None:
    assert body("md-headings.md", 0).endswith("#### Root cause\n\nA full `inode` table.")


def test_a_deeper_heading_belongs_to_its_section() -> None:
    assert sample("md-bold.md").sections[0].body == (
        "We rewrote the **index**.\n\n### Smaller things\n\n1. Logs\n2. Graphs"
    )


def test_plain_bullets_become_a_list() -> None:
    assert sample("rich-bullets.txt").sections[0].body == (
        "We’ve moved the state to memory.\n\n- less disk\n- fewer restarts"
    )


def test_the_essay_has_a_heading_for_each_section() -> None:
    assert sample("md-quiet.md").essay == (
        "## This week in networking\n\nWe replaced the switches in ORD."
        " On August 6: a first test, and it held.\n\n## Reading list\n\nTwo papers on queues."
    )


def test_est_in_summer_is_warned_of_with_its_line() -> None:
    assert sample("flat-retold.txt").warnings[0] == (
        "line 3: EST was read as America/New_York’s wall clock: EDT on that day"
    )


def test_a_quiet_week_is_a_warning() -> None:
    assert sample("rich-quiet.txt").warnings == ["no header of an incident was found: a quiet week"]


def test_the_title_of_a_quiet_weeks_page_takes_no_section_with_it() -> None:
    text = "# Week 27\n\n## This week\n\nA rack.\n\n## Reading list\n\nTwo papers.\n"
    parsed = parse(text, date(2024, 7, 6), CONTEXT)
    assert [section.heading for section in parsed.sections] == ["This week", "Reading list"]


def test_a_service_is_known_by_its_longest_name() -> None:
    assert sample("md-headings.md").incidents[0].services == ["Object Storage"]


def test_a_proposal_is_marked_by_the_names_of_its_fields() -> None:
    incident = sample("md-headings.md").incidents[1]
    assert incident.proposed == [
        "ended_at", "duration_minutes", "precision", "impact", "kind", "regions"
    ]  # fmt: skip
    assert sample("flat-retold.txt").incidents[5].proposed == ["impact"]


def test_the_document_has_the_fields_of_the_contract() -> None:
    json = sample("flat-fused.txt").as_json("Larger boxes are longer")
    assert list(json) == ["date", "period", "incidents", "sections", "caption", "warnings"]
    assert json["period"] == ["2024-03-03", "2024-03-09"]
    assert sample("flat-fused.txt").incidents[0].as_json() == {
        "title": "Build Queue Stuck in GRU",
        "started_at": "2024-03-03T09:15:00-05:00",
        "ended_at": "2024-03-03T09:25:00-05:00",
        "duration_minutes": 10,
        "precision": "about",
        "impact": None,
        "scope": None,
        "kind": "incident",
        "regions": ["GRU"],
        "services": [],
        "body": "A worker held the lock of thegru-build-2 queue, and builds waited."
        " Restarting it cleared the queue within 10 minutes.",
        "proposed": ["ended_at", "duration_minutes", "precision", "regions"],
    }
