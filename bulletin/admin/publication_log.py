"""Publishing and unpublishing in the admin's log of changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import reversion
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bulletin import publishing
from bulletin.models import Post
from incidents.models import Incident


class Action(models.TextChoices):
    """Stored as `action` in the message of a log entry."""

    PUBLISHED = "published", _("published")
    SCHEDULED = "scheduled", _("scheduled")
    UNPUBLISHED = "unpublished", _("unpublished")
    NOTIFIED = "notified", _("sent to subscribers")
    INCIDENT_PUBLISHED = "incident_published", _("published")
    INCIDENT_UNPUBLISHED = "incident_unpublished", _("unpublished")


def record(request: HttpRequest, rows: Sequence[models.Model], action: Action) -> None:
    field = (
        "published"
        if action in {Action.INCIDENT_PUBLISHED, Action.INCIDENT_UNPUBLISHED}
        else "status"
    )
    message = [{"changed": {"fields": [field]}, "action": action.value}]
    log: Any = LogEntry.objects
    log.log_actions(request.user.pk, rows, CHANGE, message)


def add_to_revision(incidents: Sequence[Incident]) -> None:
    if reversion.is_active():
        pks = [incident.pk for incident in incidents]
        for incident in Incident.objects.filter(pk__in=pks):
            reversion.add_to_revision(incident)


def sync_and_log(request: HttpRequest, post: Post, at: datetime) -> list[Incident]:
    before = post.incidents_publish_at
    published = publishing.sync_publication(post, at)
    add_to_revision(published)
    if post.incidents_publish_at is None and before is not None:
        record(request, [post], Action.UNPUBLISHED)
    elif post.incidents_publish_at is not None and post.incidents_publish_at != before:
        record(
            request,
            [post],
            Action.PUBLISHED if post.incidents_publish_at <= at else Action.SCHEDULED,
        )
    return published
