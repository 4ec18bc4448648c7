from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, models, transaction

from bulletin.documents import ARTICLE, BULLETIN
from bulletin.models import Article, Bulletin
from bulletin.page_cache import content_revision
from incidents import asking, fulltext
from incidents.documents import INCIDENT
from incidents.models import Addendum, Incident, Region, Service
from incidents.triggers import TABLE
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db


def found(words: str) -> list[str]:
    return [incident.title for incident in Incident.objects.matching(words).newest_first()]


def documents() -> list[tuple[object, ...]]:
    """The index whole, in its order."""
    with connection.cursor() as cursor:
        key, words = (
            ("rowid", "title || body") if connection.vendor == "sqlite" else ("key", "words")
        )
        cursor.execute(f"SELECT {key}, public_from, {words} FROM {TABLE} ORDER BY 1")  # noqa: S608
        return list(cursor.fetchall())


def triggers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY 1"
            if connection.vendor == "sqlite"
            else "SELECT tgrelid::regclass || tgname FROM pg_trigger WHERE NOT tgisinternal "
            "ORDER BY 1"
        )
        # Those of the content revision are made by `migrate`.
        return [name for (name,) in cursor.fetchall() if content_revision.NAME not in name]


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
        rows = fulltext.newest(asking.parse(f"loss {words}"), PUBLISHED, ranked=True)
        assert {row.id for row in rows} <= {incident.pk}
    if not re.search(r"\w", piece):
        assert found(f"loss {piece}") == [incident.title]


def test_every_write_is_found_at_once(incident: Incident) -> None:
    Incident.objects.update(body="Now about turbines.")
    assert found("turbines")
    assert not found("switch")
    addendum = Addendum.objects.create(incident=incident, body="A correction.")
    assert found("turbines correction")
    Addendum.objects.update(body="Amended.")
    assert found("amended")
    assert not found("correction")
    addendum.delete()
    assert not found("amended")
    incident.regions.set(Region.objects.filter(code="AMS"))
    assert found("ams netherlands")
    assert not found("gru")
    Region.objects.filter(code="AMS").update(place="Mokum")
    assert found("mokum")
    Service.objects.update(name="Ledger")
    assert found("ledger")
    Service.objects.all().delete()
    Region.objects.filter(code="AMS").delete()
    assert not found("ledger")
    assert not found("mokum")
    Incident.objects.bulk_create([Incident(title="In bulk", slug="x", started_at=PUBLISHED)])
    assert found("in bulk") == ["In bulk"]
    Incident.objects.all().delete()
    assert documents() == []


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
    matches = fulltext.newest(asking.parse("loss"), PUBLISHED)
    assert [match.id for match in matches] == [later.pk, incident.pk]
    assert len(fulltext.newest(asking.parse("loss"), PUBLISHED + timedelta(seconds=1))) == 3


def test_a_match_in_the_title_ranks_higher(incident: Incident) -> None:
    make_incident(title="Another", body="Some loss, and much else besides.", started_at=PUBLISHED)
    asked = asking.parse("loss")
    other, first = fulltext.newest(asked, PUBLISHED, ranked=True)
    assert first.id == incident.pk
    assert first.rank > other.rank


def test_a_dump_loads_again_without_the_index_in_it(incident: Incident, tmp_path: Path) -> None:
    make_bulletin()
    call_command("dumpdata", "incidents", "bulletin", output=tmp_path / "dump.json")
    dumped = (tmp_path / "dump.json").read_text()
    assert TABLE not in dumped
    assert "Loss of `eth0`" in dumped
    before = documents()
    assert len(before) == 2
    Bulletin.objects.all().delete()
    Incident.objects.all().delete()
    call_command("loaddata", tmp_path / "dump.json", verbosity=0)
    assert documents() == before


@pytest.mark.django_db(transaction=True)
def test_a_later_migration_cannot_lose_the_index() -> None:
    """SQLite makes a table anew to add such a column, and its triggers are gone with the old."""
    incident = make_incident(services="Storage")
    Addendum.objects.create(incident=incident, body="Late.")
    make_article(incidents=[incident])
    make_bulletin()
    before, kept = triggers(), documents()
    assert len(kept) == 3
    field = models.CharField(max_length=9, default="new")
    field.set_attributes_from_name("added")
    for model in (Incident, Addendum, Region, Service, Article, Bulletin):
        for alter in ("add_field", "remove_field"):
            with connection.schema_editor() as editor:
                getattr(editor, alter)(model, field)
            assert (triggers(), documents()) == (before, kept), (model, alter)
    for model, index in ((Article, ARTICLE), (Bulletin, BULLETIN), (Incident, INCIDENT)):
        with connection.schema_editor() as editor:
            editor.remove_index(model, index)
    assert (triggers(), documents()) == ([], [])
    for model, index in ((Incident, INCIDENT), (Article, ARTICLE), (Bulletin, BULLETIN)):
        with connection.schema_editor() as editor:
            editor.add_index(model, index)
    assert (triggers(), documents()) == (before, kept)
    call_command("flush", interactive=False, verbosity=0)
    assert documents() == []
