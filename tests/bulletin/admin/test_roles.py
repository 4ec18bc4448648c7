"""Writers draft; editors decide what readers see; hand-made requests change nothing of it."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bulletin import publishing
from bulletin.admin import posts
from bulletin.models import Article, Author, Bulletin, SiteSettings, Status
from incidents.models import Addendum, Incident, Region
from tests.bulletin.test_admin import bulletin_form, incident_form
from tests.factories import make_account, make_article, make_bulletin, make_incident
from tests.pages import form_of

pytestmark = pytest.mark.django_db
ADD = "/admin/incidents/incident/add/"
ARTICLE = {
    "title": "The switch",
    "body": "Text.",
    "slug": "the-switch",
    "incident_started_at_0": "",
    "incident_started_at_1": "",
}
# What a writer's hand-made form would send to publish.
DECISION = {
    "status": "published",
    "publish_at_0": "",
    "publish_at_1": "",
    "notify_subscribers": "on",
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def writer() -> Client:
    return signed_in(make_account("writer", "Writers"))


@pytest.fixture
def editor() -> Client:
    return signed_in(make_account("editor", "Editors"))


def draft(**overrides: Any) -> Bulletin:
    return make_bulletin(**{"status": Status.DRAFT, "publish_at": None} | overrides)


def page(row: Any, name: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def act(client: Client, row: Any, action: str) -> Any:
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_changelist")
    return client.post(
        url, {"action": action, "_selected_action": [row.pk], "post": "yes"}, follow=True
    )


# Posts --------------------------------------------------------------------------------


def test_a_writer_drafts_and_changes_drafts(writer: Client) -> None:
    assert writer.post("/admin/bulletin/bulletin/add/", bulletin_form()).status_code == 302
    bulletin = Bulletin.objects.get()
    typed = bulletin_form(essay="Better.", period_first="2024-06-30", period_last="2024-07-06")
    assert writer.post(page(bulletin), typed).status_code == 302
    bulletin.refresh_from_db()
    assert (bulletin.essay, bulletin.status) == ("Better.", Status.DRAFT)
    assert writer.post("/admin/bulletin/article/add/", ARTICLE).status_code == 302


def test_no_page_has_a_field_that_publishes(writer: Client, editor: Client) -> None:
    row = draft()
    for client in (writer, editor):
        fields = client.get(page(row)).context["adminform"].form.fields
        assert {"status", "publish_at"}.isdisjoint(fields)


def test_a_hand_made_form_of_a_writer_publishes_nothing(writer: Client) -> None:
    incident = make_incident(publish_at=None)
    assert (
        writer.post("/admin/bulletin/bulletin/add/", bulletin_form(**DECISION)).status_code == 302
    )
    assert writer.post(page(Bulletin.objects.get()), bulletin_form(**DECISION)).status_code == 302
    typed = ARTICLE | DECISION | {"incidents": [incident.pk]}
    assert writer.post("/admin/bulletin/article/add/", typed).status_code == 302
    for post in (Bulletin.objects.get(), Article.objects.get()):
        assert (post.status, post.publish_at, post.updated_at) == (Status.DRAFT, None, None)
    incident.refresh_from_db()
    assert incident.publish_at is None


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(days=3)], ids=["public", "scheduled"])
def test_what_is_published_or_scheduled_is_read_only_to_a_writer(
    writer: Client, ahead: timedelta
) -> None:
    for post in (
        make_bulletin(publish_at=timezone.now() + ahead),
        make_article(publish_at=timezone.now() + ahead),
    ):
        shown = writer.get(page(post)).content.decode()
        assert 'name="_save"' not in shown
        assert writer.post(page(post), bulletin_form() | ARTICLE).status_code == 403
        assert writer.post(page(post, "delete"), {"post": "yes"}).status_code == 403
        for action in ("unpublish_rows", "publish_rows", "delete_selected"):
            act(writer, post, action)
        post.refresh_from_db()
        assert post.status == Status.PUBLISHED
        assert post.publish_at is not None


def test_a_draft_that_is_published_while_a_writer_saves_stays_as_published(
    writer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = draft()
    save = posts.BulletinAdmin.save_model

    def late(*args: Any) -> None:
        """The editor's transaction ends between the writer's check and the writer's save."""
        Bulletin.objects.update(status=Status.PUBLISHED, publish_at=timezone.now())
        save(*args)

    monkeypatch.setattr(posts.BulletinAdmin, "save_model", late)
    typed = bulletin_form(period_first="2024-06-30", period_last="2024-07-06", essay="Late.")
    assert writer.post(page(row), typed).status_code == 403


def test_what_a_writer_typed_in_a_post_published_meanwhile_is_kept_and_shown(
    writer: Client,
) -> None:
    row, incident = draft(), make_incident(publish_at=None)
    typed = form_of(writer.get(page(row)))
    typed |= {"essay": "My paragraph.", "incidents-0-body": "My account."}
    row.status = Status.PUBLISHED
    publishing.sync_publication(row, timezone.now())
    refused = writer.post(page(row), typed)
    assert refused.status_code == 403
    again = writer.post(page(row), {"_restore_autosave": typed["_key"][0]})
    for answer in (refused, writer.get(page(row)), again):
        html = answer.content.decode()
        assert "My paragraph" in html
        assert "My account" in html
        assert 'name="_save"' not in html
    row.refresh_from_db()
    incident.refresh_from_db()
    assert (row.essay, incident.body) == ("We moved a rack.", "A switch dropped packets.")


def test_a_form_of_a_page_that_a_writer_may_not_read_is_refused_bare() -> None:
    clerk = make_account("clerk")
    clerk.user_permissions.set(Permission.objects.filter(codename="change_article"))
    row = draft()
    answer = signed_in(clerk).post(page(row), bulletin_form(_key="0" * 32))
    assert answer.status_code == 403
    assert "We moved a rack." not in answer.content.decode()


def test_actions_of_a_writer_publish_and_delete_nothing(writer: Client) -> None:
    row = draft()
    for action in ("publish_rows", "delete_selected"):
        act(writer, row, action)
    row.refresh_from_db()
    assert row.status == Status.DRAFT


# Incidents ----------------------------------------------------------------------------


def test_a_writers_incident_of_a_scheduled_week_waits_for_an_editor(
    writer: Client, editor: Client
) -> None:
    hour = timezone.now() + timedelta(days=3)
    make_bulletin(publish_at=hour)
    answer = writer.post(ADD, incident_form(title="Waiting"), follow=True).content.decode()
    assert "stays private until an editor publishes it" in answer
    waiting = Incident.objects.get()
    assert waiting.publish_at is None
    answer = editor.post(ADD, incident_form(title="Another"), follow=True).content.decode()
    assert "Scheduled with its week: 2024-07-02 Another, 2024-07-02 Waiting." in answer
    waiting.refresh_from_db()
    assert waiting.publish_at == hour
    assert writer.post(page(waiting), incident_form()).status_code == 403


def test_a_told_incident_is_read_only_to_a_writer(writer: Client) -> None:
    told = make_incident()
    shown = writer.get(page(told)).content.decode()
    assert 'name="_save"' not in shown
    assert "30m" in shown
    typed = {"addenda-TOTAL_FORMS": "1", "addenda-0-body": "More."}
    assert writer.post(page(told), incident_form(**typed)).status_code == 403
    assert not Addendum.objects.exists()


def test_a_writer_tells_withdraws_and_deletes_nothing(writer: Client) -> None:
    told, private = make_incident(), make_incident(publish_at=None)
    for row in (told, private):
        for action in ("publish_rows", "unpublish_rows", "delete_selected"):
            act(writer, row, action)
        assert writer.post(page(row, "delete"), {"post": "yes"}).status_code == 403
    assert list(Incident.objects.exclude(publish_at=None)) == [told]
    assert Incident.objects.count() == 2


def test_relating_a_private_incident_to_a_told_one_shows_readers_nothing(writer: Client) -> None:
    told = make_incident()
    before = Client().get(told.get_absolute_url()).content
    writer.post(ADD, incident_form(title="Hidden", related=[told.pk]))
    assert Incident.objects.unpublished().get().related.get() == told
    assert Client().get(told.get_absolute_url()).content == before


def test_an_articles_incident_made_by_a_writer_is_private(writer: Client) -> None:
    make_bulletin(publish_at=timezone.now() + timedelta(days=3))
    made = {"incident_started_at_0": "2024-07-02", "incident_started_at_1": "15:00"}
    assert writer.post("/admin/bulletin/article/add/", ARTICLE | made).status_code == 302
    assert Article.objects.get().incidents.get().publish_at is None


def test_who_may_not_add_incidents_makes_none_with_an_article() -> None:
    clerk = make_account("clerk")
    clerk.user_permissions.set(Permission.objects.filter(codename="add_article"))
    made = {"incident_started_at_0": "2024-07-02", "incident_started_at_1": "15:00"}
    answer = signed_in(clerk).post("/admin/bulletin/article/add/", ARTICLE | made)
    assert answer.status_code == 302
    assert not Incident.objects.exists()


def test_an_import_by_a_writer_tells_nothing(writer: Client) -> None:
    make_bulletin(publish_at=timezone.now() + timedelta(days=3))
    text = "July 2: Slow disks (14:00 UTC): Reads took seconds.\n"
    typed = {"date": "2024-07-13", "text": text, "save": "1"}
    assert writer.post("/admin/bulletin/bulletin/import/", typed).status_code == 302
    assert Incident.objects.get().publish_at is None


# Public words, accounts, reading ------------------------------------------------------


def test_a_writer_adds_public_words_in_a_popup_and_does_not_change_them(
    writer: Client, editor: Client
) -> None:
    typed = {"code": "XYZ", "place": "Nowhere", "_popup": "1"}
    assert writer.post("/admin/incidents/region/add/?_popup=1", typed).status_code == 200
    region = Region.objects.get(code="XYZ")
    assert writer.post(page(region) + "?_popup=1", typed | {"place": "X"}).status_code == 403
    assert editor.post(page(region), typed | {"place": "X"}).status_code in (200, 302)
    assert Region.objects.get(code="XYZ").place == "X"


def test_the_notice_and_the_accounts_are_not_a_writers(writer: Client, editor: Client) -> None:
    SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY)
    url = "/admin/bulletin/sitesettings/1/change/"
    assert writer.post(url, {"body": "Mine."}).status_code == 403
    assert editor.post(url, {"body": "Ours."}).status_code == 302
    for client in (writer, editor):
        for model in ("user", "group"):
            assert client.get(f"/admin/auth/{model}/").status_code == 403
            assert client.get(f"/admin/auth/{model}/add/").status_code == 403


def test_drafts_are_read_by_writers_and_by_no_staff_without_a_role(writer: Client) -> None:
    draft()
    assert writer.get("/2024-07-06/").status_code == 200
    assert signed_in(make_account("clerk")).get("/2024-07-06/").status_code == 404


# The migration ------------------------------------------------------------------------


def test_the_roles_are_made_once_and_keep_what_a_group_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for label in ("incidents", "bulletin"):
        # A migration's apps have no models module, and are left so; dumps then pass the real over.
        app = apps.get_app_config(label)
        monkeypatch.setattr(app, "models_module", app.models_module)
    writers = Group.objects.get(name="Writers")
    extra = Permission.objects.get(codename="view_user")
    writers.permissions.add(extra)
    writers.permissions.remove(Permission.objects.get(codename="add_bulletin"))
    member = make_account("ana", "Writers")
    migration = importlib.import_module("bulletin.migrations.0002_roles")
    for _again in range(2):
        migration.make_roles(apps, connection.SchemaEditorClass(connection))
    names = set(writers.permissions.values_list("codename", flat=True))
    assert names == {*migration.WRITERS, "view_user"}
    assert list(writers.user_set.all()) == [member]
    assert Group.objects.get(name="Editors").permissions.count() == len(migration.EDITORS)


def test_every_permission_of_a_role_exists_once() -> None:
    migration = importlib.import_module("bulletin.migrations.0002_roles")
    made = Permission.objects.filter(content_type__app_label__in=["bulletin", "incidents"])
    assert sorted(
        made.filter(codename__in=migration.EDITORS).values_list("codename", flat=True)
    ) == sorted(migration.EDITORS)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_migration_goes_back_and_forth_without_harm() -> None:
    member = make_account("ana", "Editors")
    call_command("migrate", "bulletin", "0002", verbosity=0)
    call_command("migrate", "bulletin", verbosity=0)
    assert member.groups.get().name == "Editors"
    assert User.objects.get(pk=member.pk).has_perm("bulletin.publish_bulletin")
    assert Author.objects.count() == 0


def test_the_navigation_has_what_one_may_open(writer: Client, editor: Client) -> None:
    def sections(client: Client) -> list[str]:
        page = client.get("/admin/help/")
        return [str(label) for _, label in page.context["sections"]]

    written = ["Dashboard", "Bulletins", "Articles", "Incidents", "Import text"]
    assert sections(writer) == [*written, "Help"]
    assert sections(editor) == [*written, "Settings", "Help"]
    for address, _ in editor.get("/admin/help/").context["sections"]:
        assert editor.get(address, follow=True).status_code == 200


def test_a_writer_sees_why_there_is_no_publish(writer: Client, editor: Client) -> None:
    pages = [f"/admin/bulletin/bulletin/{draft().pk}/change/", "/admin/bulletin/author/add/"]
    reason = "An editor publishes it"
    assert [reason in writer.get(page).content.decode() for page in pages] == [True, False]
    assert [reason in editor.get(page).content.decode() for page in pages] == [False, False]


def test_help_is_the_guide_of_the_docs(writer: Client) -> None:
    page = writer.get("/admin/help/").content.decode()
    assert page.count("<h1") == 1
    assert '<h2 id="log-an-incident">' in page
    assert "<img alt=" not in page.split('class="admin-guide"')[1]
    assert Client().get("/admin/help/").status_code == 302
