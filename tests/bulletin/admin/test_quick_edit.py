"""What is set in a row of the dashboard, and "It's over"."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from reversion.models import Revision

from incidents.models import Incident, Region
from tests.factories import make_editor, make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def ongoing(**overrides: Any) -> Incident:
    started = timezone.now().replace(second=0, microsecond=0) - timedelta(hours=3, minutes=20)
    return make_incident(
        **{"started_at": started, "minutes": None, "precision": "ongoing", "publish_at": None}
        | overrides
    )


def post(client: Client, incident: Incident, deed: str, **typed: str) -> Any:
    return client.post(f"/admin/row/{incident.pk}/{deed}/", typed, follow=True)


def hidden(page: str) -> dict[str, str]:
    """The fields of the undo."""
    values = {name: page.split(f'name="{name}" value="')[1] for name in ("entry", "edited_at")}
    return {name: rest.partition('"')[0] for name, rest in values.items()}


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ({"impact": "3"}, "impact", 3),
        ({"impact": "0"}, "impact", 0),
        ({"length": "about 1h"}, "length_text", "≈1h"),
    ],
)
def test_a_gap_is_closed_in_its_row_and_nothing_else_changes(
    staff: Client, typed: dict[str, str], field: str, value: Any
) -> None:
    incident = make_incident(
        publish_at=None, impact=None, minutes=None, proposed=["impact", "ended_at", "kind"]
    )
    post(staff, incident, "set", **typed)
    again = Incident.objects.get()
    assert getattr(again, field) == value
    assert (again.title, again.body, again.publish_at) == (incident.title, incident.body, None)
    assert "kind" in again.proposed
    assert LogEntry.objects.count() == 1


def test_regions_are_set_by_their_codes(staff: Client) -> None:
    incident = make_incident(publish_at=None)
    Region.objects.get_or_create(code="GRU", defaults={"place": "São Paulo"})
    page = post(staff, incident, "set", regions="gru, qqq").content.decode()
    assert "Not known yet: QQQ" in page
    assert not incident.regions.exists()
    post(staff, incident, "set", regions="gru")
    assert [region.code for region in incident.regions.all()] == ["GRU"]


def test_what_is_over_ends_now_and_says_its_length(staff: Client) -> None:
    incident = ongoing()
    page = post(staff, incident, "end").content.decode()
    assert "is over: 3h 20m." in page
    incident.refresh_from_db()
    assert (incident.precision, incident.length_text) == ("exact", "3h 20m")
    page = post(staff, incident, "end").content.decode()
    assert "is over already" in page


def test_an_undo_leaves_no_trace(staff: Client) -> None:
    incident = ongoing()
    post(staff, incident, "set", impact="2")
    before = Incident.objects.values().get(), Revision.objects.count(), LogEntry.objects.count()
    page = post(staff, incident, "end").content.decode()
    form = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("entry", "edited_at")
    }
    assert "is ongoing again" in post(staff, incident, "undo", **form).content.decode()
    after = Incident.objects.values().get(), Revision.objects.count(), LogEntry.objects.count()
    assert after == before


def test_an_undo_does_not_go_over_what_was_saved_since(staff: Client) -> None:
    incident = ongoing()
    page = post(staff, incident, "end").content.decode()
    form = {
        name: page.split(f'name="{name}" value="')[1].split('"')[0]
        for name in ("entry", "edited_at")
    }
    post(staff, incident, "set", impact="4")
    assert "was saved since" in post(staff, incident, "undo", **form).content.decode()
    assert Incident.objects.get().precision == "exact"


def test_who_may_not_edit_an_incident_sets_nothing_of_it() -> None:
    writer = User.objects.create_user("writer", is_staff=True)
    rights = ["view_incident", "change_incident", "view_bulletin"]
    writer.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client = Client()
    client.force_login(writer)
    private, public = ongoing(), ongoing(title="Public", publish_at=timezone.now())
    page = client.get("/admin/").content.decode()
    assert f"/admin/row/{private.pk}/end/" in page
    assert f"/admin/row/{public.pk}/end/" not in page
    for deed in ("set", "end", "undo"):
        assert client.post(f"/admin/row/{public.pk}/{deed}/", {"impact": "1"}).status_code == 403
    assert client.post(f"/admin/row/{private.pk}/end/").status_code == 302
    assert client.get(f"/admin/row/{private.pk}/end/").status_code == 405


def test_ongoing_incidents_are_first_however_old_and_public_gaps_are_folded(staff: Client) -> None:
    ongoing(title="Old", started_at=timezone.now() - timedelta(days=90))
    make_incident(title="Told", started_at=timezone.now(), publish_at=timezone.now(), impact=None)
    page = staff.get("/admin/").content.decode()
    weeks = page[page.index('<section class="dashboard-week"') :]
    assert weeks.index("Old") < weeks.index("Told")
    assert "no impact" not in weeks.partition("Told")[2]
