from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bulletin import publishing
from bulletin.admin.incidents import publish_effects, unpublish_effects
from bulletin.effects import button_effects, effects, odd_hour
from bulletin.models import Bulletin, Status
from tests.factories import PUBLISHED, make_article, make_bulletin, make_incident

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ADDRESS = "http://127.0.0.1:8000/2024-07-06/"


def draft() -> Bulletin:
    return make_bulletin(status=Status.DRAFT, publish_at=None)


def test_nobody_sees_a_draft() -> None:
    assert effects(draft(), PUBLISHED) == ["Readers and subscribers see nothing of a draft."]
    kept = make_article(status=Status.DRAFT, publish_at=PUBLISHED + HOUR)
    assert "nothing is published" in effects(kept, PUBLISHED)[-1]


def test_publishing_now_names_the_address_the_incidents_and_the_entry() -> None:
    make_incident(publish_at=None)
    make_incident(publish_at=PUBLISHED - HOUR)
    post = draft()
    ((button, sentences),) = button_effects(post, PUBLISHED)
    assert button == "Publish now"
    assert sentences == [
        f"Readers see it at once, at {ADDRESS}.",
        "It becomes the home page and is in the archive.",
        "It has 2 incidents.",
        "1 incident is published with it.",
        "1 is public already.",
        "Subscribers get a new entry.",
    ]
    assert post.status == Status.DRAFT


def test_an_older_week_is_not_the_home_page() -> None:
    later = {"period_first": date(2024, 7, 7), "period_last": date(2024, 7, 13)}
    make_bulletin(date=date(2024, 7, 13), title="Newer", **later)
    assert "the home page remains Newer" in " ".join(button_effects(draft(), PUBLISHED)[0][1])


def test_a_schedule_names_the_hour_with_its_zone_and_the_wait() -> None:
    post = draft()
    post.status, post.publish_at = Status.PUBLISHED, PUBLISHED + 26 * HOUR
    first = effects(post, PUBLISHED)[0].replace("\xa0", " ")
    assert first == (
        f"Readers see it from Monday, July 8, 2024, 14:00 EDT on (in 1 day, 2 hours), at {ADDRESS}."
    )


def test_what_publishing_will_tell_is_what_it_then_tells() -> None:
    for publish_at in (None, PUBLISHED - HOUR, PUBLISHED + HOUR, PUBLISHED + 9 * HOUR):
        make_incident(publish_at=publish_at)
    post = make_bulletin(publish_at=PUBLISHED + 5 * HOUR)
    post.publish_at = PUBLISHED + 2 * HOUR
    assert "2 incidents are published with it." in effects(post, PUBLISHED)
    publishing.sync_publication(post, PUBLISHED)
    assert publishing.incidents_published_by(post).count() == 2


def test_an_hour_that_the_clocks_show_twice_says_which_is_meant() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert "show 01:30 twice that night: the first is meant, EDT" in odd_hour(first)
    assert "the second is meant, EST" in odd_hour(first + HOUR)
    assert odd_hour(first + 2 * HOUR) == ""


def test_an_hour_that_the_clocks_skip_says_which_is_meant() -> None:
    wall, meant = datetime(2026, 3, 8, 2, 30), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # noqa: DTZ001
    assert odd_hour(meant, wall) == "The clocks skip 02:30 that night: 03:30 EDT is meant."
    assert odd_hour(meant) == ""


def test_an_edit_is_news_only_where_subscribers_are_told() -> None:
    post = make_bulletin()
    quiet, news = (effects(post, PUBLISHED + HOUR, notify=tell) for tell in (False, True))
    assert quiet[0] == news[0] == f"Readers see an edit at once, at {ADDRESS}."
    assert "not notified" in quiet[1]
    assert "as updated" in news[1]


def test_taking_back_counts_exactly_what_goes_private() -> None:
    make_incident(publish_at=None)
    make_incident(publish_at=PUBLISHED - HOUR)
    post = make_bulletin()
    ((button, sentences),) = button_effects(post, PUBLISHED + HOUR)
    assert button == "Unpublish"
    assert sentences == [
        f"Its address gives 404: {ADDRESS}.",
        "1 incident becomes private.",
        "Its entry leaves the feeds; copies that subscribers fetched remain.",
    ]
    post.status = Status.DRAFT
    publishing.sync_publication(post, PUBLISHED + HOUR)
    post.status = Status.PUBLISHED
    assert "Subscribers had its entry before" in effects(post, PUBLISHED + 2 * HOUR)[-1]


def test_a_schedule_that_is_taken_back_was_seen_by_nobody() -> None:
    post = make_bulletin(publish_at=PUBLISHED + 5 * HOUR)
    (_now, (_button, sentences)) = button_effects(post, PUBLISHED)
    assert sentences[0] == "It is not published on its date."
    assert sentences[-1] == "Subscribers have seen nothing of it."


def test_moving_a_public_post_to_an_hour_to_come_takes_it_from_readers() -> None:
    post = make_bulletin()
    post.publish_at = PUBLISHED + 9 * HOUR
    assert "Until then its address gives 404" in effects(post, PUBLISHED + HOUR)[0]


def test_a_late_incident_joins_its_week_and_the_next_late_and_corrected() -> None:
    make_bulletin(title="That week")
    incident = make_incident(publish_at=None)
    said = " ".join(publish_effects(incident, PUBLISHED + HOUR))
    assert f"/incidents/{incident.slug}/" in said
    assert "“That week”, published already, lists it" in said
    assert "Late reports and corrections" in said
    assert "as updated" in said


def test_an_incident_of_a_week_to_come_waits_for_its_bulletin() -> None:
    incident = make_incident(publish_at=None)
    assert "lists it when that is published" in " ".join(publish_effects(incident, PUBLISHED))
    make_bulletin(title="Soon", publish_at=PUBLISHED + HOUR)
    said = " ".join(publish_effects(incident, PUBLISHED))
    assert "“Soon” lists it, too, and is published Sunday, July 7, 2024, 13:00 EDT." in said
    assert "Late reports and corrections" not in said


def test_withdrawing_says_what_stays() -> None:
    incident = make_incident()
    make_bulletin(title="That week")
    said = " ".join(unpublish_effects(incident, PUBLISHED + HOUR))
    assert "gives 404" in said
    assert "It leaves “That week”" in said
    assert "fetched remain" in said
