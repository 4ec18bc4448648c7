from __future__ import annotations

import socket
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bulletin import publishing
from bulletin.models import Status
from tests.factories import PUBLISHED, make_article, make_bulletin
from tests.websub.conftest import Hub
from websub import hub as hub_requests
from websub import outbox
from websub.models import Ping, State

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
FEEDS = [f"http://127.0.0.1:8000/{name}" for name in ("feed.xml", "rss.xml", "feed.json")]


def deliver(at: Any = PUBLISHED) -> list[Any]:
    return [ping.state for ping in outbox.deliver(at)]


def test_a_publication_is_one_request_that_names_the_three_feeds(hub: Hub) -> None:
    make_bulletin()
    assert deliver() == [State.SENT]
    assert deliver() == deliver(PUBLISHED + timedelta(hours=1)) == []
    sent = {"hub.mode": ["publish"], "hub.url": FEEDS, "hub.topic": FEEDS}
    assert hub.received == [sent]
    assert Ping.objects.get().answer == "204 No Content"


def test_each_post_has_its_own_oldest_first(hub: Hub) -> None:
    later = make_article(publish_at=PUBLISHED - MINUTE)
    earlier = make_bulletin(publish_at=PUBLISHED - 2 * MINUTE)
    assert [ping.uid for ping in outbox.deliver(PUBLISHED)] == [earlier.uid, later.uid]
    assert len(hub.received) == 2


def test_a_scheduled_post_is_told_from_its_hour_and_a_draft_never(hub: Hub) -> None:
    make_bulletin()
    make_article(status=Status.DRAFT, publish_at=None)
    assert deliver(PUBLISHED - timedelta(microseconds=1)) == []
    assert deliver(PUBLISHED) == [State.SENT]


def test_what_was_published_over_a_day_ago_is_no_news(hub: Hub) -> None:
    make_bulletin()
    assert deliver(PUBLISHED + timedelta(days=1)) == []
    assert deliver(PUBLISHED + timedelta(days=1) - MINUTE) == [State.SENT]


def test_a_sender_that_dies_before_the_answer_leaves_nothing_to_send(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_bulletin()

    def die(*_: Any) -> str:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(hub_requests, "ping", die)
        with pytest.raises(SystemExit):
            deliver()
    assert Ping.objects.get().state == State.CLAIMED
    assert deliver(PUBLISHED + timedelta(hours=1)) == []
    assert hub.received == []


def test_of_two_senders_one_has_it_at_first_and_at_a_retry() -> None:
    uid = make_bulletin().uid
    assert outbox.due(PUBLISHED) == [uid]
    assert outbox.claim(uid, PUBLISHED) is not None
    assert outbox.claim(uid, PUBLISHED) is None
    Ping.objects.update(state=State.FAILED, retry_at=PUBLISHED)
    again = outbox.claim(uid, PUBLISHED)
    assert again is not None
    assert again.attempts == 2
    assert outbox.claim(uid, PUBLISHED) is None


@pytest.mark.parametrize("status", [302, 404, 503])
def test_what_the_hub_refuses_is_told_again_after_growing_pauses(hub: Hub, status: int) -> None:
    make_bulletin()
    hub.status, hub.body = status, b"Try\0later. " * 1000
    assert deliver() == [State.FAILED]
    assert len(hub.received) == 1
    ping = Ping.objects.get()
    assert ping.answer.startswith(str(status))
    assert "Try later." in ping.answer
    assert len(ping.answer) <= 500
    assert deliver(PUBLISHED + MINUTE - timedelta(seconds=1)) == []
    assert deliver(PUBLISHED + MINUTE) == [State.FAILED]
    assert deliver(PUBLISHED + 2 * MINUTE) == []
    hub.status = 202
    assert deliver(PUBLISHED + 3 * MINUTE) == [State.SENT]
    assert deliver(PUBLISHED + timedelta(hours=2)) == []
    assert len(hub.received) == 3


def test_a_hub_that_is_down_is_asked_again_until_the_day_is_over(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        settings.WEBSUB_HUB = f"http://127.0.0.1:{free.getsockname()[1]}/"
    make_bulletin()
    minutes = [
        minute for minute in range(0, 2 * 24 * 60, 10) if deliver(PUBLISHED + minute * MINUTE)
    ]
    assert 20 < len(minutes) < 40
    assert minutes[-1] < 24 * 60


@pytest.mark.parametrize("ending", ["closed", "timeout"])
def test_a_hub_that_does_not_answer_is_not_told_again(
    hub: Hub, settings: Any, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    make_bulletin()
    hub.status = 0
    monkeypatch.setattr(hub_requests, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        if ending == "timeout":
            settings.WEBSUB_HUB = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert deliver() == [State.UNCLEAR]
    assert "no answer: " in Ping.objects.get().answer
    hub.status = 204
    assert deliver(PUBLISHED + timedelta(hours=2)) == []


def test_taken_back_moved_and_published_again_is_the_same_post(hub: Hub) -> None:
    bulletin = make_bulletin()
    assert deliver() == [State.SENT]
    bulletin.status = Status.DRAFT
    publishing.settle(bulletin, PUBLISHED)
    bulletin.status, bulletin.date = Status.PUBLISHED, date(2024, 7, 7)
    publishing.settle(bulletin, PUBLISHED + MINUTE)
    assert deliver(PUBLISHED + 2 * MINUTE) == []


def test_a_post_taken_back_while_the_hub_was_down_waits_until_it_is_public(hub: Hub) -> None:
    bulletin = make_bulletin()
    hub.status = 500
    assert deliver() == [State.FAILED]
    hub.status = 204
    bulletin.status = Status.DRAFT
    publishing.settle(bulletin, PUBLISHED)
    assert deliver(PUBLISHED + 5 * MINUTE) == []
    bulletin.status, bulletin.publish_at = Status.PUBLISHED, PUBLISHED + 9 * MINUTE
    publishing.settle(bulletin, PUBLISHED + 5 * MINUTE)
    assert deliver(PUBLISHED + 9 * MINUTE) == [State.SENT]


def test_the_command_says_what_it_did_and_fails_where_the_hub_did(hub: Hub) -> None:
    article = make_article(publish_at=timezone.now() - MINUTE)
    hub.status = 503
    with pytest.raises(CommandError, match="1 of the pings"):
        call_command("ping_hub", stdout=StringIO())
    Ping.objects.update(retry_at=timezone.now())
    hub.status = 204
    call_command("ping_hub", stdout=(said := StringIO()))
    assert said.getvalue() == f"The hub was told of {article.uid.urn}: 204 No Content\n"
    call_command("ping_hub", stdout=(silence := StringIO()))
    assert silence.getvalue() == ""
