from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from bulletin.models import Article, Bulletin, SiteSettings, Status
from incidents.models import Addendum, Incident, Region, Service

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)


def run(command: str, *args: str) -> str:
    out = StringIO()
    call_command(command, *args, stdout=out)
    return out.getvalue()


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    def load(at: datetime = THURSDAY) -> str:
        monkeypatch.setattr(timezone, "now", lambda: at)
        return run("load_demo")

    return load


def everything() -> list[list[dict[str, Any]]]:
    models = (Bulletin, Article, Incident, Addendum, SiteSettings, Region, Service)
    return [list(model.objects.order_by("pk").values()) for model in models]  # type: ignore[attr-defined]


def test_an_empty_log_is_filled_and_one_line_says_with_what(load: Any) -> None:
    said = load()
    assert said == "Loaded the demo log: 15 bulletins, 63 incidents, 2 articles.\n"


def test_the_second_load_changes_nothing(load: Any) -> None:
    load()
    before = everything()
    assert load() == "The demo log is loaded already; nothing changed.\n"
    assert everything() == before


def test_a_load_on_a_later_day_keeps_the_newest_weeks_where_they_are(load: Any) -> None:
    load()
    before = everything()
    load(THURSDAY + timedelta(days=25))
    assert everything() == before


def test_the_second_load_asks_one_question(load: Any, django_assert_num_queries: Any) -> None:
    load()
    with django_assert_num_queries(1):
        load()


def test_a_bulletin_added_beside_the_demo_does_not_stop_the_next_load(load: Any) -> None:
    load()
    day = date(2024, 7, 27)
    Bulletin.objects.create(date=day, period_first=day, period_last=day)
    assert "nothing changed" in load()


def test_a_log_of_its_own_is_left_alone(load: Any) -> None:
    day = date(2024, 7, 27)
    Bulletin.objects.create(date=day, period_first=day, period_last=day)
    assert "a log of its own" in load()
    assert Bulletin.objects.count() == 1
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("at", "newest"),
    [
        (datetime(2026, 11, 22, 5, 0, tzinfo=UTC), date(2026, 11, 21)),  # Sunday 00:00 in New York
        (datetime(2026, 11, 29, 4, 59, tzinfo=UTC), date(2026, 11, 21)),  # Saturday 23:59
        (datetime(2027, 1, 4, 12, 0, tzinfo=UTC), date(2027, 1, 2)),
        (datetime(2027, 3, 14, 9, 0, tzinfo=UTC), date(2027, 3, 13)),  # the DST night
    ],
)
def test_the_draft_is_of_the_last_full_week_before_the_load(
    load: Any, at: datetime, newest: date
) -> None:
    load(at)
    dates = list(Bulletin.objects.by_date().values_list("date", flat=True)[:3])
    assert dates == [newest - timedelta(weeks=n) for n in range(3)]
    assert Bulletin.objects.get(date=newest).status == Status.DRAFT
    assert not Incident.objects.filter(started_at__gt=at).exists()
    assert Bulletin.objects.published(at).count() == 14


def test_the_editors_account_is_made_once_and_can_log_in(client: Any) -> None:
    first = run("make_editor")
    password = first.split("Password")[1].split()[0]
    form = {"username": "editor", "password": password}
    assert client.post("/admin/login/", form).status_code == 302
    for address in ("/", "/admin/", "/feed.xml"):
        assert f"{settings.SITE_URL}{address}\n" in first
    second = run("make_editor")
    assert "changepassword editor" in second
    assert password not in second
    assert get_user_model().objects.count() == 1


def test_an_account_that_cannot_edit_is_not_touched() -> None:
    get_user_model().objects.create_user("editor")
    with pytest.raises(CommandError, match="editor exists"):
        run("make_editor")
    assert "chief" in run("make_editor", "--username", "chief")


@pytest.mark.parametrize(("role", "group"), [("writer", "Writers"), ("editor", "Editors")])
def test_accounts_in_a_role_are_made_beside_the_first(client: Any, role: str, group: str) -> None:
    told = run("make_editor", "--role", role, "--username", "second")
    assert client.login(username="second", password=told.split("Password")[1].split()[0])
    user = get_user_model().objects.get(username="second")
    assert [one.name for one in user.groups.all()] == [group]
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert "Password" in run("make_editor"), "it is not the first account, which may do all"
    with pytest.raises(CommandError, match="second exists"):
        run("make_editor", "--role", role, "--username", "second")
