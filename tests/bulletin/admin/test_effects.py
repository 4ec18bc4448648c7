from __future__ import annotations

from datetime import date, timedelta

import pytest

from bulletin import publishing
from bulletin.effects import publish_effects, unpublish_effects
from bulletin.models import Bulletin, Status
from tests.factories import PUBLISHED, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ADDRESS = "http://127.0.0.1:8000/2024-07-06/"


def draft() -> Bulletin:
    return make_bulletin(status=Status.DRAFT, publish_at=None)


def test_publishing_now_names_the_address_the_incidents_and_the_entry() -> None:
    make_incident(publish_at=None)
    make_incident(publish_at=PUBLISHED - HOUR)
    assert publish_effects(draft(), PUBLISHED, PUBLISHED) == [
        f"Readers see it at once, at {ADDRESS}.",
        "It becomes the home page and is in the archive.",
        "It has 2 incidents.",
        "1 incident is published with it.",
        "1 is public already.",
        "Subscribers get a new entry.",
    ]


def test_an_older_week_is_not_the_home_page() -> None:
    later = {"period_first": date(2024, 7, 7), "period_last": date(2024, 7, 13)}
    make_bulletin(date=date(2024, 7, 13), title="Newer", **later)
    sentences = publish_effects(draft(), PUBLISHED, PUBLISHED)
    assert "the home page remains Newer" in " ".join(sentences)


def test_a_schedule_names_the_time_with_its_zone_and_the_wait() -> None:
    first = publish_effects(draft(), PUBLISHED + 26 * HOUR, PUBLISHED)[0].replace("\xa0", " ")
    assert first == (
        f"Readers see it from Monday, July 8, 2024, 14:00 EDT on (in 1 day, 2 hours), at {ADDRESS}."
    )


def test_what_publishing_will_publish_is_what_it_then_publishes() -> None:
    for publish_at in (None, PUBLISHED - HOUR, PUBLISHED + HOUR, PUBLISHED + 9 * HOUR):
        make_incident(publish_at=publish_at)
    post = make_bulletin(publish_at=PUBLISHED + 5 * HOUR)
    sentences = publish_effects(post, PUBLISHED + 2 * HOUR, PUBLISHED)
    assert "2 incidents are published with it." in sentences
    post.publish_at = PUBLISHED + 2 * HOUR
    publishing.sync_publication(post, PUBLISHED)
    assert publishing.incidents_published_by(post).count() == 2


def test_unpublishing_counts_exactly_what_goes_private() -> None:
    make_incident(publish_at=None)
    make_incident(publish_at=PUBLISHED - HOUR)
    post = make_bulletin()
    assert unpublish_effects(post, PUBLISHED + HOUR) == [
        f"Its address gives 404: {ADDRESS}.",
        "1 incident becomes private.",
        "Its entry leaves the feeds; copies that subscribers fetched remain.",
    ]
    post.status = Status.DRAFT
    publishing.sync_publication(post, PUBLISHED + HOUR)
    again = publish_effects(post, PUBLISHED + 2 * HOUR, PUBLISHED + 2 * HOUR)
    assert "Subscribers had its entry before" in again[-1]


def test_a_schedule_that_is_taken_back_was_seen_by_nobody() -> None:
    sentences = unpublish_effects(make_bulletin(publish_at=PUBLISHED + 5 * HOUR), PUBLISHED)
    assert sentences[0] == "It is not published on its date."
    assert sentences[-1] == "Subscribers have seen nothing of it."


def test_a_late_incident_joins_its_week_and_the_next_late_reports() -> None:
    make_bulletin(title="That week")
    incident = make_incident(publish_at=None)
    sentences = " ".join(publish_effects(incident, PUBLISHED + HOUR, PUBLISHED + HOUR))
    assert f"/incidents/{incident.slug}/" in sentences
    assert "“That week”, published already, lists it" in sentences
    assert "Late reports and corrections" in sentences
    assert "as updated" in sentences


def test_an_incident_of_a_week_to_come_waits_for_its_bulletin() -> None:
    incident = make_incident(publish_at=None)
    sentences = publish_effects(incident, PUBLISHED, PUBLISHED)
    assert "lists it when that is published" in " ".join(sentences)
    make_bulletin(title="Soon", publish_at=PUBLISHED + HOUR)
    sentences = publish_effects(incident, PUBLISHED, PUBLISHED)
    assert "“Soon” lists it, too, and is published Sunday, July 7, 2024, 13:00 EDT." in sentences
    assert "Late reports and corrections" not in " ".join(sentences)


def test_unpublishing_an_incident_says_what_stays() -> None:
    incident = make_incident()
    make_bulletin(title="That week")
    sentences = " ".join(unpublish_effects(incident, PUBLISHED + HOUR))
    assert "gives 404" in sentences
    assert "It leaves “That week”" in sentences
    assert "fetched remain" in sentences
