"""The week's draft: made once, added to, and never written over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from bulletin import drafting, publishing
from bulletin.drafting import AlreadyDecided, draft_week, next_period, tasks, uncovered
from bulletin.models import Author, Bulletin, BulletinQuerySet, Status
from incidents import weeks
from incidents.weeks import Period
from tests.factories import PUBLISHED, WEEK, make_bulletin, make_incident

pytestmark = pytest.mark.django_db

# Monday, July 8, 2024, nine in the morning in New York.
MONDAY = datetime(2024, 7, 8, 13, tzinfo=UTC)
LONG = "A switch dropped packets for a while, and nobody knew which of the two it was until noon."
TYPED = ("title", "intro", "essay", "essay_heading", "period_first", "period_last", "date")


def whole(**overrides: Any) -> Any:
    return make_incident(**{"regions": "GRU", "body": LONG, "publish_at": None} | overrides)


# The draft ----------------------------------------------------------------------------


def test_the_draft_covers_the_last_full_week_and_has_its_last_day_as_date() -> None:
    bulletin, is_new = draft_week(MONDAY)
    assert is_new
    assert (bulletin.date, bulletin.period) == (date(2024, 7, 6), Period(*WEEK.values()))
    assert bulletin.status == Status.DRAFT
    assert bulletin.essay_heading == "This week in infra engineering"
    assert (bulletin.title, bulletin.essay) == ("", "")


def test_a_skipped_week_is_covered_too() -> None:
    make_bulletin(
        date=date(2024, 6, 22), period_first=date(2024, 6, 16), period_last=date(2024, 6, 22)
    )
    assert draft_week(MONDAY)[0].period == Period(date(2024, 6, 23), date(2024, 7, 6))


def test_once_the_last_week_is_published_the_running_one_is_drafted() -> None:
    make_bulletin()
    bulletin, _is_new = draft_week(MONDAY)
    assert (bulletin.date, bulletin.period_first) == (date(2024, 7, 13), date(2024, 7, 7))


@pytest.mark.parametrize(
    ("at", "last"),
    [
        ("2024-07-07T03:59+00:00", date(2024, 7, 6)),
        ("2024-07-06T03:59+00:00", date(2024, 6, 29)),
        ("2024-07-07T04:00+00:00", date(2024, 7, 6)),
    ],
)
def test_the_week_ends_at_midnight_of_the_site(at: str, last: date) -> None:
    assert next_period(datetime.fromisoformat(at)).last == last


def test_a_date_that_is_published_is_refused() -> None:
    make_bulletin(period_first=date(2024, 6, 2), period_last=date(2024, 6, 8))
    with pytest.raises(AlreadyDecided, match="The bulletin of 2024-07-06 is published"):
        draft_week(MONDAY)
    assert Bulletin.objects.count() == 1


def test_a_draft_that_touches_the_period_is_used_and_nothing_typed_is_touched() -> None:
    draft = make_bulletin(
        date=date(2024, 7, 5),
        period_first=date(2024, 7, 1),
        period_last=date(2024, 7, 5),
        title="  Racks  ",
        intro="Hello\r\n\r\n",
        essay="# Mine \n",
        essay_heading="",
        status=Status.DRAFT,
        publish_at=None,
    )
    draft.authors.add(Author.objects.create(name="Ana"))
    whole(impact=None)
    typed = {name: getattr(draft, name) for name in TYPED}
    bulletin, is_new = draft_week(MONDAY)
    assert (bulletin.pk, is_new) == (draft.pk, False)
    bulletin.refresh_from_db()
    assert {name: getattr(bulletin, name) for name in TYPED} == typed
    assert [author.name for author in bulletin.authors.all()] == ["Ana"]


# What is left -------------------------------------------------------------------------


def test_every_gap_of_an_incident_is_left_in_time_order_and_leads_to_its_row() -> None:
    slow = make_incident(
        title="Slow `du`",
        minutes=None,
        impact=None,
        body="Soon.",
        started_at=datetime(2024, 7, 3, 19, tzinfo=UTC),
        proposed=["kind"],
    )
    lost = whole(impact=None)
    make_incident(title="Of another week", impact=None, started_at=MONDAY)
    bulletin, _is_new = draft_week(MONDAY)
    left = list(tasks(bulletin))
    assert [task.sentence for task in left] == [
        "Set the impact of “Packet loss”",
        "Confirm the suggestions for “Slow du”",
        "Enter the length of “Slow du”",
        "Set the impact of “Slow du”",
        "Name the region of “Slow du”",
        "Write up “Slow du”",
        "Write the essay",
    ]
    page = f"/admin/bulletin/bulletin/{bulletin.pk}/change/"
    assert left[0].link == f"{page}#incident-{lost.pk}-impact"
    assert left[1].link == f"{page}#incident-{slow.pk}-confirmed"
    assert left[-1].link == f"{page}#id_essay"


def test_nothing_is_left_of_a_whole_week() -> None:
    whole()
    assert list(tasks(make_bulletin(status=Status.DRAFT, publish_at=None))) == []


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_draft(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other press comes in just after this one has looked for a draft."""
    stock = Bulletin.objects.get_or_create

    def late(**kwargs: Any) -> Any:
        Bulletin.objects.create(date=kwargs["date"], **kwargs["defaults"])
        return stock(**kwargs)

    monkeypatch.setattr(Bulletin.objects, "get_or_create", late)
    bulletin, _is_new = draft_week(MONDAY)
    assert Bulletin.objects.get() == bulletin


# Days that none covers ----------------------------------------------------------------


def test_days_without_a_bulletin_are_told_up_to_the_last_full_week() -> None:
    make_bulletin()
    make_bulletin(
        date=date(2024, 7, 20),
        period_first=date(2024, 7, 14),
        period_last=date(2024, 7, 20),
        publish_at=PUBLISHED + timedelta(days=400),
    )
    assert uncovered(date(2024, 7, 29)) == [
        Period(date(2024, 7, 7), date(2024, 7, 13)),
        Period(date(2024, 7, 21), date(2024, 7, 27)),
    ]


def bulletins_of(years: int) -> None:
    sunday = date(2024, 6, 30)
    Bulletin.objects.bulk_create(
        Bulletin(
            date=first + timedelta(days=6),
            period_first=first,
            period_last=first + timedelta(days=6),
            status=Status.PUBLISHED,
            publish_at=PUBLISHED,
        )
        for first in (sunday - timedelta(weeks=number) for number in range(52 * years))
    )


def test_uncovered_days_are_looked_for_among_the_newest_bulletins_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[int] = []
    monkeypatch.setattr(weeks, "uncovered", lambda periods, until: read.append(len(periods)))
    for years in (3, 5):
        Bulletin.objects.all().delete()
        bulletins_of(years)
        uncovered(date(2024, 7, 20))
    assert read == [drafting.NEWEST] * 2


def test_publishing_locks_no_bulletin_of_another_week(monkeypatch: pytest.MonkeyPatch) -> None:
    bulletins_of(1)
    post = make_bulletin(
        date=date(2024, 7, 13), period_first=date(2024, 7, 7), period_last=date(2024, 7, 13)
    )
    locked: list[int] = []
    overlapping = BulletinQuerySet.overlapping

    def counted(self: BulletinQuerySet, period: weeks.Period) -> Any:
        rows = overlapping(self, period)
        locked.append(rows.count())
        return rows

    monkeypatch.setattr(BulletinQuerySet, "overlapping", counted)
    publishing.sync_publication(post, PUBLISHED)
    assert max(locked) == 1
    plan = Bulletin.objects.scheduled_or_published().filter(date__lt=post.date).by_period()
    assert "TEMP B-TREE" not in plan.explain() or connection.vendor != "sqlite"
