from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from bulletin.models import Author
from login import audit
from login.models import Entry, Kind
from tests.factories import make_article, make_incident
from tests.login.signing_in import CODE, give, password, shown

pytestmark = pytest.mark.django_db
AUDIT = "/admin/audit/"


def kinds(**question: Any) -> list[str]:
    """Oldest first."""
    return [row[1] for row in audit.entries(timezone.now(), **question)][::-1]


def test_what_happens_at_the_door_is_written_down(client: Client, editor: User) -> None:
    device = give(editor, "abcdefgh")
    password(client, word="wrong", REMOTE_ADDR="198.51.100.7")
    password(client)
    client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": "abcdefgh"})
    client.post("/admin/logout/")
    assert kinds() == ["failure", "password", "factor_failed", "code_used", "logout"]
    assert set(Entry.objects.values_list("username", flat=True)) == {"editor"}
    assert Entry.objects.earliest("at").address == "198.51.100.7"
    device.throttle_reset()
    password(client)
    client.post(CODE, {"code": shown(device.bin_key)})
    assert kinds()[-2:] == ["password", "factor_used"]


def test_a_lock_out_is_written_once_whatever_is_tried_after_it(
    client: Client, editor: User
) -> None:
    for _ in range(9):
        password(client, word="wrong")
    assert kinds() == ["failure"] * 5 + ["locked_out"]


def test_a_name_that_no_account_has_is_not_kept(client: Client) -> None:
    password(client, name="my secret password", word="")
    password(client, name="my secret password", word="x")
    assert Entry.objects.get().username == ""


def on_the_sheet(client: Client, deed: str, pk: int) -> None:
    address = f"/admin/{deed}/?pk={pk}"
    listed = client.get(address).context["sheet"].listed
    client.post(address, {"when": "now", "listed": listed})


def test_publications_are_among_the_logins(client: Client, editor: User) -> None:
    password(client)
    article = make_article(status="draft", publish_at=None)
    incident = make_incident(publish_at=None)
    for deed in ("bulletin/article/publish", "bulletin/article/unpublish"):
        on_the_sheet(client, deed, article.pk)
    on_the_sheet(client, "incidents/incident/publish", incident.pk)
    client.post(f"/admin/bulletin/article/{article.pk}/delete/", {"post": "yes"})
    assert kinds() == ["login", "published", "unpublished", "incident_published", "deleted"]
    assert kinds(kind="published") == ["published"]
    assert kinds(username="nobody") == []
    page = client.get(AUDIT).content.decode()
    assert "published: The switch that dropped packets" in page
    assert "deleted: The switch that dropped packets" in page


def test_what_readers_see_nothing_of_is_no_publication(staff: Client) -> None:
    staff.post("/admin/bulletin/author/add/", {"name": "Ada"})
    staff.post(f"/admin/bulletin/author/{Author.objects.get().pk}/delete/", {"post": "yes"})
    assert not Author.objects.exists()
    assert kinds() == ["login"]


def test_the_page_filters_and_turns(staff: Client, editor: User) -> None:
    at = timezone.now()
    for number in range(60):
        audit.record(Kind.FAILURE, "editor", at - timedelta(seconds=number))
    page = staff.get(AUDIT, {"kind": "failure", "user": "editor"})
    assert len(page.context["entries"]) == 50
    assert "?kind=failure&amp;user=editor&amp;page=2" in page.content.decode()
    moments = [entry["moment"] for entry in page.context["entries"]]
    assert moments == sorted(moments, reverse=True)
    second = staff.get(AUDIT, {"kind": "failure", "user": "editor", "page": "2"})
    assert len(second.context["entries"]) == 10
    assert not staff.get(AUDIT, {"kind": "nonsense"}).context["entries"]


def test_the_log_is_for_superusers_and_takes_no_changes(client: Client, editor: User) -> None:
    client.force_login(User.objects.create_user("writer", is_staff=True))
    assert client.get(AUDIT).status_code == 403
    assert "Audit log" not in client.get("/admin/").content.decode()
    client.force_login(editor)
    assert "Audit log" in client.get("/admin/").content.decode()
    assert client.post(AUDIT, {"delete": "1"}).status_code == 405
    assert client.get("/admin/login/entry/").status_code == 404


def test_entries_go_when_their_time_is_over(editor: User, settings: Any) -> None:
    at = timezone.now()
    audit.record(Kind.LOGIN, "editor", at - timedelta(days=399))
    assert audit.entries(at + timedelta(days=2)).count() == 0
    audit.record(Kind.LOGIN, "editor", at)
    assert Entry.objects.count() == 2
    settings.AUDIT_DAYS = 30
    audit.record(Kind.LOGOUT, "editor", at)
    assert kinds() == ["login", "logout"]


def test_an_entry_outlives_its_account(editor: User) -> None:
    audit.record(Kind.LOGIN, "editor", timezone.now())
    editor.delete()
    assert Entry.objects.get().username == "editor"
