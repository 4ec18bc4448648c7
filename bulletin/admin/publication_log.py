"""What editors did to what readers see, kept in the admin's own log.

A deed is a word beside the message of the log entry, so that it reads the same in every language.
"""

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


class Deed(models.TextChoices):
    """Values are stored; `mark` is the text by which a log entry's message is known."""

    PUBLISHED = "published", _("published")
    SCHEDULED = "scheduled", _("scheduled")
    TAKEN_BACK = "taken_back", _("taken back to draft")
    NEWS = "news", _("told to subscribers")
    TOLD = "told", _("told")
    WITHDRAWN = "withdrawn", _("made private again")

    @property
    def mark(self) -> str:
        return f'"deed": "{self.value}"'


def record(request: HttpRequest, rows: Sequence[models.Model], deed: Deed) -> None:
    field = "told" if deed in {Deed.TOLD, Deed.WITHDRAWN} else "status"
    message = [{"changed": {"fields": [field]}, "deed": deed.value}]
    log: Any = LogEntry.objects
    log.log_actions(request.user.pk, rows, CHANGE, message)


def keep(incidents: Sequence[Incident]) -> None:
    """What was told or withdrawn is part of the revision being made, if there is one."""
    if reversion.is_active():
        for one in Incident.objects.filter(pk__in=[one.pk for one in incidents]):
            reversion.add_to_revision(one)


def sync_publication(request: HttpRequest, post: Post, at: datetime) -> list[Incident]:
    """`publishing.sync_publication` by the request's user."""
    before = post.incidents_publish_at
    told = publishing.sync_publication(post, at)
    keep(told)
    if post.incidents_publish_at is None and before is not None:
        record(request, [post], Deed.TAKEN_BACK)
    elif post.incidents_publish_at is not None and post.incidents_publish_at != before:
        record(
            request, [post], Deed.PUBLISHED if post.incidents_publish_at <= at else Deed.SCHEDULED
        )
    return told
