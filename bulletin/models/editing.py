"""Autosaves and review links, which are neither content nor history."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bulletin.models.post import Post


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


class ReviewLinkQuerySet(models.QuerySet["ReviewLink"]):
    """What can be asked of review links."""

    def open(self, at: datetime) -> Self:
        """Those that still show their draft; ReviewLink.is_open is the same rule for one."""
        return self.filter(expires_at__gt=at)


class ReviewLink(models.Model):
    """An address under which people without an account may read one draft until it expires."""

    uid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bulletin = models.ForeignKey(
        "bulletin.Bulletin", models.CASCADE, null=True, blank=True, related_name="review_links"
    )
    article = models.ForeignKey(
        "bulletin.Article", models.CASCADE, null=True, blank=True, related_name="review_links"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), db_index=True)

    objects = ReviewLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        verbose_name = _("review link")
        verbose_name_plural = _("review links")
        constraints = [
            models.CheckConstraint(
                name="review_link_of_one_post",
                condition=Q(bulletin__isnull=False, article__isnull=True)
                | Q(bulletin__isnull=True, article__isnull=False),
                violation_error_message=_("A review link shows one post."),
            )
        ]

    def __str__(self) -> str:
        return str(self.post)

    @property
    def post(self) -> Post:
        post = self.bulletin or self.article
        assert post is not None  # noqa: S101  # the constraint says so
        return post

    def is_open(self, at: datetime) -> bool:
        return self.expires_at > at
