from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bulletin.models import Bulletin, SiteSettings, Status
from incidents.models import Incident
from tests.factories import make_bulletin, make_incident

pytestmark = pytest.mark.django_db

WEEK = """\
Trailing two weeks
August 5: Slow disks in GRU (14:00 UTC): Reads took seconds. It lasted 40 minutes.
August 7: A test page that paged (Internal) (9:30EST): Nobody saw it, no customer impact.
This Week In Infra Engineering
We replaced the disks.
"""


@pytest.fixture
def week(tmp_path: Path) -> Path:
    path = tmp_path / "week.txt"
    path.write_text(WEEK)
    return path


def run(path: Path | str, *flags: str, on: str = "2024-08-10") -> str:
    out = io.StringIO()
    call_command("import_bulletin", str(path), "--date", on, *flags, stdout=out, stderr=out)
    return out.getvalue()


def test_a_text_becomes_untold_incidents_and_a_draft(week: Path) -> None:
    run(week)
    bulletin = Bulletin.objects.get()
    assert bulletin.date == date(2024, 8, 10)
    assert bulletin.status == Status.DRAFT
    assert (bulletin.period_first, bulletin.period_last) == (date(2024, 8, 4), date(2024, 8, 10))
    assert bulletin.essay == "## This Week In Infra Engineering\n\nWe replaced the disks."
    disks, page = Incident.objects.in_time_order()
    assert disks.title == "Slow disks in GRU"
    assert disks.local_start.isoformat() == "2024-08-05T14:00:00+00:00"
    assert disks.length_text in ("40m", "≈40m")
    assert [region.code for region in disks.regions.all()] == ["GRU"]
    assert "regions" in disks.proposed
    assert page.scope == "internal"
    assert page.impact == 0
    assert disks.publish_at is None


def test_a_dry_run_writes_nothing(week: Path) -> None:
    assert "Nothing was written" in run(week, "--dry-run")
    assert not Bulletin.objects.exists()
    assert not Incident.objects.exists()


def test_the_json_is_what_the_contract_says(week: Path, capsys: Any) -> None:
    out = io.StringIO()
    call_command(
        "import_bulletin", str(week), "--date", "2024-08-10", "--dry-run", "--json", stdout=out
    )
    document = json.loads(out.getvalue())
    assert set(document) == {"date", "period", "incidents", "sections", "caption", "warnings"}
    assert document["period"] == ["2024-08-04", "2024-08-10"]
    assert document["caption"].startswith("Larger boxes are longer, darker boxes are higher-impact")
    assert document["sections"] == [
        {"heading": "This Week In Infra Engineering", "body": "We replaced the disks."}
    ]
    first, second = document["incidents"]
    assert set(first) == {
        "title",
        "started_at",
        "ended_at",
        "duration_minutes",
        "precision",
        "impact",
        "scope",
        "kind",
        "regions",
        "services",
        "body",
        "proposed",
    }
    assert first["started_at"] == "2024-08-05T14:00:00+00:00"
    assert first["impact"] is None
    assert second["started_at"] == "2024-08-07T09:30:00-04:00"
    assert second["scope"] == "internal"
    assert second["impact"] == "none"
    assert second["duration_minutes"] is None
    assert second["precision"] == "unknown"


def test_the_caption_points_to_a_published_bulletin_of_the_rows_above(week: Path) -> None:
    make_bulletin(
        date=date(2024, 8, 3), period_first=date(2024, 7, 28), period_last=date(2024, 8, 3)
    )
    printed = run(week, "--dry-run", "--json")
    assert "top row" in json.loads(printed[printed.index("{") :])["caption"]


def test_the_same_text_again_changes_nothing(week: Path) -> None:
    run(week)
    Incident.objects.update(impact=3)
    rows = list(Incident.objects.values()), list(Bulletin.objects.values())
    assert "already" in run(week)
    assert (list(Incident.objects.values()), list(Bulletin.objects.values())) == rows


def test_a_date_that_has_a_post_from_elsewhere_is_refused(week: Path) -> None:
    make_bulletin(
        date=date(2024, 8, 10), period_first=date(2024, 8, 4), period_last=date(2024, 8, 10)
    )
    with pytest.raises(CommandError, match="2024-08-10 has a post from elsewhere"):
        run(week)
    assert not Incident.objects.exists()


def test_an_incident_that_is_in_the_log_already_is_left_as_it_is(week: Path) -> None:
    run(week)
    Bulletin.objects.all().delete()
    Incident.objects.update(body="Mended.")
    assert "2 were there already" in run(week)
    assert Incident.objects.count() == 2
    assert set(Incident.objects.values_list("body", flat=True)) == {"Mended."}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00", "."),
        (b"August 5: Caf\xe9 (14:00): Closed.", "line 1"),
        (b"x" * 1_000_001, "MB|megabyte|1,000,000"),
        (b"One.\nFebruary 30: Gone (10:00 UTC): Never.\n", "line 2"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_written(
    tmp_path: Path, data: bytes, message: str
) -> None:
    path = tmp_path / "bad"
    path.write_bytes(data)
    with pytest.raises(CommandError, match=message):
        run(path)
    assert not Bulletin.objects.exists()


def test_a_missing_file_and_a_bad_date_are_said_plainly(week: Path) -> None:
    with pytest.raises(CommandError, match="can't read"):
        run("/nonexistent/week.txt")
    with pytest.raises(CommandError, match="no date"):
        run(week, on="2024-02-30")
    with pytest.raises(CommandError, match="between"):
        run(week, on="9999-12-31")


def test_a_quiet_week_is_a_draft_without_incidents(tmp_path: Path) -> None:
    path = tmp_path / "quiet.txt"
    path.write_text("This Week In Infra Engineering\nNothing broke, and we painted a rack.\n")
    assert "warning" in run(path)
    assert Bulletin.objects.get().essay.startswith("## This Week In Infra Engineering")


def test_headings_are_those_of_the_site_settings(tmp_path: Path) -> None:
    SiteSettings.objects.create(import_headings="dispatches\n\n  From *  \n")
    path = tmp_path / "week.txt"
    path.write_text("August 5: Disks (14:00 UTC): Slow.\nDispatches\nThe text.\nNarrative\nMore.\n")
    run(path)
    assert Bulletin.objects.get().essay == "## Dispatches\n\nThe text.\n\nNarrative More."


def test_a_text_without_any_heading_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "quiet.txt"
    path.write_text("Nothing broke.\nWe painted a rack.\n")
    run(path)
    assert Bulletin.objects.get().essay == "Nothing broke.\n\nWe painted a rack."


def test_a_failure_halfway_leaves_nothing(week: Path, monkeypatch: Any) -> None:
    make_incident(title="Before")
    monkeypatch.setattr(Incident, "_free_slug", lambda self: "taken")
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        run(week)
    assert not Bulletin.objects.exists()
    assert Incident.objects.count() == 1
