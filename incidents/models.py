"""Incidents and their addenda."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from incidents import markdown
from incidents.choices import Gap, Impact, Kind, Precision, Scope
from incidents.durations import format_duration
from incidents.grid.shapes import Entry
from incidents.places import Region as Region
from incidents.places import Service as Service
from incidents.querysets import IncidentQuerySet
from incidents.site import default_zone, site_zone
from incidents.validators import (
    CONSTRAINTS,
    SANE_INSTANTS,
    WebAddressField,
    validate_body,
    validate_zone,
)

SLUG_LENGTH = 80
# Characters of a write-up's own words below which it says too little.
THIN = 80


def is_saved(field: str, save_arguments: dict[str, Any]) -> bool:
    names = save_arguments.get("update_fields")
    return names is None or field in names


class Incident(models.Model):
    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(
        _("title"), max_length=300, help_text=_("`Backticks` are code on pages, plain elsewhere.")
    )
    slug = models.SlugField(_("slug"), max_length=SLUG_LENGTH, unique=True, editable=False)
    started_at = models.DateTimeField(
        _("start"),
        db_index=True,
        validators=SANE_INSTANTS,
        help_text=_("The first effect on customers, in the zone given beside it."),
    )
    ended_at = models.DateTimeField(
        _("end"),
        null=True,
        blank=True,
        validators=SANE_INSTANTS,
        help_text=_("The last effect on customers; clean-up belongs in the text."),
    )
    precision = models.CharField(
        _("length is"),
        max_length=8,
        choices=Precision,
        default=Precision.UNKNOWN,
        help_text=_("How well the length is known; “ongoing” until it is over."),
    )
    zone = models.CharField(
        _("zone"),
        max_length=64,
        default=default_zone,
        validators=[validate_zone],
        help_text=_("The IANA zone in which its times are typed and shown."),
    )
    impact = models.PositiveSmallIntegerField(
        _("impact"),
        choices=Impact,
        null=True,
        blank=True,
        help_text=_("How much customers felt; empty until it is rated."),
    )
    scope = models.CharField(
        _("scope"), max_length=16, choices=Scope, blank=True, help_text=_("Whom it could affect.")
    )
    kind = models.CharField(
        _("kind"),
        max_length=16,
        choices=Kind,
        default=Kind.INCIDENT,
        help_text=_("What sort of event it was; maintenance and false alarms are published, too."),
    )
    regions = models.ManyToManyField(
        Region,
        verbose_name=_("regions"),
        blank=True,
        help_text=_("Where customers felt it; none where it has no place."),
    )
    services = models.ManyToManyField(
        Service,
        verbose_name=_("services"),
        blank=True,
        help_text=_("What broke: ours, or a partner's."),
    )
    body = MarkdownxField(
        _("write-up"),
        blank=True,
        validators=[validate_body],
        help_text=_("Markdown: what customers saw, why, and what was done."),
    )
    body_html = models.TextField(editable=False)
    related = models.ManyToManyField(
        "self",
        verbose_name=_("related incidents"),
        blank=True,
        help_text=_("Others with the same cause, or that this one follows; each links the other."),
    )
    postmortem_url = WebAddressField(
        _("post-mortem"),
        blank=True,
        help_text=_("The whole address of a post-mortem elsewhere, if there is one."),
    )
    status_url = WebAddressField(
        _("status page"),
        blank=True,
        help_text=_("The notice on the status page, if there was one."),
    )
    status_posted_at = models.DateTimeField(
        _("posted on the status page at"),
        null=True,
        blank=True,
        validators=SANE_INSTANTS,
        help_text=_("When that notice was posted, in the incident's zone."),
    )
    publish_at = models.DateTimeField(
        _("published"),
        null=True,
        blank=True,
        db_index=True,
        editable=False,
        help_text=_("Public from then on; empty while private."),
    )
    proposed = models.JSONField(
        default=list,
        editable=False,
        help_text=_("Names of fields that the importer suggested and no editor has confirmed yet."),
    )
    was_public = models.BooleanField(
        default=False,
        editable=False,
        help_text=_("Published once, so that readers may know its address."),
    )
    edited_at = models.DateTimeField(auto_now=True)
    # Not stored: the address of a review page that shows this row in place of its own.
    url_override = ""

    objects = IncidentQuerySet["Incident"].as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        permissions = [("publish_incident", _("Can publish and unpublish incidents"))]
        constraints = CONSTRAINTS

    def __str__(self) -> str:
        return f"{self.local_date:%Y-%m-%d} {self.plain_title}"

    def save(self, **kwargs: Any) -> None:
        is_known = self.was_public or self.is_public(timezone.now())
        if is_saved("slug", kwargs) and not (self.slug and is_known):
            self.slug = self._free_slug()
        if is_saved("body_html", kwargs):
            self.body_html = markdown.render(self.body, markdown.INCIDENT, prefix=self.slug).html
        super().save(**kwargs)

    def get_absolute_url(self) -> str:
        return self.url_override or reverse("incident", args=[self.slug])

    def is_public(self, at: datetime) -> bool:
        return self.publish_at is not None and self.publish_at <= at

    @property
    def plain_title(self) -> str:
        return markdown.strip_code(self.title)

    @property
    def local_start(self) -> datetime:
        return self.started_at.astimezone(ZoneInfo(self.zone))

    @property
    def local_end(self) -> datetime | None:
        return self.ended_at and self.ended_at.astimezone(ZoneInfo(self.zone))

    @property
    def local_date(self) -> date:
        """The site's local day on which it started."""
        return self.started_at.astimezone(site_zone()).date()

    @property
    def length(self) -> timedelta | None:
        return self.ended_at - self.started_at if self.ended_at else None

    @property
    def length_text(self) -> str:
        """2h, ≈5m, ongoing or ?"""
        if self.length is None:
            return str(_("ongoing")) if self.precision == Precision.ONGOING else "?"
        minutes = self.length.total_seconds() / 60
        return format_duration(minutes, about=self.precision == Precision.ABOUT)

    @property
    def publish_delay(self) -> timedelta | None:
        """From the start to its publication; negative where it was announced before."""
        return self.publish_at - self.started_at if self.publish_at else None

    @property
    def status_delay(self) -> timedelta | None:
        return self.status_posted_at - self.started_at if self.status_posted_at else None

    @property
    def impact_word(self) -> str:
        return "" if self.impact is None else Impact(self.impact).word

    def gaps(self) -> list[Gap]:
        """What it lacks for readers. What is ongoing lacks no length."""
        lacks = {
            Gap.SUGGESTIONS: bool(self.proposed),
            Gap.LENGTH: self.precision == Precision.UNKNOWN,
            Gap.IMPACT: self.impact is None,
            Gap.REGION: not self.regions.all(),
            # Enough to know: a page of hundreds of long write-ups must not read them all.
            Gap.WRITE_UP: len(markdown.plain(self.body[: 20 * THIN])) < THIN,
        }
        return [gap for gap, is_open in lacks.items() if is_open]

    @property
    def search_date(self) -> datetime:
        return self.started_at

    def search_texts(self) -> list[str]:
        regions = (f"{region.code} {region.place}" for region in self.regions.all())
        services = (service.name for service in self.services.all())
        addenda = (addendum.body for addendum in self.addenda.all())
        return [self.title, self.body, *addenda, *regions, *services]

    def entry(self, href: str) -> Entry:
        return Entry(
            slug=self.slug,
            title=self.plain_title,
            starts=self.local_start,
            day=self.local_date,
            ends=self.ended_at,
            precision=self.precision,
            impact=self.impact,
            href=href,
        )

    def _free_slug(self) -> str:
        """2024-07-02-connectivity-loss, then -2, -3 where others have it."""
        title = slugify(self.plain_title.replace("_", " ")).strip("-") or "incident"
        stem = f"{self.local_date:%Y-%m-%d}-{title}"
        others = Incident.objects.exclude(pk=self.pk)
        number, slug = 1, stem[:SLUG_LENGTH].rstrip("-")
        # Not all at once by startswith, which is LIKE and reads the whole index on SQLite.
        while others.filter(slug=slug).exists():
            number += 1
            ending = f"-{number}"
            slug = stem[: SLUG_LENGTH - len(ending)].rstrip("-") + ending
        return slug


class Addendum(models.Model):
    """A dated correction or late fact, attached to an incident after its publication."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="addenda")
    body = MarkdownxField(
        _("addendum"),
        validators=[validate_body],
        help_text=_("Markdown: what is corrected, or was learned late."),
    )
    body_html = models.TextField(editable=False)
    publish_at = models.DateTimeField(
        _("published"), default=timezone.now, editable=False, db_index=True
    )

    class Meta:
        ordering = ["publish_at", "pk"]
        verbose_name = _("addendum")
        verbose_name_plural = _("addenda")

    def __str__(self) -> str:
        return markdown.plain(self.body)[:60]

    def save(self, **kwargs: Any) -> None:
        if is_saved("body_html", kwargs):
            prefix = f"{self.incident.slug}-{int(self.publish_at.timestamp())}"
            self.body_html = markdown.render(self.body, markdown.INCIDENT, prefix=prefix).html
        super().save(**kwargs)
