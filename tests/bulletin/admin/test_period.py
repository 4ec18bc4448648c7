"""A bulletin's page edits the incidents of its period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bulletin import publishing
from bulletin.admin import period_rows
from bulletin.admin.posts import BulletinAdmin
from bulletin.models import Bulletin, Status
from incidents.models import Incident
from tests.factories import make_bulletin, make_editor, make_incident
from tests.pages import form_of

pytestmark = pytest.mark.django_db
NEW = {
    "incidents-TOTAL_FORMS": "2",
    "incidents-1-title": "Slow disks",
    "incidents-1-started_at_0": "2024-07-03",
    "incidents-1-started_at_1": "10:00",
    "incidents-1-zone": "UTC",
    "incidents-1-length": "about 2h",
    "incidents-1-precision": "unknown",
    "incidents-1-kind": "incident",
    "incidents-1-impact": "1",
}


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_editor())
    return client


@pytest.fixture
def draft() -> Bulletin:
    return make_bulletin(status=Status.DRAFT, publish_at=None)


def writer(*more: str) -> Client:
    user = User.objects.create_user("writer", is_staff=True)
    codenames = ["view_bulletin", "change_bulletin", "view_incident", *more]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


def change(bulletin: Bulletin) -> str:
    return reverse("admin:bulletin_bulletin_change", args=[bulletin.pk])


def page(staff: Client, bulletin: Bulletin) -> str:
    return staff.get(change(bulletin)).content.decode()


def save(staff: Client, bulletin: Bulletin, **typed: Any) -> Any:
    return staff.post(change(bulletin), form_of(staff.get(change(bulletin))) | typed)


def test_the_rows_are_those_of_the_period_in_time_order(staff: Client, draft: Bulletin) -> None:
    make_incident(title="Later", started_at=datetime(2024, 7, 5, tzinfo=UTC))
    make_incident(title="Outside", started_at=datetime(2024, 7, 9, tzinfo=UTC))
    make_incident(title="Earlier")
    typed = form_of(staff.get(change(draft)))
    assert typed["incidents-TOTAL_FORMS"] == ["2"]
    assert [typed[f"incidents-{n}-title"] for n in (0, 1)] == [["Earlier"], ["Later"]]


def test_a_row_says_its_facts_its_gaps_and_what_is_to_be_confirmed(
    staff: Client, draft: Bulletin
) -> None:
    make_incident(impact=None, minutes=None, publish_at=None, proposed=["services"])
    html = page(staff, draft)
    for words in (
        "Tue 2, 15:00",
        "private",
        "no impact",
        "no length",
        "no region",
        "suggestions to confirm",
    ):
        assert words in html
    Incident.objects.all().delete()
    make_incident(regions="GRU")
    html = page(staff, draft)
    assert "30m · partial · published" in " ".join(html.split())
    assert "period-gap" not in html


def test_what_the_bulletin_told_says_so(staff: Client) -> None:
    make_incident(publish_at=None)
    assert "published with the bulletin" in page(staff, make_bulletin())


def test_a_save_changes_what_was_typed_in_and_nothing_else(staff: Client, draft: Bulletin) -> None:
    first, second = make_incident(regions="GRU", services="DNS"), make_incident(title="Other")
    edited = second.edited_at
    assert save(staff, draft, **{"incidents-0-length": "4h"}).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.length_text, first.impact, first.scope) == ("4h", 2, "")
    assert [one.code for one in first.regions.all()] == ["GRU"]
    assert second.edited_at == edited


def test_a_row_saved_from_an_older_page_leaves_what_others_typed_in_the_text(
    staff: Client, draft: Bulletin
) -> None:
    make_incident()
    older = form_of(staff.get(change(draft)))
    draft.essay, draft.status = "Theirs.", Status.PUBLISHED
    publishing.sync_publication(draft, timezone.now())
    assert staff.post(change(draft), older | {"incidents-0-title": ["Mine"]}).status_code == 302
    stored = Bulletin.objects.get()
    assert (stored.essay, stored.status) == ("Theirs.", Status.PUBLISHED)
    assert stored.publish_at == draft.publish_at
    assert Incident.objects.get().title == "Mine"


def test_a_row_is_added_and_told_with_the_bulletin(staff: Client, draft: Bulletin) -> None:
    make_incident()
    save(staff, draft, **NEW, status="published")
    added = Incident.objects.get(title="Slow disks")
    assert (added.length_text, added.impact) == ("≈2h", 1)
    assert added.publish_at == Bulletin.objects.get().publish_at


def test_a_row_that_was_added_and_left_empty_is_none(staff: Client, draft: Bulletin) -> None:
    make_incident()
    left = {"incidents-1-zone": "America/New_York", "incidents-1-precision": "unknown"}
    left |= {"incidents-1-kind": "incident", "incidents-TOTAL_FORMS": "2"}
    assert save(staff, draft, **left).status_code == 302
    assert Incident.objects.count() == 1


def test_a_row_outside_the_period_is_asked_about(staff: Client, draft: Bulletin) -> None:
    make_incident()
    save(staff, draft, **NEW | {"incidents-1-started_at_0": "2024-08-03"})
    assert "another week, or a typo?" in page(staff, draft)
    assert Incident.objects.filter(title="Slow disks").exists()


def test_a_stray_is_warned_of_once_where_publishing_is_refused(
    staff: Client, draft: Bulletin
) -> None:
    make_incident(impact=None)
    stray = {"incidents-0-started_at_0": "2024-08-02", "incidents-0-ended_at_0": "2024-08-02"}
    make_incident(title="Unrated", impact=None)
    typed = form_of(staff.get(change(draft))) | stray | {"_publish_now": "1"}
    html = staff.post(change(draft), typed, follow=True).content.decode()
    assert html.count("another week, or a typo?") == 1


def test_a_row_that_leaves_a_scheduled_week_is_let_go(staff: Client) -> None:
    incident = make_incident(publish_at=None, minutes=None)
    bulletin = make_bulletin(publish_at=timezone.now() + timedelta(days=2))
    incident.refresh_from_db()
    assert incident.publish_at == bulletin.publish_at
    save(staff, bulletin, **{"incidents-0-started_at_0": "2024-08-03"})
    incident.refresh_from_db()
    assert incident.publish_at is None


def test_a_mistake_in_a_row_keeps_all_that_was_typed_and_opens_it(
    staff: Client, draft: Bulletin
) -> None:
    make_incident()
    response = save(staff, draft, **{"incidents-0-length": "soonish", "essay": "Half a day."})
    html = response.content.decode()
    assert "Half a day." in html
    assert 'value="soonish"' in html
    assert 'id="incidents-0" open' in html
    assert Bulletin.objects.get().essay == "We moved a rack."


def test_text_that_is_brought_back_shows_the_rows_as_they_were_typed(
    staff: Client, draft: Bulletin
) -> None:
    make_incident()
    html = save(staff, draft, **{"incidents-0-length": "4h", "_show_only": "1"}).content.decode()
    assert 'value="4h"' in html
    assert 'id="incidents-0" open' in html
    assert html.count("Nothing of it is saved yet") == 1
    assert "Please correct" not in html
    assert Incident.objects.get().length_text == "30m"


def test_a_row_that_somebody_else_saved_meanwhile_is_not_saved_over(
    staff: Client, draft: Bulletin
) -> None:
    make_incident()
    typed = form_of(staff.get(change(draft)))
    Incident.objects.update(impact=4)
    response = staff.post(change(draft), typed | {"incidents-0-impact": "1"})
    assert "Somebody saved this while you were typing" in response.content.decode()
    assert Incident.objects.get().impact == 4
    staff.post(change(draft), typed | {"essay": "Theirs stays."})
    assert Incident.objects.get().impact == 4
    assert Bulletin.objects.get().essay == "Theirs stays."


def test_a_row_that_was_moved_to_another_week_meanwhile_is_still_itself(
    staff: Client, draft: Bulletin
) -> None:
    make_incident()
    typed = form_of(staff.get(change(draft)))
    Incident.objects.update(
        started_at=datetime(2024, 8, 2, 19, tzinfo=UTC), ended_at=None, precision="unknown"
    )
    assert staff.post(change(draft), typed | {"essay": "Saved."}).status_code == 302
    assert Incident.objects.get().local_date.month == 8


def test_a_row_that_was_deleted_meanwhile_is_kept_where_it_was_typed_in(
    staff: Client, draft: Bulletin
) -> None:
    make_incident(publish_at=None)
    typed = form_of(staff.get(change(draft)))
    Incident.objects.all().delete()
    assert staff.post(change(draft), typed | {"essay": "Saved."}).status_code == 302
    assert not Incident.objects.exists()
    staff.post(change(draft), typed | {"incidents-0-body": "A long text."})
    assert Incident.objects.get().body == "A long text."


def test_a_form_without_the_rows_leaves_them_alone(staff: Client, draft: Bulletin) -> None:
    make_incident()
    typed = form_of(staff.get(change(draft)))
    typed = {name: value for name, value in typed.items() if not name.startswith("incidents-")}
    assert staff.post(change(draft), typed | {"essay": "Saved."}).status_code == 302
    assert Bulletin.objects.get().essay == "Saved."
    assert Incident.objects.get().impact == 2


# Proposals ----------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [{"incidents-0-confirmed": "on"}, {"incidents-0-impact": "3"}])
def test_a_tick_or_a_change_confirms_what_was_proposed(
    staff: Client, draft: Bulletin, typed: dict[str, str]
) -> None:
    incident = make_incident(publish_at=None, proposed=["impact"])
    save(staff, draft, essay="Saved.")
    incident.refresh_from_db()
    assert incident.proposed == ["impact"]
    save(staff, draft, **typed)
    incident.refresh_from_db()
    assert incident.proposed == []


def test_nothing_is_to_be_ticked_where_nothing_was_proposed(staff: Client, draft: Bulletin) -> None:
    make_incident()
    assert "incidents-0-confirmed" not in page(staff, draft)


# Rights -------------------------------------------------------------------------------


def test_what_was_told_is_changed_only_by_who_may_tell(draft: Bulletin) -> None:
    told, private = make_incident(), make_incident(title="Private", publish_at=None)
    client = writer("change_incident")
    typed = form_of(client.get(change(draft)))
    assert "incidents-0-title" not in typed
    more = {"incidents-0-title": "Hacked", "incidents-0-started_at_0": "2024-01-01"}
    client.post(change(draft), typed | more | {"incidents-1-title": "Mended"})
    told.refresh_from_db()
    private.refresh_from_db()
    assert (told.title, told.local_date.month, private.title) == ("Packet loss", 7, "Mended")


def test_a_row_that_was_told_meanwhile_is_refused_once_and_never_passed_over(
    draft: Bulletin,
) -> None:
    incident, client = make_incident(publish_at=None), writer("change_incident")
    typed = form_of(client.get(change(draft)))
    typed |= {"essay": "Mine.", "incidents-0-body": "My account."}
    Incident.objects.update(publish_at=timezone.now())
    refused = client.post(change(draft), typed)
    html = refused.content.decode()
    assert "An editor published it meanwhile" in html
    assert "My account." in html
    assert client.post(change(draft), form_of(refused)).status_code == 302
    draft.refresh_from_db()
    incident.refresh_from_db()
    assert (draft.essay, incident.body) == ("Mine.", "A switch dropped packets.")


def test_a_row_that_is_told_during_a_writers_save_stays_as_told(
    draft: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident, client = make_incident(publish_at=None), writer("change_incident")
    typed = form_of(client.get(change(draft))) | {"incidents-0-body": "My account."}
    save = BulletinAdmin.save_formset

    def late(*args: Any, **kwargs: Any) -> None:
        Incident.objects.update(publish_at=timezone.now())
        save(*args, **kwargs)

    monkeypatch.setattr(BulletinAdmin, "save_formset", late)
    assert client.post(change(draft), typed).status_code == 403
    incident.refresh_from_db()
    assert incident.body == "A switch dropped packets."


def test_who_may_only_look_changes_and_adds_nothing(draft: Bulletin) -> None:
    make_incident(publish_at=None)
    client = writer()
    typed = form_of(client.get(change(draft)))
    assert "incidents-1-title" not in typed
    response = client.post(change(draft), typed | NEW | {"incidents-0-title": "Hacked"})
    assert response.status_code == 302
    assert [one.title for one in Incident.objects.all()] == ["Packet loss"]


def test_who_may_change_the_bulletin_alone_sees_no_rows(draft: Bulletin) -> None:
    make_incident(publish_at=None)
    user = User.objects.create_user("author", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="change_bulletin"))
    client = Client()
    client.force_login(user)
    assert "incidents-0" not in page(client, draft)
    client.post(change(draft), form_of(client.get(change(draft))) | NEW)
    assert Incident.objects.count() == 1


# Many ---------------------------------------------------------------------------------


def test_of_very_many_the_first_are_rows_and_the_others_are_linked(
    staff: Client, draft: Bulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(period_rows, "EDITABLE", 2)
    rows = [make_incident(title=f"Number {n}") for n in range(4)]
    html = page(staff, draft)
    assert form_of(staff.get(change(draft)))["incidents-TOTAL_FORMS"] == ["2"]
    for row in rows[2:]:
        assert f'<a href="/admin/incidents/incident/{row.pk}/change/">{row}' in html
    assert save(staff, draft, **{"incidents-1-title": "Mended"}).status_code == 302
    assert Incident.objects.filter(title="Mended").count() == 1


def test_a_row_costs_no_more_queries_than_its_two_lists(staff: Client, draft: Bulletin) -> None:
    counts = []
    for _more in range(2):
        for number in range(5):
            make_incident(title=f"Number {number}", regions="GRU", services="DNS")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(staff, draft)
        counts.append(len(queries))
    assert counts[1] - counts[0] <= 5 * 2


def test_a_new_bulletin_says_when_its_rows_will_come(staff: Client) -> None:
    html = staff.get("/admin/bulletin/bulletin/add/").content.decode()
    assert "Save the bulletin to see the incidents of its period here." in html
    assert "incidents-TOTAL_FORMS" not in html


def test_a_save_of_a_draft_with_four_incidents_takes_at_most_40_queries(
    staff: Client, draft: Bulletin
) -> None:
    for number in range(4):
        make_incident(title=f"Incident {number}", publish_at=None)
    # The first save also stores what was before it.
    staff.post(change(draft), form_of(staff.get(change(draft))) | {"essay": ["An essay."]})
    data = form_of(staff.get(change(draft))) | {"essay": ["A new essay."]}
    with CaptureQueriesContext(connection) as queries:
        assert staff.post(change(draft), data).status_code == 302
    asked = [one for one in queries.captured_queries if "SAVEPOINT" not in one["sql"]]
    assert len(asked) <= 40, "\n".join(one["sql"] for one in asked)
