from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from bulletin.models import Article, Status
from tests.factories import make_article, make_editor, make_incident

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def actions() -> list[str]:
    messages = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    return [
        message.split('"action": "')[1].rstrip('"}]') for message in messages if "action" in message
    ]


def act(staff: Client, model: str, action: str, row: Any) -> None:
    staff.post(f"/admin/{model}/", {"action": action, "_selected_action": [row.pk]})


def save(staff: Client, article: Article, **fields: str) -> None:
    at = timezone.localtime(article.publish_at) if article.publish_at else None
    form = {"title": article.title, "body": article.body, "slug": article.slug} | {
        "publish_at_0": f"{at:%Y-%m-%d}" if at else "",
        "publish_at_1": f"{at:%H:%M:%S}" if at else "",
    }
    answer = staff.post(f"/admin/bulletin/article/{article.pk}/change/", form | fields)
    assert answer.status_code == 302


def test_what_a_save_publishes_is_logged_once(staff: Client) -> None:
    article = make_article(status=Status.DRAFT, publish_at=None)
    save(staff, article)
    save(staff, article, _publish_now="1")
    article.refresh_from_db()
    save(staff, article, body="Another switch.")
    save(staff, article, notify_subscribers="on")
    save(staff, article, _unpublish="1")
    assert actions() == ["published", "notified", "unpublished"]


def test_an_hour_to_come_is_logged_as_scheduled(staff: Client) -> None:
    article = make_article(status=Status.DRAFT, publish_at=None)
    save(staff, article, _schedule="1", publish_at_0="2099-07-07", publish_at_1="12:00:00")
    assert actions() == ["scheduled"]


def test_actions_on_posts_are_logged(staff: Client) -> None:
    article = make_article(publish_at=timezone.now() + timedelta(days=1))
    act(staff, "bulletin/article", "publish_now", article)
    act(staff, "bulletin/article", "unpublish", article)
    act(staff, "bulletin/article", "unpublish", article)
    assert actions() == ["published", "unpublished"]


def test_telling_and_withdrawing_incidents_are_logged(staff: Client) -> None:
    private = make_incident(publish_at=None)
    act(staff, "incidents/incident", "publish_now", private)
    act(staff, "incidents/incident", "publish_now", private)
    act(staff, "incidents/incident", "unpublish", private)
    assert actions() == ["incident_published", "incident_unpublished"]
    assert LogEntry.objects.latest("pk").get_change_message() == "Changed published."
