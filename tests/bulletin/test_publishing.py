from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from bulletin import publishing
from bulletin.models import Bulletin, Status
from bulletin.week import BulletinData
from incidents.models import Addendum, Incident
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def told(incident: Incident) -> datetime | None:
    incident.refresh_from_db()
    return incident.publish_at


def test_publishing_tells_the_untold_incidents_of_its_period_and_no_others() -> None:
    inside = make_incident(publish_at=None)
    before = make_incident(publish_at=None, started_at=datetime(2024, 6, 30, 3, 59, tzinfo=UTC))
    already = make_incident(publish_at=PUBLISHED - HOUR)
    make_bulletin()
    assert told(inside) == PUBLISHED
    assert told(before) is None
    assert told(already) == PUBLISHED - HOUR


def test_a_draft_tells_nothing() -> None:
    incident = make_incident(publish_at=None)
    make_bulletin(status=Status.DRAFT, publish_at=None)
    assert told(incident) is None


def test_rescheduling_moves_exactly_what_the_post_told() -> None:
    mine = make_incident(publish_at=None)
    earlier = make_incident(publish_at=PUBLISHED - HOUR)
    bulletin = make_bulletin(publish_at=PUBLISHED + 5 * HOUR)
    moved_since = make_incident(publish_at=None, title="Told early by hand")
    publishing.sync_publication(bulletin, PUBLISHED)
    Incident.objects.filter(pk=moved_since.pk).update(publish_at=PUBLISHED + HOUR)
    bulletin.publish_at = PUBLISHED + 9 * HOUR
    bulletin.save()
    publishing.sync_publication(bulletin, PUBLISHED)
    assert told(mine) == PUBLISHED + 9 * HOUR
    assert told(earlier) == PUBLISHED - HOUR
    assert told(moved_since) == PUBLISHED + HOUR


def test_unpublishing_clears_exactly_what_the_post_told() -> None:
    mine = make_incident(publish_at=None)
    earlier = make_incident(publish_at=PUBLISHED - HOUR)
    bulletin = make_bulletin()
    bulletin.status = Status.DRAFT
    publishing.sync_publication(bulletin, PUBLISHED + HOUR)
    assert told(mine) is None
    assert told(earlier) == PUBLISHED - HOUR
    assert bulletin.publish_at is None


def test_settling_twice_changes_nothing() -> None:
    make_incident(publish_at=None)
    bulletin = make_bulletin()
    rows = list(Incident.objects.values())
    assert publishing.sync_publication(bulletin, PUBLISHED + HOUR) == []
    assert list(Incident.objects.values()) == rows


def test_an_incident_added_to_a_published_week_stays_private_until_told() -> None:
    bulletin = make_bulletin()
    late = make_incident(publish_at=None)
    publishing.sync_publication(bulletin, PUBLISHED + HOUR)
    assert told(late) is None
    assert publishing.publish_incidents([late], PUBLISHED + 2 * HOUR) == 1
    assert told(late) == PUBLISHED + 2 * HOUR
    assert publishing.publish_incidents([late], PUBLISHED + 3 * HOUR) == 0
    assert told(late) == PUBLISHED + 2 * HOUR


def test_an_incident_added_to_a_scheduled_week_is_told_with_it_at_the_next_save() -> None:
    bulletin = make_bulletin(publish_at=PUBLISHED + 5 * HOUR)
    added = make_incident(publish_at=None)
    publishing.sync_publication(bulletin, PUBLISHED)
    assert told(added) == PUBLISHED + 5 * HOUR


def test_a_scheduled_bulletin_lets_go_of_what_leaves_its_period() -> None:
    incident = make_incident(publish_at=None)
    bulletin = make_bulletin(publish_at=PUBLISHED + 5 * HOUR)
    bulletin.period_first = date(2024, 7, 3)
    bulletin.save()
    publishing.sync_publication(bulletin, PUBLISHED)
    assert told(incident) is None


def test_an_empty_hour_is_now() -> None:
    bulletin = Bulletin(
        date=date(2024, 7, 6), period_first=date(2024, 6, 30), period_last=date(2024, 7, 6)
    )
    bulletin.save()
    bulletin.status = Status.PUBLISHED
    publishing.sync_publication(bulletin, PUBLISHED)
    assert bulletin.publish_at == PUBLISHED


@pytest.mark.parametrize("shift", [timedelta(microseconds=-1), timedelta(0)])
def test_the_rule_of_published_is_the_same_for_a_set_and_for_one(shift: timedelta) -> None:
    bulletin = make_bulletin()
    at = PUBLISHED + shift
    assert Bulletin.objects.published(at).exists() is bulletin.is_public(at)
    assert bulletin.is_public(at) is (shift >= timedelta(0))


def test_an_article_tells_its_incidents() -> None:
    incident = make_incident(publish_at=None)
    make_article(incidents=[incident])
    assert told(incident) == PUBLISHED


def test_whichever_post_is_public_first_tells_an_incident() -> None:
    incident = make_incident(publish_at=None)
    make_bulletin(publish_at=PUBLISHED + 24 * HOUR)
    article = make_article(incidents=[incident])
    assert told(incident) == PUBLISHED
    article.status = Status.DRAFT
    publishing.sync_publication(article, PUBLISHED + HOUR)
    assert told(incident) is None


def test_a_scheduled_article_leaves_no_incident_out_of_a_published_bulletin() -> None:
    incident = make_incident(publish_at=None)
    article = make_article(incidents=[incident], publish_at=PUBLISHED + 240 * HOUR)
    publishing.sync_publication(article, PUBLISHED)
    make_bulletin()
    assert told(incident) == PUBLISHED
    publishing.sync_publication(article, PUBLISHED + HOUR)
    assert told(incident) == PUBLISHED


def test_a_scheduled_incident_can_be_told_now() -> None:
    incident = make_incident(publish_at=PUBLISHED + 24 * HOUR)
    assert publishing.publish_incidents([incident], PUBLISHED) == 1
    assert told(incident) == PUBLISHED


def test_an_address_outlives_withdrawal() -> None:
    incident = make_incident(publish_at=None)
    bulletin = make_bulletin()
    bulletin.status = Status.DRAFT
    publishing.sync_publication(bulletin, PUBLISHED + HOUR)
    incident.refresh_from_db()
    before, incident.title = incident.slug, "Another name"
    incident.save()
    assert incident.slug == before


def test_a_draft_keeps_the_hour_that_was_typed() -> None:
    bulletin = make_bulletin(status=Status.DRAFT, publish_at=PUBLISHED + HOUR)
    assert bulletin.publish_at == PUBLISHED + HOUR


def test_published_periods_do_not_overlap() -> None:
    make_bulletin()
    other = Bulletin(
        date=date(2024, 7, 13),
        period_first=date(2024, 7, 6),
        period_last=date(2024, 7, 13),
        status=Status.PUBLISHED,
        publish_at=PUBLISHED,
    )
    with pytest.raises(ValidationError, match="2024-07-06") as refused:
        other.full_clean()
    assert set(refused.value.message_dict) == {"period_first"}
    other.save()
    with pytest.raises(publishing.OverlapError):
        publishing.sync_publication(other, PUBLISHED)


def test_a_draft_may_overlap() -> None:
    make_bulletin()
    other = Bulletin(
        date=date(2024, 7, 13), period_first=date(2024, 7, 6), period_last=date(2024, 7, 13)
    )
    other.full_clean()
    other.save()
    assert publishing.sync_publication(other, PUBLISHED) == []
    assert other.find_overlap() is not None


def test_the_database_refuses_a_published_post_without_its_hour() -> None:
    with pytest.raises(IntegrityError, match="bulletin_published_at_an_hour"):
        Bulletin.objects.create(
            date=date(2024, 7, 6),
            period_first=date(2024, 6, 30),
            period_last=date(2024, 7, 6),
            status=Status.PUBLISHED,
        )


def test_late_and_corrected_holds_what_was_told_since_the_previous_bulletin() -> None:
    old = make_incident(started_at=datetime(2024, 7, 2, 12, tzinfo=UTC))
    make_bulletin()
    week = timedelta(days=7)
    bulletin = make_bulletin(
        date=date(2024, 7, 13),
        period_first=date(2024, 7, 7),
        period_last=date(2024, 7, 13),
        publish_at=PUBLISHED + week,
    )
    late = make_incident(publish_at=PUBLISHED + HOUR)
    after = make_incident(publish_at=PUBLISHED + week + HOUR)
    addendum = Addendum.objects.create(incident=old, body="Two.", publish_at=PUBLISHED + HOUR)
    Addendum.objects.create(incident=old, body="Three.", publish_at=PUBLISHED + week + HOUR)
    news = BulletinData([bulletin], PUBLISHED + 2 * week).late(bulletin)
    assert [(one.incident, one.addendum) for one in news] == [(old, addendum), (late, None)]
    assert after.is_public(PUBLISHED + 2 * week)


def test_headings_keep_their_anchors_after_publication() -> None:
    bulletin = make_bulletin(essay="## Moving racks\n\nOne.\n\n## Alerts\n\nTwo.")
    bulletin.essay = "## Moving the racks\n\nOne.\n\n## Alerts\n\nTwo.\n\n## New\n\nThree."
    bulletin.save()
    assert 'id="alerts"' in bulletin.essay_html
    assert 'id="moving-racks"' in bulletin.essay_html
    assert 'id="new"' in bulletin.essay_html


def test_headings_of_a_draft_are_named_anew() -> None:
    bulletin = make_bulletin(status=Status.DRAFT, publish_at=None, essay="## Racks")
    bulletin.essay = "## Switches"
    bulletin.save()
    assert 'id="switches"' in bulletin.essay_html
