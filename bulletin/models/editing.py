"""Autosaves, which are neither content nor history."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AutosaveQuerySet(models.QuerySet["Autosave"]):
    """What can be asked of the texts that wait to be saved."""

    def open(self) -> Self:
        """Neither saved nor discarded."""
        return self.filter(closed_at=None)

    def close(self, at: datetime) -> int:
        """Delete what was typed, and remember that it is closed."""
        return self.open().update(closed_at=at, fields={})


class Autosave(models.Model):
    """What an editor typed on one page of the admin and has not saved yet.

    `fields` holds the form as a browser would send it: {name: [value, …]}. `key` is the page's
    own, made when it was opened, so that two tabs never write over each other.
    """

    key = models.UUIDField(primary_key=True, default=uuid.uuid4)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("editor")
    )
    model = models.CharField(max_length=100, help_text=_("Its label, such as bulletin.article."))
    object_id = models.CharField(max_length=40, blank=True, help_text=_("Empty on an add page."))
    fields = models.JSONField(default=dict)
    typed_at = models.DateTimeField(default=timezone.now, db_index=True)
    closed_at = models.DateTimeField(
        null=True,
        db_index=True,
        help_text=_("When it was saved or discarded; browsers that hold it forget it then."),
    )

    objects = AutosaveQuerySet.as_manager()

    class Meta:
        verbose_name = _("autosave")
        verbose_name_plural = _("autosaves")
        indexes = [models.Index(fields=["user", "model", "object_id"], name="autosave_page")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}".strip()
