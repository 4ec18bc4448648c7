from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from reversion.models import Version

from bulletin import history
from bulletin.importing import records
from incidents import views
from incidents.choices import Impact
from incidents.models import Addendum, Incident, Region, Service
from tests.factories import PUBLISHED, make_incident

pytestmark = pytest.mark.django_db
START = datetime(2024, 7, 2, 19, tzinfo=UTC)
ONE = {"slug": "2024-07-02-loss", "title": "Loss", "started_at": "2024-07-02T15:00:00-04:00"}


def exported() -> str:
    out = io.StringIO()
    call_command("export_incidents", stdout=out)
    return out.getvalue()


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., str]:
    """Runs the command on documents, each in a file of its own; what it said."""

    def run(*given: Any, **options: Any) -> str:
        names = []
        for number, document in enumerate(given):
            path = tmp_path / f"{number}.json"
            path.write_bytes(document if isinstance(document, bytes) else document.encode())
            names.append(str(path))
        out = io.StringIO()
        call_command("import_incidents", *names, stdout=out, stderr=out, **options)
        return out.getvalue()

    return run


def document(*entries: dict[str, Any]) -> str:
    return json.dumps({"results": entries})


def whole_log() -> None:
    """Every length, impact and zone that makes trouble, with all that hangs on an incident."""
    # The hour that New York's clocks show twice, and the one that they skip.
    for n, hour in enumerate([5, 6]):
        twice = datetime(2024, 11, 3, hour, 30, tzinfo=UTC)
        make_incident(title="Twice", started_at=twice, publish_at=twice + timedelta(microseconds=n))
    make_incident(
        title="Skipped", started_at=datetime(2024, 3, 10, 6, 59, 59, tzinfo=UTC), minutes=2
    )
    for impact in [*Impact, None]:
        make_incident(title=f"Impact {impact}", impact=impact, minutes=1 / 7)
    make_incident(
        title="`eth0` 🔥 \x07\x1b[0m", body="a\r\nb\x0c\ttab `x`\n", zone="Asia/Kathmandu"
    )
    make_incident(minutes=None, zone="Africa/Monrovia", started_at=datetime(1971, 1, 1, tzinfo=UTC))
    make_incident(title="Ongoing", minutes=None, precision="ongoing", kind="false_alarm")
    one = make_incident(
        title="About",
        precision="about",
        scope="some_customers",
        regions="GRU AMS",
        services="api dns",
        postmortem_url="https://example.com/a?b=c&d",
        status_url="https://status.example.com/1",
        status_posted_at=START - timedelta(minutes=3),
        proposed=["impact"],
    )
    one.related.set(Incident.objects.filter(title__in=["Twice", "Ongoing"]))
    Service.objects.filter(name="dns").update(ours=False)
    Region.objects.filter(code="GRU").update(place="São Paulo; the old hall")
    one.regions.add(Region.objects.create(code="x_1", place="Here"))
    for hours in (1, 2):
        publish_at = PUBLISHED + timedelta(hours=hours)
        Addendum.objects.create(incident=one, body=f"Late *{hours}*.\r\n", publish_at=publish_at)
    make_incident(title="Secret", publish_at=None).related.add(one)


def turned(client: Client) -> Iterator[bytes]:
    """The pages of the site's JSON, each from where the one before says."""
    address = "/incidents.json"
    while address:
        yield (page := client.get(address).content)
        address = json.loads(page)["next"]


def empty_log() -> None:
    Incident.objects.all().delete()
    Service.objects.all().delete()
    Region.objects.filter(code="x_1").delete()
    Region.objects.filter(code="GRU").update(place="São Paulo, Brazil")


def test_an_export_of_a_copy_is_equal_in_every_byte(imported: Callable[..., str]) -> None:
    whole_log()
    before = exported()
    assert len(json.loads(before)["results"]) == 13
    empty_log()
    assert "incidents made: 13" in imported(before)
    assert exported() == before


def test_a_copy_can_be_made_of_the_pages_of_the_site(
    client: Client, imported: Callable[..., str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(views, "PAGE", 3)
    whole_log()
    before, pages = exported(), list(turned(client))
    assert len(pages) == 5
    empty_log()
    for page in pages:
        imported(page)
    assert exported() == before
    assert "made: 0; there already: 13; there and different: 0" in imported(*pages)


def test_little_is_enough(imported: Callable[..., str]) -> None:
    imported(
        document(ONE | {"duration_minutes": 90, "regions": ["ZZZ", "AMS"], "services": ["api"]})
    )
    one = Incident.objects.get()
    assert one.slug == "2024-07-02-loss"
    assert one.length == timedelta(minutes=90)
    assert (one.precision, one.impact, one.zone) == ("exact", None, "America/New_York")
    assert {str(region) for region in one.regions.all()} == {
        "AMS (Amsterdam, Netherlands)",
        "ZZZ (ZZZ)",
    }
    assert one.publish_at is None
    one.save()
    assert one.slug == "2024-07-02-loss"


def test_what_is_there_and_differs_is_left_and_reported(imported: Callable[..., str]) -> None:
    there = make_incident(title="Loss", impact=3, regions="GRU")
    told = imported(
        document(
            ONE | {"impact": "minor", "regions": ["GRU"], "addenda": [], "body": "Other."},
            {
                "slug": "new",
                "title": "New",
                "started_at": "2024-07-03T00:00:00Z",
                "regions": ["GRU"],
            }
            | {"places": {"GRU": "Elsewhere"}, "related": [there.slug, "gone"]},
        )
    )
    assert "2024-07-02-loss differs and is left as it is: impact, body" in told
    assert "made: 1; there already: 0; there and different: 1" in told
    assert "GRU (São Paulo, Brazil) is left as it is; the file says place: Elsewhere" in told
    assert "new is related to gone, which isn't here" in told
    there.refresh_from_db()
    assert (there.impact, there.body) == (3, "A switch dropped packets.")
    assert [one.slug for one in there.related.all()] == ["new"]


def test_the_history_of_the_admin_knows_where_a_row_came_from(imported: Callable[..., str]) -> None:
    imported(document(ONE | {"regions": ["GRU"]}))
    (version,) = Version.objects.get_for_object(Incident.objects.get())
    assert version.revision.comment == "Imported."
    assert version.field_dict["regions"] == [Region.objects.get(code="GRU").pk]
    assert not history.without_version(Incident.objects.all())


def test_a_dry_run_finds_all_and_writes_nothing(imported: Callable[..., str]) -> None:
    told = imported(document(ONE | {"services": ["api"]}), dry_run=True)
    assert "incidents made: 1" in told
    assert "Nothing was written." in told
    assert not Incident.objects.exists()
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"impact": "huge"}, "impact: 'huge' is not one of"),
        ({"strated_at": "x"}, "'strated_at' was unexpected"),
        ({"title": "a\0b"}, "title: "),
        ({"title": "\ud800"}, "surrogates not allowed"),
        ({"duration_minutes": float("nan")}, "it would never end"),
        ({"duration_minutes": 1e300}, "duration_minutes: it would never end"),
        ({"duration_minutes": 5, "ended_at": "2024-07-02T19:06:00Z"}, "duration_minutes: it does"),
        ({"started_at": "2024-02-30T00:00:00Z"}, "started_at: '2024-02-30"),
        ({"started_at": "0001-01-01T00:00:00+14:00"}, "started_at: Ensure"),
        ({"ended_at": "2024-07-01T00:00:00Z"}, "The end lies before the start."),
        ({"precision": "exact"}, "needs an end"),
        ({"zone": "Mars/Base"}, "zone: “Mars/Base” is no time zone"),
        ({"body": "x" * 300_000}, "body: "),
        ({"status_url": "javascript:alert(1)"}, "status_url: "),
        ({"regions": ["a b"]}, "regions: 0: 'a b'"),
        ({"addenda": [{"published_at": "2024-13-01T00:00:00Z", "body": "x"}]}, "addenda: '2024-13"),
        ({"addenda": [{"published_at": "2999-01-01T00:00:00Z", "body": "x"}]}, "from the future"),
        ({"slug": "a b"}, "slug: 'a b'"),
        ({"uid": str(uuid4()).upper()}, "uid: "),
    ],
)
def test_the_impossible_is_named_with_its_entry_and_nothing_is_written(
    imported: Callable[..., str], wrong: dict[str, Any], words: str
) -> None:
    good = {"slug": "good", "title": "Good", "started_at": "2024-07-02T00:00:00Z"}
    with pytest.raises(CommandError) as error:
        imported(document(good | {"services": ["api"]}, ONE | wrong))
    assert words in str(error.value)
    if "surrogates" not in words:
        assert "results[1] (" in str(error.value)
    assert not Incident.objects.exists()
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not UTF-8"),
        (b"\x00\x01", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"results": ' + b"9" * 5000 + b"}", "not JSON"),
        (b"[]", "[] is not of type 'object'"),
        (b'{"incidents": []}', "'results' is a required property"),
        (b'{"results": [null]}', "results[0]: None is not of type 'object'"),
        (b'{"results": [{"slug": "x"}]}', "results[0] (x): 'title' is a required property"),
    ],
)
def test_what_is_no_document_is_refused(
    imported: Callable[..., str], data: bytes, words: str
) -> None:
    with pytest.raises(CommandError) as error:
        imported(data)
    assert words in str(error.value)
    assert len(str(error.value)) < 1000


def test_what_is_too_big_or_not_there_is_refused(
    imported: Callable[..., str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(records, "LIMIT_BYTES", 20)
    with pytest.raises(CommandError, match="passes 0 MB"):
        imported(document(ONE))
    with pytest.raises(CommandError, match="can't read"):
        call_command("import_incidents", "/nowhere/at/all.json")


def test_one_slug_stands_twice_only_where_both_say_the_same(imported: Callable[..., str]) -> None:
    assert "made: 1" in imported(document(ONE), document(ONE))
    Incident.objects.all().delete()
    with pytest.raises(CommandError, match="says other things"):
        imported(document(ONE), document(ONE | {"title": "Other"}))
