"""The dashboard: what it shows to whom, and what one press does."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from bulletin.admin.dashboard import Dashboard
from bulletin.models import Autosave, Bulletin, Status
from incidents.models import Addendum, Incident, Region
from incidents.weeks import Period
from tests.factories import PUBLISHED, make_article, make_bulletin, make_editor, make_incident

pytestmark = pytest.mark.django_db

INDEX, LOG, DRAFT = "/admin/", "/admin/log/", "/admin/draft/"
# Wednesday, July 10, 2024, noon in New York: the running week is July 7 to 13.
AT = datetime(2024, 7, 10, 16, tzinfo=UTC)
EARLIER = {"period_first": date(2024, 6, 23), "period_last": date(2024, 6, 29)}


@pytest.fixture
def editor() -> User:
    return make_editor()


@pytest.fixture
def staff(client: Client, editor: User) -> Client:
    client.force_login(editor)
    return client


@pytest.fixture
def dashboard(editor: User) -> Dashboard:
    return Dashboard(editor, AT)


def make_staff(*permissions: str) -> User:
    user = User.objects.create_user("writer", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def text(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# What it shows ------------------------------------------------------------------------


def test_the_grid_shows_two_weeks_told_or_not_measured_to_now(dashboard: Dashboard) -> None:
    made = make_incident(
        started_at=AT - timedelta(hours=2), minutes=None, precision="ongoing", publish_at=None
    )
    make_incident(title="Last week", started_at=AT - timedelta(days=7))
    make_incident(title="Before", started_at=AT - timedelta(days=14))
    for drawing in (dashboard.grid.wide, dashboard.grid.narrow):
        assert drawing.count("<a ") == 2
        assert f'href="/admin/incidents/incident/{made.pk}/change/"' in drawing
        assert 'data-minutes="120"' in drawing
        assert "Before" not in drawing
    assert 'data-cell="2024-06-30"' in dashboard.grid.wide
    assert 'data-cell="2024-07-13"' in dashboard.grid.wide


def test_incidents_stand_in_their_weeks_in_time_order_with_their_state(
    dashboard: Dashboard,
) -> None:
    make_bulletin()
    make_incident(title="c", started_at=AT - timedelta(hours=1), publish_at=None)
    make_incident(title="b", started_at=AT - timedelta(days=1), publish_at=AT + timedelta(days=9))
    make_incident(title="a", started_at=AT - timedelta(days=8))
    shown = [
        (week.name, [(line.incident.title, line.state) for line in week.lines])
        for week in dashboard.weeks
    ]
    assert shown == [
        ("This week", [("b", "scheduled"), ("c", "private")]),
        ("Last week", [("a", "public")]),
    ]


def test_older_weeks_of_the_next_bulletin_are_there_too(dashboard: Dashboard) -> None:
    make_bulletin(
        date=date(2024, 6, 22), period_first=date(2024, 6, 16), period_last=date(2024, 6, 22)
    )
    make_incident(title="old", started_at=datetime(2024, 6, 23, 12, tzinfo=UTC), publish_at=None)
    assert [line.incident.title for line in dashboard.weeks[2].lines] == ["old"]
    assert dashboard.private == []


def test_each_gap_leads_to_the_field_that_closes_it(dashboard: Dashboard) -> None:
    made = make_incident(started_at=AT, impact=None, body="y" * 80, publish_at=None)
    (line,) = dashboard.weeks[0].lines
    page = f"/admin/incidents/incident/{made.pk}/change/"
    assert [(gap.label, gap.url) for gap in line.gaps] == [
        ("no impact", f"{page}#id_impact"),
        ("no region", f"{page}#id_regions"),
    ]
    assert dashboard.gap_count == 2


def test_posts_to_come_are_listed(dashboard: Dashboard) -> None:
    draft = make_bulletin(status=Status.DRAFT, publish_at=None, essay="")
    make_incident(regions="", body="y" * 80)
    make_article(status=Status.DRAFT, publish_at=None)
    make_article(title="Later", slug="later", publish_at=AT + timedelta(hours=30))
    make_article(title="Public", slug="public", publish_at=AT)
    (drafted,) = [paper for paper in dashboard.drafts if paper.kind == "bulletin"]
    assert (drafted.post, drafted.period, drafted.left) == (draft, draft.period, 2)
    assert [str(paper.post) for paper in dashboard.drafts] == [
        "The switch that dropped packets",
        str(draft),
    ]
    assert [str(paper.post) for paper in dashboard.scheduled] == ["Later"]
    assert dashboard.draft == draft


def test_days_that_no_bulletin_covers_are_told(dashboard: Dashboard) -> None:
    make_bulletin(date=date(2024, 6, 29), **EARLIER)
    assert dashboard.uncovered == [Period(date(2024, 6, 30), date(2024, 7, 6))]


def test_what_will_stand_under_late_and_corrected_is_there(dashboard: Dashboard) -> None:
    make_bulletin()
    july_2 = datetime(2024, 7, 2, 19, tzinfo=UTC)
    late = make_incident(title="Late", started_at=july_2, publish_at=PUBLISHED + timedelta(hours=1))
    known = make_incident(title="Known", started_at=july_2)
    Addendum.objects.create(incident=known, body="Two.", publish_at=PUBLISHED + timedelta(hours=2))
    make_incident(title="Forgotten", started_at=july_2, publish_at=None)
    assert [(one.incident, one.is_addendum) for one in dashboard.late] == [
        (late, False),
        (known, True),
    ]
    assert [one.incident.title for one in dashboard.private] == ["Forgotten"]


def test_what_was_typed_and_not_saved_leads_to_its_page(dashboard: Dashboard, editor: User) -> None:
    post = make_article()
    label = "bulletin.article"
    Autosave.objects.create(user=editor, model=label, object_id=post.pk, typed_at=AT)
    Autosave.objects.create(
        user=editor,
        model=label,
        object_id="999",
        fields={"title": ["Gone"]},
        typed_at=AT - timedelta(hours=1),
    )
    for model, object_id in [
        ("no.such", ""),
        ("junk", "1"),
        (label, "x"),
        ("sessions.session", ""),
    ]:
        Autosave.objects.create(user=editor, model=model, object_id=object_id)
    Autosave.objects.create(user=make_staff(), model=label, fields={"title": ["Another’s"]})
    assert [(typed.title, typed.url) for typed in dashboard.autosaves] == [
        (str(post), f"/admin/bulletin/article/{post.pk}/change/"),
        ("Gone", "/admin/bulletin/article/add/"),
    ]


def test_an_empty_log_says_little(staff: Client) -> None:
    page = text(staff.get(INDEX))
    assert "No incidents so far." in page
    for absent in ("Typed and not saved", "Drafts", "Scheduled", "Late and", "covers:", "to mend"):
        assert absent not in page


def test_all_of_it_is_on_the_page_above_the_stock_index(staff: Client, editor: User) -> None:
    at = timezone.now()
    make_bulletin(
        date=timezone.localdate() + timedelta(days=30),
        period_first=timezone.localdate() + timedelta(days=24),
        period_last=timezone.localdate() + timedelta(days=30),
        publish_at=at + timedelta(days=31, minutes=1),
    )
    make_incident(title="Slow `du`", started_at=at, publish_at=None, impact=None)
    Autosave.objects.create(user=editor, model="bulletin.article", fields={"title": ["Half"]})
    page = text(staff.get(INDEX))
    order = ["Log an incident", "Slow du", "no impact", "Half", "Scheduled", "Recent actions"]
    assert sorted(order, key=page.index) == order
    assert re.search(r"E[SD]T in 1 month", page)


# To whom ------------------------------------------------------------------------------


def test_who_may_not_see_incidents_sees_the_stock_index_only(client: Client) -> None:
    make_incident(title="Secret", started_at=timezone.now())
    client.force_login(make_staff("view_bulletin", "add_incident", "add_bulletin"))
    page = client.get(INDEX)
    assert 'class="dashboard-body"' not in page.content.decode()
    assert "Secret" not in text(page)
    assert "Bulletins" in text(page)


def test_what_a_user_may_not_do_is_not_shown(client: Client) -> None:
    make_bulletin(status=Status.DRAFT, publish_at=None)
    client.force_login(make_staff("view_incident"))
    page = text(client.get(INDEX))
    for absent in ("Log an incident", "The next bulletin", "Drafts", "Late and"):
        assert absent not in page
    assert "This week" in page


@pytest.mark.parametrize("address", [LOG, DRAFT])
def test_a_press_needs_permission_and_post(client: Client, staff: Client, address: str) -> None:
    assert staff.get(address).headers["Location"] == INDEX
    client.force_login(make_staff("view_incident", "view_bulletin", "change_bulletin"))
    assert client.post(address, {"line": "x"}).status_code == 403
    client.logout()
    assert client.post(address, {"line": "x"}).headers["Location"].startswith("/admin/login/")
    assert not Incident.objects.exists()
    assert not Bulletin.objects.exists()


# One line makes an incident -----------------------------------------------------------


def test_a_line_is_logged_and_what_was_understood_is_told(staff: Client) -> None:
    Region.objects.get_or_create(code="GRU", defaults={"place": "São Paulo, Brazil"})
    page = staff.post(LOG, {"line": "<b>502s</b> in GRU 2024-07-02 16:45 ~30m"}, follow=True)
    incident = Incident.objects.get()
    assert (incident.title, incident.length_text) == ("<b>502s</b> in GRU", "≈30m")
    assert [region.code for region in incident.regions.all()] == ["GRU"]
    assert (incident.proposed, incident.publish_at) == ([], None)
    (message,) = page.context["messages"]
    assert f'<a href="/admin/incidents/incident/{incident.pk}/change/">&lt;b&gt;502s' in str(
        message
    )
    assert re.sub(r"<[^>]+>", "", str(message)) == (
        "Logged “&lt;b&gt;502s&lt;/b&gt; in GRU”: July 2, 16:45 EDT, ≈30m, "
        f"{incident.regions.get()}, private for now."
    )
    assert "502s" in text(staff.get(INDEX)).partition("Recent actions")[2]


def test_pressing_twice_logs_one_incident(staff: Client) -> None:
    line = {"line": "502s 2024-07-02 16:45"}
    staff.post(LOG, line)
    assert "is logged already" in text(staff.post(LOG, line, follow=True))
    assert Incident.objects.count() == 1


def test_a_mistake_keeps_the_line(staff: Client) -> None:
    page = staff.post(LOG, {"line": '502s "in" GRU 25:10'})
    assert "502s &quot;in&quot; GRU 25:10</textarea>" in page.content.decode()
    assert "25:10 is no time of day." in text(page)
    assert not Incident.objects.exists()


def test_several_pasted_lines_are_several_incidents(staff: Client) -> None:
    lines = "502s in GRU 9:10 ~30m\n\nDisk full on db-1 9:20, 40 min, internal\r\nDNS down 9:30 1h"
    page = staff.post(LOG, {"line": lines}, follow=True)
    assert text(page).count("Logged “") == 3
    assert set(Incident.objects.values_list("title", "scope")) == {
        ("502s in GRU", ""),
        ("Disk full on db-1", "internal"),
        ("DNS down", ""),
    }


def test_one_bad_line_of_several_logs_none(staff: Client) -> None:
    staff.post(LOG, {"line": "502s 9:10\nDNS down 25:10"})
    assert not Incident.objects.exists()


def test_what_was_not_read_is_asked_about_once(staff: Client) -> None:
    typed = {"line": "DNS down 11/27"}
    page = staff.post(LOG, typed)
    assert "“11/27” was not read as a date or a length." in text(page)
    assert not Incident.objects.exists()
    unread = page.context["line_form"]["unread"].value()
    staff.post(LOG, typed | {"unread": unread})
    assert Incident.objects.get().title == "DNS down 11/27"


def test_a_line_is_read_while_it_is_typed(staff: Client) -> None:
    page = staff.get("/admin/log/read/", {"line": "502s in GRU 2024-07-02 16:45 ~30m, minor"})
    reading = " ".join(text(page).split())
    assert "502s in GRU July 2, 16:45 EDT ≈30m minor impact GRU" in reading
    assert "is no time of day" in text(staff.get("/admin/log/read/", {"line": "x 25:10"}))
    assert "was not read" in text(staff.get("/admin/log/read/", {"line": "x 11/27"}))
    assert not Incident.objects.exists()


@pytest.mark.parametrize("tells", [True, False])
def test_a_scheduled_week_takes_it_in_only_from_who_may_tell(client: Client, tells: bool) -> None:
    hour = timezone.now() + timedelta(days=2)
    make_bulletin(publish_at=hour)
    client.force_login(
        make_staff("view_incident", "add_incident", *(["publish_incident"] if tells else []))
    )
    client.post(LOG, {"line": "502s 2024-07-02 16:45"})
    assert Incident.objects.get().publish_at == (hour if tells else None)


# One button drafts the week -----------------------------------------------------------


def test_the_button_drafts_the_week_and_leads_to_it(staff: Client) -> None:
    assert "Draft the next bulletin" in text(staff.get(INDEX))
    page = staff.post(DRAFT, follow=True)
    bulletin = Bulletin.objects.get()
    assert page.redirect_chain == [(f"/admin/bulletin/bulletin/{bulletin.pk}/change/", 302)]
    assert LogEntry.objects.get().get_change_message() == "Added."
    assert "Open the draft" in text(staff.get(INDEX))
    again = staff.post(DRAFT, follow=True)
    assert again.redirect_chain == page.redirect_chain
    assert LogEntry.objects.count() == 1


def test_a_date_that_is_taken_is_told(staff: Client) -> None:
    staff.post(DRAFT)
    taken = Bulletin.objects.get()
    taken.delete()
    make_bulletin(date=taken.date, publish_at=timezone.now())
    assert f"The bulletin of {taken.date} is published" in text(staff.post(DRAFT, follow=True))


# Cost ---------------------------------------------------------------------------------


def fill(number: int, editor: User) -> None:
    """A desk with so many of everything."""
    at = timezone.now()
    for n in range(number):
        hours = timedelta(hours=n + 1)
        make_incident(title=f"new {n}", started_at=at - hours, publish_at=None, regions="GRU AMS")
        old = make_incident(title=f"old {n}", started_at=at - timedelta(days=60) - hours)
        make_incident(title=f"late {n}", started_at=old.started_at, publish_at=at)
        make_incident(title=f"untold {n}", started_at=old.started_at, publish_at=None)
        Addendum.objects.create(incident=old, body="More.", publish_at=at)
        days = Bulletin.objects.count() * 7
        past = date(2020, 1, 4) + timedelta(days=days)
        covers = {"period_first": past - timedelta(days=6), "period_last": past}
        make_bulletin(date=past, **covers, publish_at=PUBLISHED)
        make_article(slug=f"draft-{days}", status=Status.DRAFT, publish_at=None)
        make_article(slug=f"later-{days}", publish_at=at + timedelta(days=1))


def test_the_number_of_queries_does_not_grow(
    staff: Client, editor: User, django_assert_max_num_queries: Any
) -> None:
    fill(2, editor)
    staff.get(INDEX)
    with django_assert_max_num_queries(100) as few:
        staff.get(INDEX)
    fill(7, editor)
    with django_assert_max_num_queries(len(few)):
        page = staff.get(INDEX)
    assert all(f"{kind} 6" in page.content.decode() for kind in ("new", "late"))
    assert len(few) < 40
