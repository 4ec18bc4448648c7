"""The log that benchmarks are run on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from benchmarks.bulk_demo import BulkDemo
from bulletin import publishing
from bulletin.models import Article, Bulletin
from incidents import markdown, search
from incidents.models import Addendum, Incident

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)


def test_the_weeks_are_as_publishing_would_have_left_them() -> None:
    BulkDemo(52, THURSDAY).write()
    newest = Bulletin.objects.by_date()[0]
    assert newest.date.isoformat() == "2026-11-21"
    assert Bulletin.objects.count() == 52
    assert Article.objects.published(THURSDAY).count() == 1
    assert Addendum.objects.exists()
    assert Incident.objects.published(THURSDAY).count() == 500
    assert {post.incidents(THURSDAY).count() for post in Bulletin.objects.all()} == {9, 10}
    assert publishing.sync_publication(newest, THURSDAY) == []
    assert search.faults() == []


def test_rows_are_as_a_save_would_make_them() -> None:
    BulkDemo(3, THURSDAY).write()
    for incident in Incident.objects.with_related():
        rendered = markdown.render(incident.body, markdown.INCIDENT, prefix=incident.slug)
        assert incident.body_html == rendered.html
    for model in (Incident, Bulletin):
        for row in model._default_manager.all():
            before = {name: vars(row)[name] for name in vars(row) if name != "edited_at"}
            row.full_clean()
            row.save()
            assert {name: vars(row)[name] for name in before} == before
