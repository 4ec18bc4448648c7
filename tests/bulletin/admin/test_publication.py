from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from reversion.models import Version

from bulletin.admin.posts import BulletinAdmin
from bulletin.models import Article, Bulletin, Status
from incidents.models import Addendum, Incident
from tests.factories import make_article, make_bulletin, make_editor, make_incident

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ADD = "/admin/bulletin/bulletin/add/"
LIST = "/admin/bulletin/bulletin/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def admin_url(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def typed(staff: Client, url: str, *buttons: str, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the page at `url`, with `changes`, and `buttons` pressed."""
    form = staff.get(url).context["adminform"].form
    fields: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if bound.name in {"publish_at", "incident_started_at"} or bound.name.endswith("ed_at"):
            parts = bound.field.widget.decompress(value)
            fields |= {f"{bound.name}_{n}": str(part or "") for n, part in enumerate(parts)}
        elif value not in (None, False):
            fields[bound.html_name] = value
    fields |= {"addenda-TOTAL_FORMS": "0", "addenda-INITIAL_FORMS": "0"}
    return fields | changes | dict.fromkeys(buttons, "1")


def send(staff: Client, url: str, *buttons: str, **changes: Any) -> Any:
    return staff.post(url, typed(staff, url, *buttons, **changes))


def hour(moment: datetime) -> dict[str, str]:
    there = timezone.localtime(moment)
    return {"publish_at_0": f"{there:%Y-%m-%d}", "publish_at_1": f"{there:%H:%M:%S}"}


def said(response: Any) -> str:
    return " ".join(map(str, get_messages(response.wsgi_request)))


def draft(**overrides: Any) -> Bulletin:
    return make_bulletin(**{"status": Status.DRAFT, "publish_at": None} | overrides)


def scheduled(**overrides: Any) -> Bulletin:
    return make_bulletin(**{"publish_at": timezone.now().replace(microsecond=0) + DAY} | overrides)


def whole(**overrides: Any) -> Incident:
    return make_incident(**{"publish_at": None, "regions": "GRU"} | overrides)


def stored(post: Bulletin) -> tuple[str, datetime | None]:
    post.refresh_from_db()
    return post.status, post.publish_at


# Buttons ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (draft, {"_publish_now", "_schedule"}),
        (scheduled, {"_publish_now", "_schedule", "_unpublish"}),
        (make_bulletin, {"_unpublish"}),
    ],
)
def test_a_page_has_the_buttons_that_fit_its_state(
    staff: Client, make: Any, shown: set[str]
) -> None:
    page = staff.get(admin_url(make())).content.decode()
    names = {"_publish_now", "_schedule", "_unpublish"}
    assert {name for name in names if f'name="{name}"' in page} == shown


def test_who_may_not_publish_has_no_such_button_and_can_press_none(client: Client) -> None:
    writer = User.objects.create_user("writer", is_staff=True)
    rights = ["change_bulletin", "view_bulletin"]
    writer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(writer)
    post = draft()
    page = client.get(admin_url(post)).content.decode()
    assert "_publish_now" not in page
    for button in ("_publish_now", "_schedule", "_unpublish"):
        assert send(client, admin_url(post), button).status_code == 403
    assert stored(post) == (Status.DRAFT, None)


@pytest.mark.parametrize("make", [draft, scheduled])
def test_publish_now_publishes_at_this_hour(staff: Client, make: Any) -> None:
    post, incident = make(), whole()
    response = send(staff, admin_url(post), "_publish_now", essay="Typed just now.")
    assert "Readers see it at once, at http://127.0.0.1:8000/2024-07-06/." in said(response)
    assert "1 incident is published with it." in said(response)
    assert "Typed just now." in Client().get("/2024-07-06/").content.decode()
    incident.refresh_from_db()
    assert incident.is_public(timezone.now())


def test_a_new_bulletin_is_published_in_one_go(staff: Client) -> None:
    send(staff, ADD, "_publish_now", date="2024-07-06", period_first="", period_last="")
    assert Bulletin.objects.get().is_public(timezone.now())


@pytest.mark.parametrize("make", [draft, scheduled])
def test_schedule_waits_for_the_hour_typed(staff: Client, make: Any) -> None:
    post, until = make(), timezone.now().replace(microsecond=0) + 3 * DAY
    response = send(staff, admin_url(post), "_schedule", **hour(until))
    assert stored(post) == (Status.PUBLISHED, until)
    assert "Readers see it from " in said(response)
    assert Client().get("/2024-07-06/").status_code == 404


@pytest.mark.parametrize(
    ("typing", "message"),
    [
        ({}, "Give the hour"),
        ({"publish_at_0": "2024-07-07", "publish_at_1": "12:00"}, "This hour is past"),
        ({"publish_at_0": "2024-07-07"}, "valid time"),
    ],
)
def test_a_schedule_needs_an_hour_to_come(
    staff: Client, typing: dict[str, str], message: str
) -> None:
    post = draft()
    response = send(staff, admin_url(post), "_schedule", essay="Half a day.", **typing)
    (error,) = response.context["adminform"].form.errors["publish_at"]
    assert message in error
    assert "Half a day." in response.content.decode()
    assert stored(post) == (Status.DRAFT, None)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(scheduled, "It is not published on its date."), (make_bulletin, "Its address gives 404")],
)
def test_taking_back_makes_it_a_draft(staff: Client, make: Any, sentence: str) -> None:
    incident = whole()
    post = make()
    response = send(staff, admin_url(post), "_unpublish", essay="Typed.")
    assert stored(post) == (Status.DRAFT, None)
    assert post.essay == "Typed."
    assert sentence in said(response)
    assert "1 incident becomes private." in said(response)
    incident.refresh_from_db()
    assert incident.publish_at is None


def test_saving_a_draft_says_nothing_of_readers(staff: Client) -> None:
    whole(impact=None)
    response = send(staff, admin_url(draft()), essay="![](/a.png)")
    assert response.status_code == 302
    assert "Readers" not in said(response)


# No save takes back, and publishing what is published changes nothing -------------------


def everything() -> list[list[dict[str, Any]]]:
    """All rows that a save of a page can write."""
    kinds = (Bulletin, Article, Incident, Version, LogEntry)
    return [list(kind._base_manager.order_by("pk").values()) for kind in kinds]


def draft_article() -> Article:
    article = make_article(status=Status.DRAFT, publish_at=None)
    article.incidents.set([whole()])
    return article


@pytest.mark.parametrize("make", [draft, draft_article])
@pytest.mark.parametrize("button", ["_publish_now", "_schedule"])
def test_the_second_of_two_who_publish_changes_nothing(
    staff: Client, make: Any, button: str
) -> None:
    whole()
    url = admin_url(make())
    both = typed(staff, url, **hour(timezone.now() + DAY))
    staff.post(url, both | {"_publish_now": "1"})
    before = everything()
    response = staff.post(url, both | {button: "1"})
    assert (response.status_code, response["Location"]) == (302, url)
    assert "is published already" in said(response)
    assert everything() == before


def test_the_second_of_two_who_publish_another_text_chooses_between_the_texts(
    staff: Client,
) -> None:
    url = admin_url(post := draft())
    both = typed(staff, url)
    staff.post(url, both | {"_publish_now": "1", "essay": "Theirs."})
    before = stored(post)
    response = staff.post(url, both | {"_publish_now": "1", "essay": "Mine."})
    form = response.context["adminform"].form
    assert [one.name for one in form.collisions] == ["essay"]
    again = both | {"essay": "Mine.", "version": form["version"].value()}
    for button in ("_save", "_publish_now"):
        assert staff.post(url, again | {button: "1"}).status_code == 302
        assert stored(post) == before
        assert post.essay == "Mine."


@pytest.mark.parametrize("button", ["_save", "_continue", "_addanother"])
@pytest.mark.parametrize("ahead", [timedelta(0), DAY], ids=["public", "scheduled"])
@pytest.mark.parametrize("make", [draft, draft_article])
def test_no_save_of_a_page_opened_on_the_draft_takes_it_back_or_moves_it(
    staff: Client, make: Any, ahead: timedelta, button: str
) -> None:
    url = admin_url(post := make())
    old = typed(staff, url)
    send(staff, url, "_schedule" if ahead else "_publish_now", **hour(timezone.now() + ahead))
    before = stored(post)
    assert before[0] == Status.PUBLISHED
    forged = {"status": "draft", "_drafted": "1", "publish_at_0": "", "publish_at_1": ""}
    for sent in (old, old | forged, old | forged | hour(timezone.now() + 9 * DAY)):
        for version in (sent, sent | {"version": ""}):
            assert staff.post(url, version | {button: "1", "title": "T"}).status_code == 302
            assert stored(post) == before


def test_an_hour_typed_in_a_draft_is_a_plan(staff: Client) -> None:
    post, until = draft(), timezone.now().replace(microsecond=0) + DAY
    send(staff, admin_url(post), **hour(until))
    assert stored(post) == (Status.DRAFT, until)


def test_two_who_schedule_for_different_hours_choose_one(staff: Client) -> None:
    url = admin_url(post := draft())
    both, monday = typed(staff, url), timezone.now().replace(microsecond=0) + DAY
    staff.post(url, both | {"_schedule": "1"} | hour(monday))
    response = staff.post(url, both | {"_schedule": "1"} | hour(monday + DAY))
    assert [one.name for one in response.context["adminform"].form.collisions] == ["publish_at"]
    assert stored(post) == (Status.PUBLISHED, monday)


def test_a_plan_that_was_emptied_meanwhile_can_not_be_scheduled(staff: Client) -> None:
    url = admin_url(post := draft(publish_at=timezone.now() + DAY))
    chosen = {"_schedule": "1", "_resolve-publish_at": "theirs"} | hour(timezone.now() + 2 * DAY)
    old = typed(staff, url)
    Bulletin.objects.update(publish_at=None)
    form = staff.post(url, old | chosen).context["adminform"].form
    old["version"] = form["version"].value()
    response = staff.post(url, old | chosen)
    assert "Give the hour" in str(response.context["adminform"].form.errors)
    assert stored(post) == (Status.DRAFT, None)


def test_a_post_that_is_public_shows_its_hour_and_has_no_field_for_it(staff: Client) -> None:
    fields = staff.get(admin_url(make_bulletin())).context["adminform"].form.fields
    assert {"status", "publish_at"}.isdisjoint(fields)


def test_publishing_again_from_the_list_says_so(staff: Client) -> None:
    post = make_bulletin()
    before = stored(post)
    response = staff.post(LIST, {"action": "publish_now", "_selected_action": [post.pk]})
    assert "is published already" in said(response)
    assert stored(post) == before


def test_the_second_of_two_who_publish_an_incident_changes_nothing(staff: Client) -> None:
    url = admin_url(whole())
    both = typed(staff, url)
    staff.post(url, both | {"_publish_incident": "1"})
    before = everything()
    response = staff.post(url, both | {"_publish_incident": "1"})
    assert (response.status_code, response["Location"]) == (302, url)
    assert "is published already" in said(response)
    assert everything() == before
    staff.post(url, both | {"_save": "1", "body": "Typed."})
    assert Incident.objects.get().is_public(timezone.now())


# The gate -----------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["_publish_now", "_schedule"])
def test_an_error_saves_all_that_was_typed_as_a_draft(staff: Client, button: str) -> None:
    incident, post = whole(impact=None), draft()
    changes = {"essay": "Half a day of typing.", "title": "T"} | hour(timezone.now() + DAY)
    response = send(staff, admin_url(post), button, **changes)
    assert response["Location"] == f"{admin_url(post)}?checks=1"
    assert stored(post)[0] == Status.DRAFT
    assert (post.essay, post.title) == ("Half a day of typing.", "T")
    page = staff.get(response["Location"]).content.decode()
    assert "Saved as a draft, not published:" in page
    assert "Its impact is not rated." in page
    assert admin_url(incident) in page
    assert "accept_warnings" not in page
    assert "Readers see it" not in said(response)
    incident.refresh_from_db()
    assert incident.publish_at is None


def test_an_add_page_that_is_blocked_leaves_one_draft(staff: Client) -> None:
    whole(impact=None)
    response = send(staff, ADD, "_publish_now", date="2024-07-06", period_first="", period_last="")
    post = Bulletin.objects.get()
    assert (post.status, response["Location"]) == (Status.DRAFT, f"{admin_url(post)}?checks=1")


def test_a_blocked_article_has_its_incident_made_once(staff: Client) -> None:
    start = {"incident_started_at_0": "2024-07-02", "incident_started_at_1": "15:00"}
    url = "/admin/bulletin/article/add/"
    response = send(staff, url, "_publish_now", title="The switch", **start)
    article = Article.objects.get()
    assert article.status == Status.DRAFT
    assert article.incidents.count() == Incident.objects.count() == 1
    assert said(response).count("Made the incident") == 1


def test_a_warning_asks_once_and_is_accepted(staff: Client) -> None:
    whole(regions="")
    post = draft()
    page = send(staff, admin_url(post), "_publish_now")["Location"]
    context = staff.get(page).context
    assert [one.sentence for one in context["findings"]] == ["It names no region."]
    shown = {"shown_warnings": context["warnings"]}
    assert send(staff, page, "_publish_now", **shown)["Location"] == page
    assert stored(post)[0] == Status.DRAFT
    send(staff, page, "_publish_now", accept_warnings="on", **shown)
    assert post.is_public(timezone.now()) is False
    assert stored(post)[0] == Status.PUBLISHED


def test_a_warning_that_came_since_asks_again_and_one_that_went_does_not(staff: Client) -> None:
    incident, post = whole(regions=""), draft()
    page = send(staff, admin_url(post), "_publish_now")["Location"]
    consent = {"accept_warnings": "on", "shown_warnings": staff.get(page).context["warnings"]}
    response = send(staff, page, "_publish_now", essay="[a](/nowhere/)", **consent)
    assert stored(post)[0] == Status.DRAFT
    assert len(staff.get(response["Location"]).context["findings"]) == 2
    consent["shown_warnings"] = staff.get(page).context["warnings"]
    Incident.objects.filter(pk=incident.pk).update(impact=None)
    send(staff, page, "_publish_now", **consent)
    assert stored(post)[0] == Status.DRAFT
    Incident.objects.filter(pk=incident.pk).update(impact=1)
    send(staff, page, "_publish_now", essay="Mended.", **consent)
    assert stored(post)[0] == Status.PUBLISHED


@pytest.mark.parametrize("button", ["_save", "_schedule", "_publish_now"])
def test_a_scheduled_post_that_is_refused_stays_as_it_was_with_the_text_kept(
    staff: Client, button: str
) -> None:
    incident, post = whole(), scheduled()
    before = stored(post)
    changes = hour(timezone.now() + 2 * DAY) | {"essay": "![](/a.png) Typed."}
    response = send(staff, admin_url(post), button, **changes)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Nothing is saved yet, and nothing is published:" in page
    assert "has no alternative text" in page
    assert "![](/a.png) Typed." in page
    assert stored(post) == before
    assert post.essay == "We moved a rack."
    incident.refresh_from_db()
    assert incident.publish_at == before[1]


def test_an_edit_of_a_public_post_is_saved_and_warned_of(staff: Client) -> None:
    whole(impact=None)
    post = make_bulletin()
    response = send(staff, admin_url(post), essay="![](/a.png)")
    post.refresh_from_db()
    assert post.essay == "![](/a.png)"
    assert "has no alternative text" in said(response)
    assert "Its impact is not rated." in said(response)
    assert "Subscribers are not notified" in said(response)


def test_telling_subscribers_of_a_public_post_says_so(staff: Client) -> None:
    post = make_bulletin()
    response = send(staff, admin_url(post), notify_subscribers="on")
    assert "Subscribers see it as updated" in said(response)
    post.refresh_from_db()
    assert post.updated_at
    assert timezone.now() - post.updated_at < timedelta(minutes=1)


# The list -----------------------------------------------------------------------------


def test_the_list_publishes_what_passes_and_names_what_does_not(staff: Client) -> None:
    whole(regions="")
    post, article = draft(), make_article(status=Status.DRAFT, publish_at=None)
    response = staff.post(LIST, {"action": "publish_now", "_selected_action": [post.pk]})
    assert stored(post) == (Status.DRAFT, None)
    assert f'<a href="{admin_url(post)}?checks=list">' in said(response)
    assert "It names no region." in said(response)
    act = {"action": "publish_now", "_selected_action": [article.pk]}
    response = staff.post("/admin/bulletin/article/", act)
    assert "Readers see it at once" in said(response)
    article.refresh_from_db()
    assert article.is_public(timezone.now())


def test_the_list_names_the_days_that_are_taken(staff: Client) -> None:
    make_bulletin()
    other = draft(date=datetime(2024, 7, 13, tzinfo=UTC).date())
    response = staff.post(LIST, {"action": "publish_now", "_selected_action": [other.pk]})
    assert "covers some of these days already" in said(response)
    assert stored(other) == (Status.DRAFT, None)


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A list whose cells could publish, and what a browser sends of its one row."""
    monkeypatch.setattr(BulletinAdmin, "list_editable", ["title", "status", "publish_at"])
    names = ["plain_title", "title", "status", "publish_at"]
    monkeypatch.setattr(BulletinAdmin, "list_display", names)
    return {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "_save": "Save"}


def test_a_scheduled_row_of_the_list_passes_the_same_gate(
    staff: Client, cells: dict[str, str]
) -> None:
    post = scheduled()
    whole(impact=None)
    response = staff.post(LIST, cells | {"form-0-id": str(post.pk), "form-0-title": "T"})
    assert response["Location"] == LIST
    assert "Its impact is not rated." in said(response)
    post.refresh_from_db()
    assert post.title == ""


@pytest.mark.parametrize("make", [draft, scheduled, make_bulletin])
@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_row_of_the_list_neither_publishes_nor_takes_back(
    staff: Client, cells: dict[str, str], make: Any, status: str
) -> None:
    post = make()
    before = stored(post)
    typed = {"form-0-id": str(post.pk), "form-0-title": "T", "form-0-status": status}
    assert staff.post(LIST, cells | typed).status_code == 302
    assert stored(post) == before
    assert post.title == "T"


# The site's clock ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "time", "meant", "sentence"),
    [
        ("2026-03-08", "02:30", datetime(2026, 3, 8, 7, 30, tzinfo=UTC), "skip 02:30 that night"),
        ("2026-11-01", "01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "the first is meant"),
    ],
)
def test_an_odd_hour_is_taken_and_said(
    staff: Client, freeze: Any, day: str, time: str, meant: datetime, sentence: str
) -> None:
    freeze(meant - DAY)
    post = draft()
    plan = {"publish_at_0": day, "publish_at_1": time}
    answer = staff.get(f"/admin/bulletin/bulletin/{post.pk}/effects/", plan).json()
    response = send(staff, admin_url(post), "_schedule", publish_at_0=day, publish_at_1=time)
    assert stored(post) == (Status.PUBLISHED, meant)
    for said_there in (" ".join(answer["sentences"]), said(response)):
        assert sentence in said_there
        assert "EDT" in said_there


@pytest.mark.parametrize("minutes", [0, 60])
def test_saving_a_schedule_again_never_moves_it(staff: Client, freeze: Any, minutes: int) -> None:
    until = datetime(2026, 11, 1, 5, 30, 7, 250_000, tzinfo=UTC) + timedelta(minutes=minutes)
    freeze(until - DAY)
    post = scheduled(publish_at=until)
    for button in ("_save", "_schedule"):
        assert send(staff, admin_url(post), button, essay=button).status_code == 302
        assert stored(post) == (Status.PUBLISHED, until)
        assert post.essay == button
    which = "second" if minutes else "first"
    assert f"the {which} is meant" in staff.get(admin_url(post)).content.decode()


@pytest.fixture
def freeze(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Stops the clock of the admin at an instant."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return at


# What the fields would mean -----------------------------------------------------------


def test_the_effects_follows_the_fields_and_saves_nothing(staff: Client) -> None:
    post = draft()
    url = f"/admin/bulletin/bulletin/{post.pk}/effects/"

    def ask(**plan: str) -> str:
        empty = {"publish_at_0": "", "publish_at_1": ""}
        return " ".join(staff.get(url, empty | plan).json()["sentences"])

    assert "see nothing of a draft" in ask()
    assert "until you press Schedule. Then: Readers see it from" in ask(
        **hour(timezone.now() + DAY)
    )
    assert "This hour is past" in ask(**hour(timezone.now() - DAY))
    assert "valid date" in ask(publish_at_0="2026-02-30", publish_at_1="10:00")
    assert "Enter a valid year" in ask(publish_at_0="9999-12-31", publish_at_1="23:59")
    assert stored(post) == (Status.DRAFT, None)


def test_the_effects_is_for_those_who_may_see_the_post(client: Client) -> None:
    url = f"/admin/bulletin/bulletin/{draft().pk}/effects/"
    assert client.get(url).status_code == 302
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(url).status_code == 403
    client.force_login(make_editor())
    assert client.post(url).status_code == 405
    assert client.get("/admin/bulletin/bulletin/" + "9" * 30 + "/effects/").status_code == 404
    assert "no-store" in client.get(url)["Cache-Control"]


# Incidents ----------------------------------------------------------------------------


def test_an_incident_is_saved_and_told_and_made_private_again(staff: Client) -> None:
    make_bulletin(title="That week")
    incident = whole()
    page = staff.get(admin_url(incident)).content.decode()
    assert "“That week”, published already, lists it" in page
    assert 'name="_unpublish_incident"' not in page
    response = send(staff, admin_url(incident), "_publish_incident", body="Typed.", impact="")
    incident.refresh_from_db()
    assert incident.is_public(timezone.now())
    assert incident.body == "Typed."
    assert "Readers see it at once" in said(response)
    assert "Its impact is not rated" in said(response)
    assert 'name="_publish_incident"' not in staff.get(admin_url(incident)).content.decode()
    response = send(staff, admin_url(incident), "_unpublish_incident")
    incident.refresh_from_db()
    assert incident.publish_at is None
    assert "gives 404" in said(response)


def test_a_new_incident_can_be_publish_at_once(staff: Client) -> None:
    fields = {"title": "T", "started_at_0": "2024-07-02", "started_at_1": "15:00"}
    send(staff, "/admin/incidents/incident/add/", "_publish_incident", **fields)
    assert Incident.objects.get().is_public(timezone.now())


def test_who_may_not_tell_has_no_button_and_adds_no_addendum(client: Client) -> None:
    writer = User.objects.create_user("writer", is_staff=True)
    rights = ["change_incident", "view_incident", "add_addendum", "view_addendum"]
    writer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(writer)
    incident = make_incident()
    page = client.get(admin_url(incident)).content.decode()
    assert "_unpublish_incident" not in page
    assert "addenda-__prefix__-body" not in page
    for button in ("_publish_incident", "_unpublish_incident"):
        assert send(client, admin_url(incident), button).status_code == 403
    addendum = {"addenda-TOTAL_FORMS": "1", "addenda-0-body": "Sneaked in."}
    send(client, admin_url(incident), **addendum)
    assert not Addendum.objects.exists()


def test_an_addendum_says_who_will_see_it(staff: Client) -> None:
    incident = make_incident()
    addendum = {"addenda-TOTAL_FORMS": "1", "addenda-0-body": "Two switches."}
    response = send(staff, admin_url(incident), **addendum)
    assert Addendum.objects.get().incident == incident
    assert "Readers see the addendum at once" in said(response)
