"""Every explicit save is a revision, with a readable diff and a way back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from reversion.models import Revision, Version

from bulletin import history
from bulletin.models import Article, Author, Autosave, Bulletin, SiteSettings
from incidents.models import Addendum, Incident, Region, Service
from tests.factories import PUBLISHED, make_article, make_bulletin, make_editor, make_incident
from tests.pages import form_of

pytestmark = pytest.mark.django_db
SAMPLES = Path(__file__).resolve().parent.parent / "importing" / "samples"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def at(row: Any, page: str) -> str:
    """The address of one of its pages."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def as_shown(response: Any, **typed: Any) -> dict[str, Any]:
    """The form of a page as a browser sends it, with what an editor typed."""
    return form_of(response) | typed


def save(staff: Client, row: Any, **typed: Any) -> Any:
    return send(staff, row, as_shown(staff.get(at(row, "change")), **typed))


def send(staff: Client, row: Any, data: dict[str, Any]) -> Any:
    """Whatever warnings the edit brings."""
    response = staff.post(at(row, "change"), data)
    if response.status_code == 200 and (warnings := response.context.get("acceptable")):
        accepted = form_of(response) | {"_accepted": warnings}
        response = staff.post(at(row, "change"), accepted)
    assert response.status_code == 302, response.context["errors"]
    return response


def publish(staff: Client, row: Any) -> None:
    address = f"{at(row, 'change').removesuffix(f'{row.pk}/change/')}publish/?pk={row.pk}"
    listed = staff.get(address).context["sheet"].listed
    assert staff.post(address, {"when": "now", "listed": listed}).status_code == 302


def save_with_rows(staff: Client, bulletin: Bulletin, *texts: str) -> None:
    for text in texts:
        typed = form_of(staff.get(at(bulletin, "change")))
        staff.post(at(bulletin, "change"), typed | {"essay": text, "incidents-0-body": text})


@dataclass
class Entry:
    key: int
    who: str
    comment: str
    changes: Any


def entries(staff: Client, row: Any, **query: Any) -> list[Any]:
    return [
        Entry(
            version.pk,
            getattr(version.revision.user, "username", ""),
            version.revision.comment,
            changes,
        )
        for version, changes in staff.get(at(row, "history"), query).context["entries"]
    ]


def restore(staff: Client, row: Any, entry: Any) -> Any:
    response = staff.get(at(row, "change"), {"restore": entry.key})
    assert response.status_code == 200
    return response


def told(entry: Any) -> dict[str, tuple[str, str]]:
    """What an entry says changed, by label."""
    return by_label(entry.changes)


def by_label(changes: Any) -> dict[str, tuple[str, str]]:
    return {change.label: (change.old, change.new) for change in changes}


# What is kept --------------------------------------------------------------------------


def test_a_first_save_keeps_what_was_there_before_it(staff: Client) -> None:
    bulletin = make_bulletin(essay="We moved a rack.")
    assert staff.get(at(bulletin, "history")).status_code == 200
    save(staff, bulletin, essay="We moved two racks.")
    newest, before = entries(staff, bulletin)
    assert (newest.who, newest.comment) == ("editor", "Changed Essay.")
    assert (before.who, before.comment, before.changes) == ("", "As it was before.", None)
    assert told(newest) == {"Essay": ("We moved a rack.", "We moved two racks.")}


def test_a_save_that_changed_nothing_adds_no_revision(staff: Client) -> None:
    bulletin = make_bulletin()
    save(staff, bulletin, essay="Other words.")
    save(staff, bulletin)
    assert len(entries(staff, bulletin)) == 2


def test_what_was_written_elsewhere_is_not_laid_at_the_next_editors_door(staff: Client) -> None:
    incident = make_incident(body="Old.")
    save(staff, incident, body="New.")
    Incident.objects.update(impact=4)
    save(staff, incident, title="Packets lost")
    newest, elsewhere, *_rest = entries(staff, incident)
    assert list(told(newest)) == ["Title"]
    assert told(elsewhere) == {"Impact": ("partial impact", "critical impact")}
    assert elsewhere.who == ""


def test_adding_is_the_first_revision(staff: Client) -> None:
    add = reverse("admin:bulletin_author_add")
    staff.post(add, as_shown(staff.get(add), name="Marie Curie"))
    (entry,) = entries(staff, Author.objects.get())
    assert (entry.who, entry.comment) == ("editor", "Added.")


@pytest.mark.parametrize("model", history.VERSIONED)
def test_what_is_derived_is_not_kept(model: Any) -> None:
    kept = {field.name for field in history.fields_of(model)}
    assert not {name for name in kept if name.endswith("_html")}
    assert not kept & {
        "edited_at",
        "headings",
        "told",
        "incidents_publish_at",
        "updated_at",
        "source_digest",
    }


def test_an_addendum_is_part_of_its_incidents_history(staff: Client) -> None:
    incident = make_incident()
    addendum = Addendum.objects.create(incident=incident, body="It was a router.")
    save(staff, incident, **{"addenda-0-body": "It was two routers."})
    newest, _before = entries(staff, incident)
    assert told(newest) == {"Addendum": ("It was a router.", "It was two routers.")}
    assert Version.objects.get_for_object(addendum).count() == 2


def test_what_the_sheet_publishes_is_one_revision(staff: Client) -> None:
    draft = make_incident(publish_at=None, regions="GRU")
    publish(staff, draft)
    newest, _before = entries(staff, draft)
    assert newest.comment == "Published."
    assert list(told(newest)) == ["Published"]


def test_an_action_on_many_rows_asks_little_for_each(staff: Client) -> None:
    def queries(count: int) -> int:
        pks = [make_incident(title=f"{count} {n}").pk for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as caught:
            history.add_stored_versions(Incident.objects.filter(pk__in=pks))
        return len(caught)

    few, many = queries(2), queries(40)
    assert many <= few + 40


def test_an_import_is_one_revision_of_nobody(staff: Client) -> None:
    path = str(SAMPLES / "flat-fused.txt")
    call_command("import_bulletin", path, "--date", "2024-07-06", stdout=io.StringIO())
    (revision,) = Revision.objects.all()
    assert (revision.comment, revision.user) == ("Imported.", None)
    assert revision.version_set.count() == Incident.objects.count() + 1


def test_200_unsaved_texts_add_no_history() -> None:
    editor = make_editor()
    for number in range(200):
        Autosave.objects.update_or_create(
            user=editor, model="bulletin.bulletin", defaults={"fields": {"essay": [str(number)]}}
        )
    assert not Revision.objects.exists()
    assert not LogEntry.objects.exists()


# The page ------------------------------------------------------------------------------


def test_values_are_told_in_the_words_of_readers(staff: Client) -> None:
    incident = make_incident(zone="Europe/Paris", impact=None, regions="GRU")
    region = Region.objects.create(code="XQX", place="Nowhere")
    hours = {"started_at_1": "22:00", "ended_at_1": "", "ended_at_0": "", "length": "about 2h"}
    save(staff, incident, **hours, impact=3, regions=[region.pk])
    changes = told(entries(staff, incident)[0])
    assert changes["Start"] == ("July 2, 2024, 21:00 CEST", "July 2, 2024, 22:00 CEST")
    assert changes["Length"] == ("30m", "≈2h")
    assert changes["Impact"] == ("impact not rated", "major impact")
    assert changes["Regions"][1] == "XQX (Nowhere)"
    assert "Length is" not in changes


def test_a_related_row_that_is_gone_is_still_named(staff: Client) -> None:
    service = Service.objects.create(name="Gopher")
    save(staff, service, name="Gopherd")
    incident = make_incident(services="Gopherd")
    save(staff, incident, services=[])
    service.delete()
    changes = told(entries(staff, incident)[0])
    assert changes["Services"] == ("Gopherd (deleted since)", "")


def test_the_page_asks_the_same_of_the_database_for_twenty_revisions(staff: Client) -> None:
    article = make_article(incidents=[make_incident()])

    def queries() -> int:
        staff.get(at(article, "history"))
        with CaptureQueriesContext(connection) as caught:
            staff.get(at(article, "history"))
        return len(caught)

    save(staff, article, body="0", incidents=[make_incident(title="Other").pk])
    one = queries()
    for number in range(1, 19):
        save(staff, article, body=str(number), incidents=[make_incident(title=str(number)).pk])
    assert queries() == one


def test_older_revisions_are_on_a_second_page_each_with_its_change(staff: Client) -> None:
    notice = SiteSettings.objects.create(about="0")
    for number in range(1, 23):
        save(staff, notice, about=str(number))
    first, second = entries(staff, notice), entries(staff, notice, p=2)
    assert [len(first), len(second)] == [20, 3]
    assert told(first[-1]) == {"About this log": ("2", "3")}
    assert told(second[0]) == {"About this log": ("1", "2")}


def test_any_revision_can_be_compared_with_now(staff: Client) -> None:
    bulletin = make_bulletin(title="One")
    save(staff, bulletin, title="Two")
    save(staff, bulletin, title="Three", intro="Hello.")
    *_newer, oldest = entries(staff, bulletin)
    page = staff.get(at(bulletin, "history"), {"compare": oldest.key})
    assert by_label(page.context["changes"]) == {
        "Title": ("One", "Three"),
        "Introduction": ("", "Hello."),
    }
    for key in ("0", "x", str(10**30)):
        assert staff.get(at(bulletin, "history"), {"compare": key}).status_code in {400, 404}


# Restoring -----------------------------------------------------------------------------


def test_restoring_shows_the_form_filled_and_saves_nothing(staff: Client) -> None:
    bulletin = make_bulletin(essay="Old words.", title="Old")
    bulletin.authors.add(Author.objects.create(name="Marie Curie"))
    save(staff, bulletin, essay="New words.", title="New", authors=[])
    before = Revision.objects.count(), LogEntry.objects.count()
    response = restore(staff, bulletin, entries(staff, bulletin)[1])
    shown = as_shown(response)
    assert shown["essay"] == ["Old words."]
    assert shown["title"] == ["Old"]
    assert "Nothing is saved yet" in response.content.decode()
    assert Bulletin.objects.get().essay == "New words."
    assert (Revision.objects.count(), LogEntry.objects.count()) == before

    assert staff.post(at(bulletin, "change"), shown).status_code == 302
    newest, *older = entries(staff, bulletin)
    assert len(older) == 2
    assert newest.comment.startswith("Restored what was saved on ")
    assert Bulletin.objects.get().essay == "Old words."
    assert Bulletin.objects.get().authors.get().name == "Marie Curie"


def test_restoring_an_incident_brings_its_times_and_places_back(staff: Client) -> None:
    incident = make_incident(zone="Europe/Paris", regions="GRU", minutes=125)
    region = Region.objects.get(code="GRU")
    changed = {"started_at_1": "05:00", "ended_at_1": "", "ended_at_0": "", "length": "about 2h"}
    save(staff, incident, **changed, zone="Asia/Tokyo", regions=[], impact="3")
    response = restore(staff, incident, entries(staff, incident)[1])
    send(staff, incident, as_shown(response))
    again = Incident.objects.get()
    assert (again.started_at, again.ended_at) == (incident.started_at, incident.ended_at)
    assert (again.zone, again.precision, again.impact) == ("Europe/Paris", "exact", 2)
    assert list(again.regions.all()) == [region]


def test_restoring_decides_nothing_of_publication(staff: Client) -> None:
    bulletin = make_bulletin(status="draft", publish_at=None, essay="Draft words.")
    save(staff, bulletin, essay="Final words.")
    publish(staff, bulletin)
    published = Bulletin.objects.get()
    response = restore(staff, bulletin, entries(staff, bulletin)[-1])
    staff.post(at(bulletin, "change"), as_shown(response))
    again = Bulletin.objects.get()
    assert again.essay == "Draft words."
    assert (again.status, again.publish_at) == (published.status, published.publish_at)
    assert again.is_public(datetime.now(UTC))


def test_a_bulletins_history_has_no_addenda_of_the_incident_of_the_same_key(staff: Client) -> None:
    bulletin, incident = make_bulletin(pk=7), make_incident(pk=7, regions="GRU")
    Addendum.objects.create(incident=incident, body="Late news.", publish_at=PUBLISHED)
    save_with_rows(staff, bulletin, "One", "Two")
    assert set(told(entries(staff, bulletin)[0])) == {"Essay"}


def test_restoring_a_bulletin_leaves_its_incidents_as_they_are_and_shows_them(
    staff: Client,
) -> None:
    bulletin = make_bulletin()
    make_incident(title="First")
    gone = make_incident(title="Gone")
    save_with_rows(staff, bulletin, "One", "Two")
    gone.delete()
    make_incident(title="New")
    restored = restore(staff, bulletin, entries(staff, bulletin)[1])
    typed = form_of(restored)
    assert (typed["essay"], typed["incidents-0-body"]) == (["One"], ["Two"])
    assert staff.post(at(bulletin, "change"), typed).status_code == 302
    rows = {one.title: one.body for one in Incident.objects.all()}
    assert rows == {"First": "Two", "New": "A switch dropped packets."}


def test_what_a_field_pointed_at_and_is_gone_is_said_in_a_sentence(staff: Client) -> None:
    incident = make_incident(regions="GRU AMS")
    save(staff, incident, regions=[])
    save(staff, Region.objects.get(code="AMS"), place="Elsewhere")
    Region.objects.get(code="AMS").delete()
    response = restore(staff, incident, entries(staff, incident)[-1])
    text = "Gone since, and so left out: AMS"
    assert text in response.content.decode()
    assert as_shown(response)["regions"] == [str(Region.objects.get(code="GRU").pk)]


def test_a_restored_form_collides_with_newer_saves_only(staff: Client) -> None:
    bulletin = make_bulletin(essay="One.")
    save(staff, bulletin, essay="Two.")
    shown = as_shown(restore(staff, bulletin, entries(staff, bulletin)[1]))
    save(staff, bulletin, essay="Three.")
    response = staff.post(at(bulletin, "change"), shown)
    assert [one.saved for one in response.context["collisions"]] == ["Three."]


def test_versions_of_other_rows_are_not_restored(staff: Client) -> None:
    one, other = make_incident(), make_incident(title="Other")
    save(staff, other, body="Text.")
    key = entries(staff, other)[0].key
    assert staff.get(at(one, "change"), {"restore": key}).status_code == 404


def test_history_asks_for_view_and_restoring_for_change(client: Client, staff: Client) -> None:
    bulletin = make_bulletin()
    save(staff, bulletin, essay="Other.")
    key = entries(staff, bulletin)[1].key
    reader = User.objects.create_user("reader", password="x", is_staff=True)
    client.force_login(reader)
    assert client.get(at(bulletin, "history")).status_code == 403
    reader.user_permissions.add(Permission.objects.get(codename="view_bulletin"))
    page = client.get(at(bulletin, "history"))
    assert page.status_code == 200
    assert b"restore=" not in page.content
    assert client.get(at(bulletin, "change"), {"restore": key}).status_code == 403


# Deleted rows --------------------------------------------------------------------------


def test_a_deleted_row_is_listed_and_brought_back(staff: Client) -> None:
    incident = make_incident(
        publish_at=None, zone="Europe/Paris", regions="GRU", body="Kept words."
    )
    staff.post(at(incident, "delete"), {"post": "yes"})
    assert not Incident.objects.exists()
    page = staff.get("/admin/incidents/incident/deleted/")
    assert "Deleted by editor" in page.content.decode()
    ((version, _deletion),) = page.context["gone"]
    response = staff.get("/admin/incidents/incident/add/", {"restore": version.pk})
    shown = as_shown(response)
    assert shown["body"] == ["Kept words."]
    assert not Incident.objects.exists()
    assert staff.post("/admin/incidents/incident/add/", shown).status_code == 302
    again = Incident.objects.get()
    assert (again.started_at, again.ended_at) == (incident.started_at, incident.ended_at)
    assert again.regions.get().code == "GRU"
    assert entries(staff, again)[0].comment.startswith("Brought back what was saved on ")


def test_rows_deleted_from_the_list_are_kept_too(staff: Client) -> None:
    article = make_article(body="Kept words.", status="draft", publish_at=None)
    chosen = {"action": "delete_selected", "_selected_action": [article.pk], "post": "yes"}
    staff.post("/admin/bulletin/article/", chosen)
    assert not Article.objects.exists()
    ((version, deletion),) = staff.get("/admin/bulletin/article/deleted/").context["gone"]
    assert version.field_dict["body"] == "Kept words."
    assert deletion.user.username == "editor"
    shown = as_shown(staff.get("/admin/bulletin/article/add/", {"restore": version.pk}))
    staff.post("/admin/bulletin/article/add/", shown)
    assert Article.objects.get().status == "draft"


def test_bringing_back_asks_for_the_right_to_add(client: Client, staff: Client) -> None:
    author = Author.objects.create(name="Marie Curie")
    staff.post(at(author, "delete"), {"post": "yes"})
    key = Version.objects.get_deleted(Author).get().pk
    reader = User.objects.create_user("reader", password="x", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_author"))
    client.force_login(reader)
    assert b"restore=" not in client.get("/admin/bulletin/author/deleted/").content
    assert client.get("/admin/bulletin/author/add/", {"restore": key}).status_code == 403


def test_what_is_told_with_a_bulletin_says_so_in_its_own_history(staff: Client) -> None:
    incident = make_incident(publish_at=None, regions="GRU")
    save(staff, incident, title="Slow disks")
    bulletin = make_bulletin(status="draft", publish_at=None)
    publish(staff, bulletin)
    newest, *_older = entries(staff, incident)
    assert newest.who == "editor"
    assert [change.label for change in newest.changes] == ["Published"]
