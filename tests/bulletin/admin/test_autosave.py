from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from reversion.models import Revision

from bulletin import autosave
from bulletin.admin.dashboard import Dashboard
from bulletin.models import Autosave, Bulletin
from incidents.models import Incident, Service
from tests.factories import make_bulletin, make_editor, make_incident
from tests.pages import form_of

pytestmark = pytest.mark.django_db
SAVE, PENDING = "/admin/autosave/save/", "/admin/autosave/pending/"


@pytest.fixture
def editor() -> User:
    return make_editor()


@pytest.fixture
def staff(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


def typed(row: Any, key: uuid.UUID | None = None, **fields: Any) -> dict[str, Any]:
    page = {"_model": row._meta.label_lower, "_object": row.pk or ""}
    return {"_key": str(key or uuid.uuid4())} | page | fields


def test_what_is_typed_is_kept_beside_the_post_and_not_in_it(staff: Client) -> None:
    bulletin = make_bulletin()
    sent = typed(bulletin, essay="One.\r\nTwo.", authors=["1", "2"], csrfmiddlewaretoken="x")
    assert staff.post(SAVE, sent).json() == {"closed": False, "other_editors": []}
    row = Autosave.objects.get()
    assert row.fields == {"essay": ["One.\nTwo."], "authors": ["1", "2"]}
    bulletin.refresh_from_db()
    assert bulletin.essay == "We moved a rack."


def test_two_hundred_copies_are_one_row_and_add_nothing_to_the_history(staff: Client) -> None:
    incident, key = make_incident(), uuid.uuid4()
    edited_at = incident.edited_at
    for number in range(200):
        staff.post(SAVE, typed(incident, key, body=f"Draft {number}"))
    assert Autosave.objects.get().fields["body"] == ["Draft 199"]
    assert not Revision.objects.exists()
    assert not LogEntry.objects.exists()
    assert Incident.objects.get().edited_at == edited_at


def test_a_copy_that_comes_late_never_replaces_a_newer_one(staff: Client) -> None:
    incident, key = make_incident(), uuid.uuid4()
    staff.post(SAVE, typed(incident, key, body="Newer"))
    old = (timezone.now() - timedelta(minutes=5)).isoformat()
    staff.post(SAVE, typed(incident, key, body="Older", _typed_at=old))
    assert Autosave.objects.get().fields["body"] == ["Newer"]


def test_what_is_saved_stays_settled_whatever_arrives_afterwards(staff: Client) -> None:
    service, key = Service.objects.create(name="Volumes"), uuid.uuid4()
    url = f"/admin/incidents/service/{service.pk}/change/"
    staff.post(SAVE, typed(service, key, name="Block storage"))
    assert staff.post(url, typed(service, key, name="Block storage")).status_code == 302
    assert staff.post(SAVE, typed(service, key, name="Block")).json()["closed"] is True
    assert Autosave.objects.get().fields == {}
    answer = staff.post(
        "/admin/autosave/closed/", {"key": [str(key), str(uuid.uuid4()), "nonsense"]}
    )
    assert answer.json() == {"closed": [str(key)]}


def test_a_copy_that_crosses_the_save_keeps_nothing(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The save ends just after this copy has looked for its row."""
    incident, key = make_incident(), uuid.uuid4()
    staff.post(SAVE, typed(incident, key, body="Typed."))
    stock = Autosave.objects.get_or_create

    def late(**kwargs: Any) -> Any:
        found = stock(**kwargs)
        Autosave.objects.open().close(timezone.now())
        return found

    monkeypatch.setattr(Autosave.objects, "get_or_create", late)
    assert staff.post(SAVE, typed(incident, key, body="Typed again.")).json()["closed"] is True
    assert Autosave.objects.get().fields == {}


def test_characters_that_no_database_need_hold_are_left_out(staff: Client) -> None:
    incident = make_incident()
    assert staff.post(SAVE, typed(incident, body="One\0 and two.")).status_code == 200
    assert Autosave.objects.get().fields == {"body": ["One and two."]}
    assert staff.post(PENDING, {"_model": "\0", "_object": "\0"}).status_code == 200


def test_a_copy_of_a_row_that_cannot_be_is_offered_for_a_new_one(staff: Client) -> None:
    page = {"_key": str(uuid.uuid4()), "_model": "incidents.service", "_object": "x"}
    staff.post(SAVE, page | {"name": "Volumes"})
    assert "Volumes" in staff.get("/admin/incidents/service/add/").content.decode()


def test_a_save_that_is_refused_settles_nothing(staff: Client) -> None:
    service, key = Service.objects.create(name="Volumes"), uuid.uuid4()
    url = f"/admin/incidents/service/{service.pk}/change/"
    staff.post(SAVE, typed(service, key, name=""))
    assert staff.post(url, typed(service, key, name="")).status_code == 200
    assert Autosave.objects.open().exists()


def test_it_is_offered_on_its_page_alone_with_what_differs(staff: Client) -> None:
    bulletin, other = make_bulletin(), make_incident()
    staff.post(SAVE, typed(bulletin, essay="We moved two racks.", date="2024-07-06"))
    page = staff.get(f"/admin/bulletin/bulletin/{bulletin.pk}/change/")
    (offer,) = page.context["typing"]["pending"]
    essay = next(one for one in offer.differences if one.label == "Essay")
    assert (essay.stored, essay.typed) == ("We moved a rack.", "We moved two racks.")
    assert "Date" not in [one.label for one in offer.differences]
    page = staff.get(f"/admin/incidents/incident/{other.pk}/change/")
    assert not page.context["typing"]["pending"]


def test_a_text_that_says_what_is_stored_is_not_offered(staff: Client) -> None:
    service = Service.objects.create(name="Volumes", ours=True)
    staff.post(SAVE, typed(service, name="Volumes", ours="on"))
    page = staff.get(f"/admin/incidents/service/{service.pk}/change/")
    assert not page.context["typing"]["pending"]


def test_what_is_brought_back_is_shown_and_not_saved(staff: Client) -> None:
    incident, key = make_incident(), uuid.uuid4()
    url = f"/admin/incidents/incident/{incident.pk}/change/"
    staff.post(SAVE, typed(incident, key, body="Two switches.", title=""))
    page = staff.post(url, {"_restore_autosave": str(key)})
    assert page.status_code == 200
    assert page.context["adminform"].form["body"].value() == "Two switches."
    assert page.context["typing"]["key"] == str(key)
    assert Incident.objects.get().body == "A switch dropped packets."
    assert Autosave.objects.open().exists()


def test_a_text_whose_row_is_gone_is_offered_for_a_new_one(staff: Client) -> None:
    service = Service.objects.create(name="Volumes")
    staff.post(SAVE, typed(service, name="Block storage"))
    service.delete()
    page = staff.get("/admin/incidents/service/add/")
    (offer,) = page.context["typing"]["pending"]
    assert [one.typed for one in offer.differences if one.label == "Name"] == ["Block storage"]


def test_nobody_sees_or_settles_what_others_typed(staff: Client, editor: User) -> None:
    bulletin, key = make_bulletin(), uuid.uuid4()
    Autosave.objects.create(
        key=key, user=make_editor("colleague"), model="bulletin.bulletin", object_id=bulletin.pk,
        fields={"essay": ["Theirs."]},
    )  # fmt: skip
    url = f"/admin/bulletin/bulletin/{bulletin.pk}/change/"
    page = staff.get(url)
    assert not page.context["typing"]["pending"]
    assert page.context["typing"]["other_editors"] == ["colleague"]
    assert "Theirs." not in staff.post(url, {"_restore_autosave": str(key)}).content.decode()
    staff.post("/admin/autosave/discard/", {"key": [str(key)]})
    assert staff.post(SAVE, typed(bulletin, key, essay="Mine.")).status_code == 400
    assert Autosave.objects.open().get().fields == {"essay": ["Theirs."]}


@pytest.mark.parametrize(
    "sent",
    [
        {"_key": "nonsense"},
        {},
        {"_key": "", "_model": "bulletin.bulletin"},
    ],
)
def test_a_copy_of_no_page_is_refused(staff: Client, sent: dict[str, str]) -> None:
    assert staff.post(SAVE, sent).status_code == 400
    assert not Autosave.objects.exists()


@pytest.mark.parametrize("model", ["no.model", "nonsense", "auth.permission", ""])
def test_odd_names_of_pages_are_no_error_of_ours(staff: Client, model: str) -> None:
    staff.post(SAVE, {"_key": str(uuid.uuid4()), "_model": model, "_object": "7", "a": "b"})
    assert staff.post(PENDING, {"_model": model, "_object": "7"}).status_code == 200


def test_only_staff_keep_anything(client: Client) -> None:
    assert client.post(SAVE, {"_key": str(uuid.uuid4())}).status_code == 403
    assert not Autosave.objects.exists()


def writer_on(client: Client, url: str) -> str:
    """What the page of `url` says of whom it was made for."""
    return str(client.get(url).context["typing"]["writer"])


def test_a_save_with_a_sign_in_that_had_ended_waits_for_its_sender(
    staff: Client, editor: User
) -> None:
    incident, key = make_incident(), uuid.uuid4()
    url = f"/admin/incidents/incident/{incident.pk}/change/"
    writer = writer_on(staff, url)
    client = Client()
    page = client.post(url, typed(incident, key, body="Two switches.", _writer=writer), follow=True)
    assert page.redirect_chain == [(f"/admin/login/?next={url}", 302)]
    assert "Nothing you typed is lost" in page.content.decode()
    row = Autosave.objects.open().get()
    assert (row.user, row.fields["body"]) == (editor, ["Two switches."])
    assert "_writer" not in row.fields
    assert Incident.objects.get().body == "A switch dropped packets."


@pytest.mark.parametrize("writer", ["", "nonsense", "MQ:1abcde:forged"])
def test_nobody_stores_a_text_for_somebody_else(editor: User, writer: str) -> None:
    incident = make_incident()
    url = f"/admin/incidents/incident/{incident.pk}/change/"
    page = Client().post(url, typed(incident, uuid.uuid4(), _writer=writer), follow=True)
    assert "nothing was saved. Sign in again" in page.content.decode()
    assert not Autosave.objects.exists()


def test_who_is_no_longer_staff_stores_nothing(staff: Client, editor: User) -> None:
    incident = make_incident()
    url = f"/admin/incidents/incident/{incident.pk}/change/"
    writer = writer_on(staff, url)
    User.objects.update(is_staff=False)
    Client().post(url, typed(incident, uuid.uuid4(), _writer=writer))
    assert not Autosave.objects.exists()


def test_what_no_database_takes_is_left_out(staff: Client, editor: User) -> None:
    writer = writer_on(staff, "/admin/incidents/incident/add/")
    sent = {"_key": str(uuid.uuid4()), "_model": "incidents.incident", "_writer": writer}
    Client().post("/admin/incidents/incident/add/", sent | {"body": "a\0"})
    assert Autosave.objects.get().fields == {"body": ["a"]}


def test_what_was_settled_long_ago_is_forgotten(staff: Client, editor: User) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    Autosave.objects.create(user=editor, model="incidents.service", closed_at=old)
    lately = timezone.now() - timedelta(days=29)
    waiting = Autosave.objects.create(user=editor, model="incidents.service", typed_at=lately)
    staff.post("/admin/incidents/service/add/", {"name": "Volumes", "_key": str(uuid.uuid4())})
    assert not Autosave.objects.filter(closed_at=old).exists()
    assert Autosave.objects.open().get() == waiting


def test_a_text_to_import_is_saved_as_it_is_typed(staff: Client) -> None:
    text = "August 5: Slow disks in GRU (14:00 UTC): Reads took seconds."
    url, key = "/admin/bulletin/bulletin/import/", str(uuid.uuid4())
    fields = {"date": "2024-08-10", "text": text}
    staff.post(SAVE, {"_key": key, "_model": "import", "_object": ""} | fields)
    page = staff.get(url)
    assert [one.row.pk for one in page.context["typing"]["pending"]] == [uuid.UUID(key)]
    page = staff.post(url, {"_restore_autosave": key})
    assert page.context["form"]["text"].value() == text
    assert not Bulletin.objects.exists()
    assert staff.post(url, fields | {"_key": key, "save": "1"}).status_code == 302
    assert not Autosave.objects.open().exists()


def test_rows_of_a_bulletins_page_are_offered_to_the_scripts_too(staff: Client) -> None:
    bulletin, _incident = make_bulletin(), make_incident()
    sent = form_of(staff.get(f"/admin/bulletin/bulletin/{bulletin.pk}/change/"))
    staff.post(SAVE, sent | {"incidents-0-body": "My account."})
    page = {"_model": "bulletin.bulletin", "_object": str(bulletin.pk)}
    assert "My account" in staff.post(PENDING, page).json()["html"]


def test_what_nobody_came_back_to_is_discarded_after_30_days(staff: Client, editor: User) -> None:
    post, now = make_bulletin(status="draft", publish_at=None), timezone.now()

    def age(days: int) -> Autosave:
        page = {"model": "bulletin.bulletin", "object_id": str(post.pk), "user": editor}
        typed_at = now - timedelta(days=days)
        return Autosave.objects.create(fields={"essay": ["Mine."]}, typed_at=typed_at, **page)

    kept, warned, gone = age(22), age(24), age(31)
    lines = {line.at: line.expires_at for line in Dashboard(editor, now).autosaves}
    assert lines[kept.typed_at] is None
    assert lines[warned.typed_at] == now + timedelta(days=6)
    shown = staff.get("/admin/").content.decode()
    assert shown.count("discarded on") == 2
    autosave.expire(now)
    assert set(Autosave.objects.open()) == {kept, warned}
    gone.refresh_from_db()
    # Browsers that hold a copy are told to forget it.
    assert (gone.fields, gone.closed_at) == ({}, now)
