"""The sheet that publishes, schedules and unpublishes, and saves, which do none of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from reversion.models import Version

from bulletin import publishing
from bulletin.models import Article, Bulletin, Status
from incidents.models import Addendum, Incident, Region
from tests.factories import make_article, make_bulletin, make_editor, make_incident
from tests.pages import form_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BODY = "A switch dropped packets for a while, and nobody knew which of the two it was until noon."


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_editor())
    return client


@pytest.fixture
def writer() -> Client:
    client = Client()
    account = User.objects.create_user("writer", is_staff=True)
    models = ("bulletin", "article", "incident", "addendum")
    rights = [f"{action}_{model}" for action in ("view", "add", "change") for model in models]
    account.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(account)
    return client


def page(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def sheet(row: Any, deed: str = "publish") -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{deed}"
    return f"{reverse(name)}?pk={row.pk}"


def listed(client: Client, address: str) -> dict[str, str]:
    """What a browser sends of the sheet."""
    shown: str = client.get(address).context["sheet"].listed
    return {"when": "now", "listed": shown}


def publish(client: Client, row: Any, **changes: str) -> Any:
    return client.post(sheet(row), listed(client, sheet(row)) | changes)


def unpublish(client: Client, row: Any) -> Any:
    address = sheet(row, "unpublish")
    return client.post(address, listed(client, address))


def at(moment: datetime) -> dict[str, str]:
    there = timezone.localtime(moment)
    return {
        "when": "later",
        "publish_at_0": f"{there:%Y-%m-%d}",
        "publish_at_1": f"{there:%H:%M:%S}",
    }


def said(response: Any) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


def draft(**overrides: Any) -> Bulletin:
    return make_bulletin(**{"status": Status.DRAFT, "publish_at": None} | overrides)


def scheduled(**overrides: Any) -> Bulletin:
    return make_bulletin(**{"publish_at": timezone.now().replace(microsecond=0) + DAY} | overrides)


def whole(**overrides: Any) -> Incident:
    return make_incident(**{"publish_at": None, "regions": "GRU", "body": BODY} | overrides)


def draft_article() -> Article:
    article = make_article(status=Status.DRAFT, publish_at=None)
    article.incidents.set([whole()])
    return article


def stored(row: Any) -> tuple[str, datetime | None]:
    row.refresh_from_db()
    return getattr(row, "status", ""), row.publish_at


def save(client: Client, row: Any, **typed: Any) -> Any:
    return client.post(page(row), form_of(client.get(page(row))) | typed)


# Now ----------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [draft, scheduled, draft_article, whole])
def test_now_makes_the_row_public_and_its_incidents_with_it(staff: Client, make: Any) -> None:
    row, incident = make(), whole(title="Another")
    response = publish(staff, row)
    assert response["Location"] == page(row)
    assert "Readers see it at once" in said(response)
    assert Client().get(row.get_absolute_url()).status_code == 200
    incident.refresh_from_db()
    assert incident.is_public(timezone.now()) == isinstance(row, Bulletin)


def test_looking_at_the_sheet_changes_nothing(staff: Client) -> None:
    post = draft()
    whole()
    html = staff.get(sheet(post)).content.decode()
    assert "Incidents that become public" in html
    assert "Packet loss" in html
    assert stored(post) == (Status.DRAFT, None)


def test_the_button_of_the_page_saves_and_leads_to_the_sheet(staff: Client) -> None:
    post = draft()
    response = save(staff, post, essay="Typed just now.", _publish="1")
    assert response["Location"] == sheet(post)
    post.refresh_from_db()
    assert (post.essay, post.status) == ("Typed just now.", Status.DRAFT)


def test_several_incidents_are_published_on_one_sheet(staff: Client) -> None:
    rows = [whole(title=title) for title in "ABC"]
    act = {"action": "publish_rows", "_selected_action": [row.pk for row in rows]}
    address = staff.post("/admin/incidents/incident/", act)["Location"]
    response = staff.post(address, listed(staff, address))
    assert response["Location"] == "/admin/incidents/incident/"
    assert all(Incident.objects.get(pk=row.pk).is_public(timezone.now()) for row in rows)


# Later --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [draft, scheduled, draft_article, whole])
def test_a_time_to_come_schedules(staff: Client, make: Any) -> None:
    row, until = make(), timezone.now().replace(microsecond=0) + 3 * DAY
    response = publish(staff, row, **at(until))
    assert stored(row)[1] == until
    assert "Readers see it from " in said(response)
    assert Client().get(row.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({}, "Enter the date and time to publish at."),
        ({"publish_at_0": "2024-07-07", "publish_at_1": "12:00"}, "This time is past"),
        ({"publish_at_0": "2099-07-07"}, "valid time"),
        ({"publish_at_0": "2099-03-08", "publish_at_1": "02:30"}, "interpreted in time zone"),
        ({"publish_at_0": "9999-12-31", "publish_at_1": "23:59"}, "less than"),
    ],
)
def test_a_schedule_needs_a_time_to_come(
    staff: Client, typed: dict[str, str], message: str
) -> None:
    post = draft()
    response = publish(staff, post, **{"when": "later"} | typed)
    assert message in str(response.context["form"].errors["publish_at"])
    assert stored(post) == (Status.DRAFT, None)


def test_a_sheet_of_what_is_scheduled_offers_its_time(staff: Client) -> None:
    post = scheduled()
    form = staff.get(sheet(post)).context["form"]
    assert (form["when"].value(), form["publish_at"].value()) == ("later", post.publish_at)
    publish(staff, post)
    assert post.publish_at
    assert stored(post)[1] != post.publish_at or post.is_public(timezone.now())


# What speaks against it ----------------------------------------------------------------


def test_an_error_leaves_no_button_and_publishes_nothing(staff: Client) -> None:
    incident, post = whole(impact=None), draft()
    html = staff.get(sheet(post)).content.decode()
    assert "Its impact is not rated." in html
    assert f"{page(post)}#incident-{incident.pk}-impact" in html
    assert "Correct the errors first." in html
    assert publish(staff, post).status_code == 200
    assert publish(staff, incident).status_code == 200
    assert stored(post) == (Status.DRAFT, None)
    assert stored(incident)[1] is None


def test_a_warning_changes_the_name_of_the_button(staff: Client) -> None:
    whole(regions="")
    post = draft()
    html = staff.get(sheet(post)).content.decode()
    assert "It names no region." in html
    assert "Publish anyway" in html
    publish(staff, post)
    assert stored(post)[0] == Status.PUBLISHED


def test_an_overlap_is_said_and_nothing_is_published(staff: Client) -> None:
    make_bulletin()
    other = draft(date=date(2024, 7, 13))
    response = publish(staff, other)
    assert "covers some of these days already" in response.content.decode()
    assert stored(other) == (Status.DRAFT, None)


# What changed meanwhile -----------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda: Bulletin.objects.update(essay="Another’s."),
        lambda: Incident.objects.update(body="Another’s."),
        lambda: whole(title="Added"),
        lambda: Incident.objects.get().regions.clear(),
    ],
    ids=["the text", "a write-up", "an incident", "a warning"],
)
def test_what_changed_since_the_sheet_was_opened_is_shown_again(staff: Client, change: Any) -> None:
    post, _incident = draft(), whole()
    old = listed(staff, sheet(post))
    change()
    response = staff.post(sheet(post), old)
    assert "Something changed since you opened this page" in response.content.decode()
    assert stored(post) == (Status.DRAFT, None)
    assert not Incident.objects.published(timezone.now()).exists()
    publish(staff, post)
    assert stored(post)[0] == Status.PUBLISHED


def test_a_sheet_without_versions_publishes_nothing(staff: Client) -> None:
    post = draft()
    assert staff.post(sheet(post), {"when": "now"}).status_code == 200
    assert stored(post) == (Status.DRAFT, None)


def everything() -> list[list[dict[str, Any]]]:
    """All rows that a request can write."""
    kinds = (Bulletin, Article, Incident, Version, LogEntry)
    return [list(kind._base_manager.order_by("pk").values()) for kind in kinds]


@pytest.mark.parametrize("make", [draft, draft_article, whole])
def test_the_second_of_two_who_publish_changes_nothing(staff: Client, make: Any) -> None:
    row = make()
    both = listed(staff, sheet(row))
    staff.post(sheet(row), both)
    before = everything()
    response = staff.post(sheet(row), both)
    assert response["Location"] == page(row)
    assert "published already" in said(response)
    assert everything() == before


# Unpublishing ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (scheduled, "It is not published on its date."),
        (make_bulletin, "Its address gives 404"),
        (make_incident, "Its address gives 404"),
    ],
)
def test_unpublishing_says_its_consequences_before_and_after(
    staff: Client, make: Any, sentence: str
) -> None:
    own = whole(title="Own")
    row = make()
    assert sentence in staff.get(sheet(row, "unpublish")).content.decode()
    response = unpublish(staff, row)
    assert sentence in said(response)
    assert stored(row)[1] is None
    own.refresh_from_db()
    assert own.publish_at is None


def test_unpublishing_a_draft_is_no_deed(staff: Client) -> None:
    post = draft()
    response = staff.post(sheet(post, "unpublish"), {"listed": ""})
    assert "not published" in said(response)


@pytest.mark.parametrize("make", [draft, draft_article])
@pytest.mark.parametrize("ahead", [timedelta(0), DAY], ids=["public", "scheduled"])
@pytest.mark.parametrize("button", ["_save", "_continue", "_addanother"])
def test_no_save_of_a_page_opened_on_the_draft_takes_it_back_or_moves_it(
    staff: Client, make: Any, ahead: timedelta, button: str
) -> None:
    row = make()
    old = form_of(staff.get(page(row)))
    publish(staff, row, **(at(timezone.now() + ahead) if ahead else {}))
    before = stored(row)
    assert before[0] == Status.PUBLISHED
    forged = {"status": "draft", "publish_at_0": "", "publish_at_1": "", "publish_at": ""}
    for sent in (old, old | forged, old | {"version": ""}):
        assert staff.post(page(row), sent | {button: "1", "title": "T"}).status_code == 302
        assert stored(row) == before


# Who may --------------------------------------------------------------------------------


def test_who_may_not_publish_has_no_button_and_no_sheet(writer: Client) -> None:
    for row in (draft(), whole()):
        assert 'name="_publish"' not in writer.get(page(row)).content.decode()
        for deed in ("publish", "unpublish"):
            assert writer.get(sheet(row, deed)).status_code == 403
            assert writer.post(sheet(row, deed), {"when": "now"}).status_code == 403
        act = {"action": "publish_rows", "_selected_action": [row.pk]}
        writer.post(page(row).rsplit("/", 3)[0] + "/", act)
        assert stored(row)[1] is None


def test_a_sheet_of_no_row_is_not_found(staff: Client) -> None:
    for query in ("", "?pk=", "?pk=x", "?pk=999", "?pk=" + "9" * 30):
        assert staff.get(f"/admin/bulletin/bulletin/publish/{query}").status_code == 404


# What is published ------------------------------------------------------------------------


def test_the_button_of_a_public_page_is_update(staff: Client) -> None:
    html = staff.get(page(make_bulletin())).content.decode()
    assert 'value="Update"' in html
    assert "Readers see what you save at once." in html
    assert 'name="_publish"' not in html


def test_an_edit_asks_about_what_it_brings_and_nothing_else(staff: Client) -> None:
    incident = make_incident(regions="")
    post = make_bulletin()
    assert save(staff, post, title="Another").status_code == 302
    response = save(staff, post, essay="First.\n\n[a](/2023-01-01/)")
    (finding,) = response.context["findings"]
    assert "/2023-01-01/" in finding.sentence
    assert stored(post)
    assert post.essay == "We moved a rack."
    again = form_of(response) | {"_accepted": response.context["acceptable"], "_show_only": ""}
    assert staff.post(page(post), again).status_code == 302
    post.refresh_from_db()
    assert post.essay == "First.\n\n[a](/2023-01-01/)"
    assert save(staff, post, essay="Moved down.\n\n" + post.essay).status_code == 302
    assert save(staff, incident, title="Packets lost").status_code == 302


def test_messages_of_a_save_that_is_refused_come_once_it_is_done(staff: Client) -> None:
    post = make_bulletin()
    sentence = "Its period is not whole weeks."
    days = {"period_first": "2024-07-01", "essay": "First.\n\n[a](/2023-01-01/)"}
    response = save(staff, post, **days)
    assert response.context["acceptable"]
    assert sentence not in response.content.decode()
    again = form_of(response) | {"_accepted": response.context["acceptable"], "_show_only": ""}
    shown = staff.post(page(post), again, follow=True).content.decode()
    assert shown.count(sentence) == 1


@pytest.mark.parametrize("make", [make_bulletin, scheduled])
def test_an_edit_that_brings_an_error_is_not_saved_and_nothing_typed_is_lost(
    staff: Client, make: Any
) -> None:
    post = make()
    response = save(staff, post, essay="![](/a.png) Typed.")
    html = response.content.decode()
    assert "Nothing is saved yet" in html
    assert "has no alternative text" in html
    assert "Update anyway" not in html
    assert "![](/a.png) Typed." in html
    assert stored(post)
    assert post.essay == "We moved a rack."


def test_subscribers_are_notified_of_an_edit_when_an_editor_says_so(staff: Client) -> None:
    post = make_bulletin()
    save(staff, post, essay="Quiet.")
    assert stored(post)
    assert not post.updated_at or timezone.now() - post.updated_at > DAY
    save(staff, post, notify_subscribers="on")
    post.refresh_from_db()
    assert post.updated_at
    assert timezone.now() - post.updated_at < timedelta(minutes=1)


def test_a_scheduled_bulletin_takes_in_what_its_new_period_holds(staff: Client) -> None:
    post = scheduled()
    later = whole(started_at=datetime(2024, 7, 9, 12, tzinfo=UTC))
    publishing.sync_publication(post, timezone.now())
    save(staff, post, period_last="2024-07-13")
    assert stored(later)[1] == post.publish_at


def test_what_is_published_is_not_deleted(staff: Client) -> None:
    for row in (make_bulletin(), make_article(), make_incident()):
        url = page(row).replace("change", "delete")
        assert staff.post(url, {"post": "yes"}).status_code == 403
        unpublish(staff, row)
        assert staff.post(url, {"post": "yes"}).status_code == 302


def test_a_deletion_names_rows_and_no_links_between_them(staff: Client) -> None:
    incident = make_incident(publish_at=None, regions="GRU")
    text = staff.get(page(incident).replace("change", "delete")).content.decode()
    assert "Packet loss" in text
    assert "relationship" not in text


def test_a_list_says_what_is_unpublished_first_before_it_is_deleted(staff: Client) -> None:
    public, private = make_incident(title="Sea cable cut"), make_incident(publish_at=None)
    chosen = {"action": "delete_selected", "_selected_action": [public.pk, private.pk]}
    answer = staff.post("/admin/incidents/incident/", chosen | {"post": "yes"}, follow=True)
    assert "Unpublish first: 2024-07-02 Sea cable cut." in answer.content.decode()
    assert Incident.objects.count() == 2
    chosen["_selected_action"] = [private.pk]
    staff.post("/admin/incidents/incident/", chosen | {"post": "yes"})
    assert list(Incident.objects.all()) == [public]


# Incidents and articles --------------------------------------------------------------------


def test_an_addendum_says_who_will_see_it(staff: Client) -> None:
    incident = make_incident()
    addendum = {"addenda-TOTAL_FORMS": "1", "addenda-0-body": "Two switches."}
    response = save(staff, incident, **addendum)
    assert Addendum.objects.get().incident == incident
    assert "Readers see the addendum at once" in said(response)


def test_who_may_not_publish_adds_no_addendum_of_what_is_public(writer: Client) -> None:
    incident = make_incident()
    assert "addenda-__prefix__-body" not in writer.get(page(incident)).content.decode()
    addendum = {"addenda-TOTAL_FORMS": "1", "addenda-0-body": "Sneaked in."}
    assert writer.post(page(incident), addendum).status_code == 403
    assert not Addendum.objects.exists()


def test_an_article_has_its_incident_made_once(staff: Client) -> None:
    start = {"incident_started_at_0": "2024-07-02", "incident_started_at_1": "15:00"}
    typed = {"title": "The switch", "_publish": "1"}
    response = staff.post("/admin/bulletin/article/add/", typed | start)
    article = Article.objects.get()
    assert article.incidents.count() == Incident.objects.count() == 1
    assert said(response).count("Made the incident") == 1
    assert response["Location"] == sheet(article)


@pytest.mark.parametrize("place", ["body", "title", "impact"])
def test_suggestions_are_confirmed_by_a_tick_or_by_an_edit_of_the_field(
    staff: Client, place: str
) -> None:
    Region.objects.get_or_create(code="AMS", defaults={"place": "Amsterdam"})
    incident = whole(proposed=["impact", "ended_at"])
    save(staff, incident)
    save(staff, incident, **{place: "3"})
    incident.refresh_from_db()
    left = ["ended_at"] if place == "impact" else ["impact", "ended_at"]
    assert incident.proposed == left
    save(staff, incident, confirmed="on")
    incident.refresh_from_db()
    assert incident.proposed == []


# The log ----------------------------------------------------------------------------------


def logged() -> list[str]:
    return [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]


def test_what_is_done_on_the_sheet_is_logged_once(staff: Client) -> None:
    article = make_article(status=Status.DRAFT, publish_at=None)
    publish(staff, article, **at(timezone.now() + DAY))
    publish(staff, article)
    unpublish(staff, article)
    incident = whole()
    publish(staff, incident)
    unpublish(staff, incident)
    assert logged() == [
        *("Scheduled.", "Published.", "Unpublished."),
        *("Published.", "Unpublished."),
    ]


def test_to_notify_subscribers_is_logged(staff: Client) -> None:
    article = make_article()
    save(staff, article, body="Another switch.")
    save(staff, article, notify_subscribers="on")
    assert logged()[1:] == ["Changed Notify subscribers."]
