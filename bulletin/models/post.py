"""What bulletins and articles share: authors, publication, headings."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents import markdown
from incidents.models import Incident
from incidents.querysets import IncidentQuerySet
from incidents.validators import SANE_INSTANTS, WebAddressField


class Author(models.Model):
    """Needs no account."""

    name = models.CharField(
        _("name"), max_length=100, unique=True, help_text=_("As posts show it.")
    )
    url = WebAddressField(
        _("address"), blank=True, help_text=_("A page that the name links to. Optional.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("author")
        verbose_name_plural = _("authors")

    def __str__(self) -> str:
        return self.name


class Status(models.TextChoices):
    """A published post is public from its `publish_at` on; before that it is scheduled."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")


PostT = TypeVar("PostT", bound="Post")


class PostQuerySet(models.QuerySet[PostT]):
    def published(self, at: datetime) -> Self:
        """Public at `at`; Post.is_public is the same rule for one."""
        return self.filter(status=Status.PUBLISHED, publish_at__lte=at)

    def scheduled_or_published(self) -> Self:
        return self.filter(status=Status.PUBLISHED)

    def with_authors(self) -> Self:
        return self.prefetch_related("authors")

    def newest_first(self) -> Self:
        return self.order_by("-publish_at", "-pk")


class Post(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField(
        _("status"),
        max_length=9,
        choices=Status,
        default=Status.DRAFT,
        help_text=_("Readers see a published post from its date on, and never a draft."),
    )
    publish_at = models.DateTimeField(
        _("publish at"),
        null=True,
        blank=True,
        db_index=True,
        validators=SANE_INSTANTS,
        help_text=_("In the site's time zone. Empty for now; a time to come schedules the post."),
    )
    authors = models.ManyToManyField(
        Author,
        verbose_name=_("authors"),
        blank=True,
        help_text=_("Shown on the page and in feeds. Optional."),
    )
    updated_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("The feeds' date of the last news; never moves back."),
    )
    headings = models.JSONField(
        default=list,
        editable=False,
        help_text=_("Text and anchor of every heading as of publication, so that links hold."),
    )
    published_incidents = models.ManyToManyField(Incident, related_name="+", editable=False)
    incidents_publish_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=_("The hour that this post last gave to the incidents that it published."),
    )
    edited_at = models.DateTimeField(auto_now=True)
    review_requested_at = models.DateTimeField(null=True, editable=False)
    review_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    review_key = models.UUIDField(
        default=uuid.uuid4,
        editable=False,
        help_text=_("Signs the links under which people without an account read the draft."),
    )
    # Not stored: the address of a review page that shows this row in place of its own.
    url_override = ""

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        """Never takes `updated_at` back, however old the row in hand is."""
        stored = type(self)._default_manager.filter(pk=self.pk).values_list("updated_at", flat=True)
        self.updated_at = max(filter(None, [self.updated_at, *stored]), default=None)
        super().save(**kwargs)

    def is_public(self, at: datetime) -> bool:
        return self.status == Status.PUBLISHED and (
            self.publish_at is not None and self.publish_at <= at
        )

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def plain_title(self) -> str:
        return markdown.strip_code(self.name)

    def state(self, at: datetime) -> str:
        if self.status == Status.DRAFT:
            return str(_("draft"))
        return str(_("published") if self.is_public(at) else _("scheduled"))

    def get_absolute_url(self) -> str:
        raise NotImplementedError

    def own_incidents(self) -> IncidentQuerySet[Incident]:
        raise NotImplementedError

    def _anchored(self, text: str) -> str:
        """`text` as HTML; its headings keep the anchors that a publication gave them."""
        fixed = [markdown.Heading(*pair) for pair in self.headings]
        rendered = markdown.render(text, markdown.ESSAY, fixed=fixed)
        if self.status == Status.PUBLISHED:
            self.headings = [[heading.text, heading.id] for heading in rendered.headings]
        return rendered.html


def publication_constraint(model: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        name=f"{model}_published_at_an_hour",
        condition=Q(status="draft") | Q(status="published", publish_at__isnull=False),
        violation_error_message=_("A published post needs its date and time."),
    )
