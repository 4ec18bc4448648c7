from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from bulletin.models import Article, ContentRevision, SiteSettings
from bulletin.page_cache import content_revision
from incidents.models import Incident, Service
from tests.factories import make_editor, make_incident

pytestmark = pytest.mark.django_db


def number() -> int:
    found = ContentRevision.objects.current()
    assert found is not None
    return found


def test_each_table_that_readers_see_moves_it() -> None:
    call_command("load_demo", verbosity=0)
    SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY)
    for table in content_revision.content_tables():
        before = number()
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET id = id")  # noqa: S608
        assert number() > before, table


def test_all_tables_are_seen_by_readers_but_those_that_are_named() -> None:
    models = {
        model._meta.model_name
        for label in ("bulletin", "incidents")
        for model in apps.get_app_config(label).get_models(include_auto_created=True)
        if model._meta.db_table not in content_revision.content_tables()
    }
    assert models == content_revision.PRIVATE_MODELS


def test_each_kind_of_write_moves_it() -> None:
    incident = make_incident()
    service = Service.objects.create(name="Disks")
    for write in (
        lambda: Incident.objects.update(title="Other"),
        lambda: Service.objects.bulk_create([Service(name="A"), Service(name="B")]),
        # By INSERT OR IGNORE, on SQLite.
        lambda: incident.services.add(service),
        lambda: incident.services.clear(),
        lambda: SiteSettings.objects.update_or_create(
            pk=SiteSettings.ONLY, defaults={"name": "Log"}
        ),
        lambda: incident.delete(),
    ):
        before = number()
        write()
        assert number() > before


def test_what_no_reader_sees_does_not_move_it() -> None:
    before = number()
    make_editor()
    list(Article.objects.all())
    assert number() == before


def test_migrate_makes_the_triggers_that_are_missing() -> None:
    drop = "" if connection.vendor == "sqlite" else " ON incidents_incident"
    name = content_revision.NAME + ("_incidents_incident_update" if not drop else "")
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{drop}")
    assert content_revision.tables_without_triggers(connection) == ["incidents_incident"]
    call_command("migrate", verbosity=0)
    assert content_revision.tables_without_triggers(connection) == []
