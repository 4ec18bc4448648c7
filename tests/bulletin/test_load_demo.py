from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from bulletin.grids import Shelf
from bulletin.models import Article, Bulletin, Notice, Status
from incidents.models import Addendum, Impact, Incident, Kind, Precision, Region, Scope, Service

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
    models = (Bulletin, Article, Incident, Addendum, Notice, Region, Service)
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


def test_a_bulletin_tells_its_incidents_at_its_own_hour(load: Any) -> None:
    load()
    for bulletin in Bulletin.objects.decided():
        hours = set(bulletin.scope().values_list("told_at", flat=True))
        late = {one.told_at for one in bulletin.scope() if one.title.startswith("A host in CDG")}
        assert hours - late <= {bulletin.publish_at}


def test_nothing_of_the_draft_is_public_but_at_the_scheduled_hour(load: Any) -> None:
    load()
    draft = Bulletin.objects.get(status=Status.DRAFT)
    scheduled = Article.objects.get(publish_at__gt=THURSDAY)
    assert timedelta(days=2) < scheduled.publish_at - THURSDAY < timedelta(days=4)  # type: ignore[operator]
    assert Counter(draft.scope().values_list("told_at", flat=True)) == {
        None: 2,
        scheduled.publish_at: 1,
    }


def test_the_july_week_tells_the_facts_of_the_example(load: Any) -> None:
    load()
    zone = ZoneInfo("America/New_York")
    week = Bulletin.objects.get(date=date(2024, 7, 6))
    facts = [
        (f"{one.starts.astimezone(zone):%d %H:%M}", one.length_text, one.impact_word)
        for one in week.incidents(THURSDAY)
    ]
    assert facts == [
        ("01 23:00", "?", "none"),
        ("02 04:00", "≈2h", "partial"),
        ("02 15:00", "≈5m", "major"),
        ("03 12:00", "≈4h", "partial"),
        ("04 20:00", "?", "minor"),
        ("05 01:00", "?", "none"),
    ]


def test_every_word_of_the_log_is_shown(load: Any) -> None:
    load()
    public = Incident.objects.public(THURSDAY)
    for field, words in (
        ("precision", Precision.values),
        ("impact", Impact.values),
        ("scope", Scope.values),
        ("kind", Kind.values),
    ):
        assert set(words) <= set(public.values_list(field, flat=True)), field
    assert set(Service.objects.values_list("ours", flat=True)) == {True, False}
    assert Incident.objects.untold().filter(impact=None).exists()


def test_weeks_of_every_sort_are_shown(load: Any) -> None:
    load()
    lengths = Counter(len(bulletin.period) for bulletin in Bulletin.objects.all())
    assert lengths == {7: 13, 14: 1, 21: 1}
    counts = [bulletin.scope().count() for bulletin in Bulletin.objects.decided()]
    assert min(counts) == 0
    assert max(counts) == 10
    days = Counter(one.day for one in Incident.objects.all())
    assert days[date(2024, 4, 17)] == 5


def test_the_fixed_weeks_leave_no_day_out(load: Any) -> None:
    load()
    days = [day for one in Bulletin.objects.filter(date__year=2024) for day in one.period]
    assert sorted(days) == [date(2024, 4, 7) + timedelta(days=n) for n in range(15 * 7)]


def test_what_was_told_late_is_in_the_next_bulletin(load: Any) -> None:
    load()
    bulletins = list(Bulletin.objects.published(THURSDAY))
    shelf = Shelf(bulletins, THURSDAY)
    late = {one.date: [news.incident.plain_title for news in shelf.late(one)] for one in bulletins}
    told = {day: titles for day, titles in late.items() if titles}
    newest = max(told)
    assert told.pop(newest) == ["Slow DNS answers in LAX"]
    assert told == {
        date(2024, 4, 27): ["Power feed lost in GRU"],
        date(2024, 5, 18): ["A host in CDG forgets half of its routes"],
        date(2024, 6, 22): ["Host ord-57 is lost"],
        date(2024, 7, 13): ["Managed Redis loses its quorum in IAD"],
    }


def test_links_code_and_long_ones_are_shown(load: Any) -> None:
    load()
    public = Incident.objects.public(THURSDAY)
    assert public.filter(title__contains="`").count() >= 2
    assert public.exclude(status_url="").filter(status_posted_at=None).count() == 0
    assert public.exclude(related=None).exists()
    article = Article.objects.published(THURSDAY).get()
    linked = public.exclude(postmortem_url="").get()
    assert linked.postmortem_url == settings.SITE_URL + article.get_absolute_url()
    assert list(article.incidents.all()) == [linked]
    lengths = [one.length for one in public if one.length]
    assert max(lengths) > timedelta(hours=24)
    assert sum(length > timedelta(hours=8) for length in lengths) >= 2


def test_the_article_has_code_a_table_a_footnote_and_a_stored_picture(
    load: Any, client: Any
) -> None:
    load()
    article = Article.objects.published(THURSDAY).get()
    for part in ('<code class="language-go">', "<table>", "footnote-ref", '<img src="/'):
        assert part in article.body_html
    assert 'alt="Line chart' in article.body_html
    picture = article.body_html.split('<img src="')[1].split('"')[0]
    assert default_storage.exists(f"uploads/{picture.rpartition('/')[2]}")
    assert client.get(picture)["Content-Type"] == "image/png"


def test_all_of_it_would_pass_the_editors_forms(load: Any) -> None:
    load()
    refused = {}
    for one in (*Bulletin.objects.all(), *Article.objects.all(), *Incident.objects.all()):
        try:
            one.full_clean()
        except ValidationError as error:
            refused[str(one)] = error.message_dict
    assert not refused


def test_the_links_between_pages_lead_somewhere(load: Any, client: Any) -> None:
    load()
    body = Bulletin.objects.get(date=date(2024, 5, 25)).essay_html
    address = body.split('<a href="')[1].split('"')[0]
    assert client.get(address).status_code == 200


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
