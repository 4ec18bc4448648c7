from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bulletin import publishing
from bulletin.models import Article, Bulletin
from incidents import fulltext, markup
from incidents.models import Addendum, Incident
from tests.factories import make_incident

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """In a test's transaction SQLite makes no index, so the triggers write each document."""
    monkeypatch.setattr(timezone, "now", lambda: THURSDAY)
    monkeypatch.setattr(fulltext, "made_anew", nullcontext)

    def load(weeks: int) -> str:
        out = StringIO()
        call_command("load_demo", scale=weeks, stdout=out)
        return out.getvalue()

    return load


def test_so_many_weeks_are_made_as_publishing_would_have_left_them(load: Any) -> None:
    assert load(52) == "Made a log of 52 bulletins and 500 incidents.\n"
    newest = Bulletin.objects.by_date()[0]
    assert newest.date.isoformat() == "2026-11-21"
    assert Article.objects.published(THURSDAY).count() == 1
    assert Addendum.objects.exists()
    assert Incident.objects.published(THURSDAY).count() == 500
    told = [bulletin.incidents(THURSDAY).count() for bulletin in Bulletin.objects.all()]
    assert set(told) == {9, 10}
    assert publishing.sync_publication(newest, THURSDAY) == []
    for model, index in fulltext.indexes():
        assert not fulltext.fault(model, index)


def test_rows_are_as_a_save_would_make_them(load: Any) -> None:
    load(7)
    for one in Incident.objects.with_related():
        assert one.body_html == markup.render(one.body, markup.INCIDENT, prefix=one.slug).html
        assert one.slug.startswith(f"{one.local_date:%Y-%m-%d}-")
    for model in (Incident, Bulletin):
        for row in model._default_manager.all():
            before = {**vars(row)}
            row.full_clean()
            row.save()
            kept = {name: vars(row)[name] for name in before if name not in ("edited_at", "_state")}
            assert kept == {name: before[name] for name in kept}


def test_the_same_weeks_are_the_same_rows(load: Any) -> None:
    load(3)
    first = list(Incident.objects.in_time_order().values("uid", "slug", "body", "publish_at"))
    Bulletin.objects.all().delete()
    Incident.objects.all().delete()
    load(3)
    assert (
        list(Incident.objects.in_time_order().values("uid", "slug", "body", "publish_at")) == first
    )


def test_a_database_that_holds_a_log_is_left_alone(load: Any) -> None:
    make_incident(started_at=THURSDAY - timedelta(days=400))
    with pytest.raises(CommandError, match="holds a log already"):
        load(3)
    assert Incident.objects.count() == 1


@pytest.mark.parametrize("weeks", [-1, 0, 100_001])
def test_a_number_of_weeks_that_makes_no_sense_is_refused(load: Any, weeks: int) -> None:
    with pytest.raises(CommandError, match="1 to 100000"):
        load(weeks)
