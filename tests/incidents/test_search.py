from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction

from bulletin.models import Bulletin
from bulletin.views.search import find
from incidents import search
from incidents.models import Addendum, Incident, Region, Service
from incidents.search import SearchDocument
from incidents.search_query import parse
from tests.factories import PUBLISHED, make_bulletin, make_incident

pytestmark = pytest.mark.django_db


def found(words: str) -> list[str]:
    return [incident.title for incident in Incident.objects.matching(words).newest_first()]


def documents() -> list[tuple[object, ...]]:
    """The index whole, in its order."""
    return list(SearchDocument.objects.order_by("pk").values_list())


@pytest.fixture
def incident() -> Incident:
    return make_incident(
        title="Loss of `eth0` in **São Paulo**",
        body="The _switch_ `fly-proxy` is [slow](https://example.org), naïve.",
        regions="GRU",
        services="Storage",
    )


@pytest.mark.parametrize(
    "words",
    [
        "loss",
        "LOSS eth0",
        "sao paulo",
        "São",
        '"loss of eth0"',
        '"the switch fly proxy is slow"',
        "fly-proxy",
        "proxy",
        "naive swit",
        "los*  switch",
        "brazil gru storage",
        '"paulo brazil"',
    ],
)
def test_words_phrases_and_beginnings_are_found(incident: Incident, words: str) -> None:
    assert found(words) == [incident.title]


@pytest.mark.parametrize(
    "words",
    [
        "los switch",
        '"eth0 loss"',
        '"los of"',
        "switch absent",
        "aulo",
        "🔥",
        "",
        '"" *',
        "NOT loss",
    ],
)
def test_what_is_not_there_is_not_found(incident: Incident, words: str) -> None:
    assert found(words) == []


@pytest.mark.parametrize(
    "piece", ['"', "'", "\0", "🔥", "(", "*", ":", "^", "-", "NEAR(", "\\", "%s", "{"]
)
def test_no_input_is_wrong(incident: Incident, piece: str) -> None:
    for words in (piece, f"loss {piece}", f"{piece}loss", f'"loss {piece}', piece * 5_000):
        assert found(words) in ([], [incident.title])
        rows = find(parse(f"loss {words}"), PUBLISHED, ranked=True)
        assert {pk for _kind, pk in rows} <= {incident.pk}
    if not re.search(r"\w", piece):
        assert found(f"loss {piece}") == [incident.title]


def test_every_save_is_found_at_once(incident: Incident) -> None:
    incident.body = "Now about turbines."
    incident.save()
    assert found("turbines")
    assert not found("switch")
    addendum = Addendum.objects.create(incident=incident, body="A correction.")
    assert found("turbines correction")
    addendum.body = "Amended."
    addendum.save()
    assert found("amended")
    assert not found("correction")
    addendum.delete()
    assert not found("amended")
    incident.regions.set(Region.objects.filter(code="AMS"))
    assert found("ams netherlands")
    assert not found("gru")
    Service.objects.create(name="Ledger").incident_set.add(incident)
    assert found("ledger storage")
    Incident.objects.all().delete()
    assert documents() == []


def test_a_rebuild_finds_what_was_written_in_bulk(incident: Incident) -> None:
    Region.objects.filter(code="GRU").update(place="Mokum")
    Incident.objects.bulk_create([Incident(title="In bulk", slug="x", started_at=PUBLISHED)])
    make_bulletin()
    assert not found("mokum")
    assert search.faults() == ["has 1 of 2 incidents"]
    search.rebuild()
    assert found("mokum")
    assert found("in bulk") == ["In bulk"]
    assert search.faults() == []


def test_a_changed_date_changes_the_order(incident: Incident) -> None:
    other = make_incident(title="Loss later", started_at=PUBLISHED)
    other.started_at = incident.started_at - timedelta(days=1)
    other.save()
    assert [pk for _kind, pk in find(parse("loss"), PUBLISHED)] == [incident.pk, other.pk]


def test_what_is_rolled_back_leaves_nothing(incident: Incident) -> None:
    before = documents()
    with transaction.atomic():
        make_incident(title="Never saved")
        Incident.objects.filter(pk=incident.pk).update(title="Preview")
        transaction.set_rollback(True)
    assert documents() == before


def test_any_date_and_length_can_be_saved() -> None:
    for year in (1, 1969, 9999):
        make_incident(title=f"Year {year}", started_at=datetime(year, 6, 1, tzinfo=UTC))
    make_incident(title="Long", body=" ".join(f"{n:x}" for n in range(36_000)))
    assert len(found("year")) == 3
    assert found("long")


def test_the_newest_come_first_and_only_when_public(incident: Incident) -> None:
    later = make_incident(title="Loss later", started_at=PUBLISHED, publish_at=PUBLISHED)
    make_incident(title="Loss untold", publish_at=None)
    make_incident(title="Loss to come", publish_at=PUBLISHED + timedelta(seconds=1))
    matches = find(parse("loss"), PUBLISHED)
    assert [pk for _kind, pk in matches] == [later.pk, incident.pk]
    assert len(find(parse("loss"), PUBLISHED + timedelta(seconds=1))) == 3


def test_a_match_in_the_title_ranks_higher(incident: Incident) -> None:
    make_incident(title="Another", body="Some loss, and much else besides.", started_at=PUBLISHED)
    assert find(parse("loss"), PUBLISHED, ranked=True)[0] == ("incident", incident.pk)


def test_a_dump_loads_again_with_its_search_index(incident: Incident, tmp_path: Path) -> None:
    make_bulletin()
    call_command("dumpdata", "incidents", "bulletin", output=tmp_path / "dump.json")
    dumped = (tmp_path / "dump.json").read_text()
    assert "Loss of `eth0`" in dumped
    before = documents()
    assert len(before) == 2
    Bulletin.objects.all().delete()
    Incident.objects.all().delete()
    call_command("loaddata", tmp_path / "dump.json", verbosity=0)
    assert documents() == before
