"""The weekly post."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Substr
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from bulletin.grid_words import period_name
from bulletin.models.post import Post, PostQuerySet, Status, publication_constraint
from incidents import markdown, weeks
from incidents.models import Incident, is_saved
from incidents.querysets import IncidentQuerySet
from incidents.validators import validate_body

SANE_DAYS = [MinValueValidator(weeks.EARLIEST), MaxValueValidator(weeks.LATEST)]


def default_essay_heading() -> str:
    return str(_("This week in infra engineering"))


class BulletinQuerySet(PostQuerySet["Bulletin"]):
    """What can be asked of the bulletins."""

    def by_date(self) -> Self:
        return self.order_by("-date")

    def by_index_on_date(self) -> Self:
        """Newest first; bounds that hold all there is bring SQLite to walk the index."""
        return self.dated_in(weeks.Period(date.min, date.max)).by_date()

    def dated_in(self, period: weeks.Period) -> Self:
        return self.filter(date__range=(period.first, period.last))

    def by_period(self) -> Self:
        """Likewise. No two that are published share a day, so that either end will do."""
        return self.filter(period_first__range=(date.min, date.max)).order_by("-period_first")

    def counted_by_year(self) -> list[tuple[int, int]]:
        """Years of their dates and how many each has, newest first."""
        # Cut from the date: on SQLite, to extract a year is to call Python for each row.
        year = Substr(Cast("date", models.CharField()), 1, 4)
        found = self.annotate(year=year).order_by("-year").values_list("year")
        return [(int(year), number) for year, number in found.annotate(models.Count("pk"))]

    def overlapping(self, period: weeks.Period) -> Self:
        # No period is longer, and a lower bound lets an index begin there.
        earliest = period.first - timedelta(days=weeks.LONGEST_PERIOD_DAYS - 1)
        return self.filter(
            period_first__lte=period.last, period_last__gte=period.first, period_first__gte=earliest
        )

    def containing_day(self, day: date) -> Self:
        return self.overlapping(weeks.Period(day, day))

    def published_until(self, on: date) -> date | None:
        """The last day that a published or scheduled bulletin of before `on` covers."""
        before = self.scheduled_or_published().filter(date__lt=on)
        return before.by_period().values_list("period_last", flat=True).first()


class Bulletin(Post):
    """The weekly post: a period, its picture, its incidents and the essay."""

    date = models.DateField(
        _("date"),
        unique=True,
        validators=SANE_DAYS,
        help_text=_("Its address: /2024-07-06/. As a rule the last day of its period."),
    )
    period_first = models.DateField(
        _("from"), validators=SANE_DAYS, help_text=_("The first day of its period.")
    )
    period_last = models.DateField(
        _("to"), validators=SANE_DAYS, help_text=_("The last day of its period, included.")
    )
    title = models.CharField(
        _("title"),
        max_length=300,
        blank=True,
        help_text=_("Empty for its period, such as “November 15–21, 2026”."),
    )
    intro = MarkdownxField(
        _("introduction"),
        blank=True,
        validators=[validate_body],
        help_text=_("Markdown, above the grid. Optional."),
    )
    intro_html = models.TextField(editable=False)
    essay_heading = models.CharField(
        _("essay heading"),
        max_length=200,
        blank=True,
        default=default_essay_heading,
        help_text=_(
            "Above the essay; an essay that opens with a heading has none. Empty for none."
        ),
    )
    essay = MarkdownxField(
        _("essay"),
        blank=True,
        validators=[validate_body],
        help_text=_("Markdown: the week's engineering work. Without one there is no heading."),
    )
    essay_html = models.TextField(editable=False)
    source_digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("SHA-256 of the text it was imported from."),
    )

    objects = BulletinQuerySet.as_manager()

    class Meta:
        ordering = ["-date"]
        verbose_name = _("bulletin")
        verbose_name_plural = _("bulletins")
        permissions = [("publish_bulletin", _("Can publish and take back bulletins"))]
        constraints = [
            publication_constraint("bulletin"),
            models.CheckConstraint(
                name="bulletin_period_in_order",
                condition=Q(period_last__gte=F("period_first")),
                violation_error_message=_("The period ends before it begins."),
            ),
        ]
        indexes = [models.Index(fields=["period_first", "period_last"], name="bulletin_period")]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        if is_saved("essay_html", kwargs):
            self.intro_html = markdown.render(self.intro, markdown.INCIDENT, prefix="intro").html
            self.essay_html = self._anchored(self.essay)
        super().save(**kwargs)

    def clean(self) -> None:
        super().clean()
        if not (self.period_first and self.period_last and self.period_first <= self.period_last):
            return
        if len(self.period) > weeks.LONGEST_PERIOD_DAYS:
            raise ValidationError(
                {
                    "period_last": _("A bulletin covers %(days)d days at most.")
                    % {"days": weeks.LONGEST_PERIOD_DAYS}
                }
            )
        if self.status == Status.PUBLISHED and (taken := self.find_overlap()):
            raise ValidationError(
                {
                    "period_first": _("The bulletin of %(date)s covers some of these days already.")
                    % {"date": taken.date.isoformat()}
                }
            )

    def get_absolute_url(self) -> str:
        return self.url_override or reverse("bulletin", args=[self.date])

    @property
    def period(self) -> weeks.Period:
        return weeks.Period(self.period_first, self.period_last)

    @property
    def window(self) -> weeks.Period:
        return weeks.grid_window(self.period, settings.FIRST_WEEKDAY)

    @property
    def name(self) -> str:
        """Its title, or its period; empty on a new form."""
        if self.title or not (self.period_first and self.period_last):
            return self.title
        return period_name(self.period)

    @property
    def shows_essay_heading(self) -> bool:
        """An essay that opens with a heading of its own needs no other above it."""
        return bool(self.essay and self.essay_heading and not self.essay.lstrip().startswith("#"))

    @property
    def search_date(self) -> datetime:
        return datetime.combine(self.date, time(), UTC)

    def search_texts(self) -> list[str]:
        return [self.title, self.intro, self.essay_heading, self.essay]

    def find_overlap(self) -> Bulletin | None:
        """Another published or scheduled bulletin that covers a day of this one's period."""
        others = Bulletin.objects.exclude(pk=self.pk)
        return others.scheduled_or_published().overlapping(self.period).first()

    def own_incidents(self) -> IncidentQuerySet[Incident]:
        return Incident.objects.in_period(self.period)

    def incidents(self, at: datetime) -> IncidentQuerySet[Incident]:
        listed = (
            self.own_incidents() if not self.is_public(at) else self.own_incidents().published(at)
        )
        return listed.in_time_order()
