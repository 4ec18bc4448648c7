"""The forms of bulletins, articles and incidents, with the buttons that publish."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from bulletin.admin.widgets import ChecklistWidget
from bulletin.conflicts import VersionedForm
from bulletin.drafting import default_period
from bulletin.models import Article, Bulletin, Post, Status
from incidents import time_zones, weeks
from incidents.forms import TIMES, IncidentForm, WallClockField
from incidents.models import Incident
from incidents.site import site_zone
from incidents.validators import SANE_INSTANTS

PostT = TypeVar("PostT", bound=Post)
# The names of the buttons, each of which says what becomes of status and hour.
PUBLISH_NOW: Final = "_publish_now"
SCHEDULE: Final = "_schedule"
UNPUBLISH: Final = "_unpublish"
BUTTONS: Final = frozenset({PUBLISH_NOW, SCHEDULE, UNPUBLISH})
_FIELD = cast("models.DateTimeField[Any, Any]", Post._meta.get_field("publish_at"))
NO_HOUR: Final = _("Give the hour at which it is to be published.")
PAST: Final = _("This hour is past: give one to come, or publish it now.")


def hour_field() -> WallClockField:
    """With the model's words. The stock field refuses an hour that a clock shows twice or skips."""
    help_text = _("In the site's zone. Only Schedule publishes at that hour.")
    return WallClockField(required=False, label=capfirst(_FIELD.verbose_name), help_text=help_text)


def wall_of(hour: datetime | None) -> datetime | None:
    """What the site's clock shows at `hour`, naive and to the second, as a form has it."""
    return hour and hour.astimezone(site_zone()).replace(tzinfo=None, microsecond=0, fold=0)


def hour_of(wall: datetime | None, stored: datetime | None) -> datetime | None:
    """The instant of `wall` on the site's clock; the stored one where that is what is shown, since
    the clocks may show `wall` twice. May raise OverflowError."""
    if wall is None or wall == wall_of(stored):
        return stored if wall else None
    return time_zones.resolve_wall_time(wall, site_zone()).astimezone(UTC)


class PublicationForm(forms.ModelForm[PostT]):
    """Only a button changes the status, or the hour of a post that is published or scheduled.

    `wall` is the hour as it was typed, `is_public` what the stored post is."""

    publish_at = hour_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wall: datetime | None = None
        self.is_public = self.instance.is_public(timezone.now())
        self.is_draft = self.instance.status == Status.DRAFT
        if "publish_at" in self.initial:
            self.initial["publish_at"] = wall_of(self.instance.publish_at)

    def takes_hour(self) -> bool:
        """Whether a save stores the hour that was typed: a draft's is a plan."""
        if self.is_public or PUBLISH_NOW in self.data:
            return False
        return self.is_draft or SCHEDULE in self.data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.takes_hour() and "publish_at" in cleaned:
            self.wall = cleaned["publish_at"]
            cleaned["publish_at"] = self._hour()
        elif not self.takes_hour():
            self.errors.pop("publish_at", None)
            cleaned["publish_at"] = self.instance.publish_at
        self._press(cleaned)
        return cleaned

    def _hour(self) -> datetime | None:
        try:
            return hour_of(self.wall, self.instance.publish_at)
        except OverflowError:
            self.add_error("publish_at", _("Enter a valid year."))
            return None

    def _press(self, cleaned: dict[str, Any]) -> None:
        at = timezone.now()
        if UNPUBLISH in self.data:
            self.instance.status = Status.DRAFT
        elif self.is_public or "publish_at" not in self.fields:
            return
        elif PUBLISH_NOW in self.data:
            self.instance.status, cleaned["publish_at"] = Status.PUBLISHED, at
        elif SCHEDULE in self.data and "publish_at" not in self.errors:
            self.instance.status = Status.PUBLISHED
            hour = cleaned.get("publish_at")
            if hour is None or hour <= at:
                self.add_error("publish_at", NO_HOUR if hour is None else PAST)


class PostForm(VersionedForm[PostT], PublicationForm[PostT]):
    """What bulletins and articles share."""

    notify_subscribers = forms.BooleanField(
        label=_("Notify subscribers"),
        required=False,
        help_text=_("Feeds mark the post as updated. Leave it off for fixed typos."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        # Taken from another editor, who emptied it.
        if SCHEDULE in self.data and cleaned.get("publish_at", self) is None:
            self.add_error("publish_at", NO_HOUR)
        return cleaned

    def has_changed(self) -> bool:
        """Whoever publishes has to have seen what others typed."""
        return self.publishes() or super().has_changed()

    def publishes(self) -> bool:
        return not (self.is_public or {PUBLISH_NOW, SCHEDULE}.isdisjoint(self.data))

    def _compared(self) -> list[str]:
        ignored = self.is_bound and not self.takes_hour()
        return [name for name in super()._compared() if not (ignored and name == "publish_at")]

    def _differs(self, name: str) -> bool:
        return (name != "publish_at" or self.takes_hour()) and super()._differs(name)

    def _stored(self, name: str) -> Any:
        return self.instance.publish_at if name == "publish_at" else super()._stored(name)


class BulletinForm(PostForm[Bulletin]):
    """An empty period is filled with the weeks since the last published bulletin."""

    class Meta:
        model = Bulletin
        fields = [
            *("date", "period_first", "period_last", "title", "checklist"),
            *("intro", "essay_heading", "essay", "authors", "publish_at"),
        ]
        widgets = {"checklist": ChecklistWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("period_first", "period_last"):
            if name in self.fields:
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        day = cleaned.get("date")
        sane = bool(day and weeks.EARLIEST <= day <= weeks.LATEST)
        if day and sane and not (cleaned.get("period_first") or cleaned.get("period_last")):
            period = default_period(day)
            cleaned |= {"period_first": period.first, "period_last": period.last}
        for name in ("period_first", "period_last"):
            if sane and not cleaned.get(name) and name not in self.errors:
                self.add_error(name, _("Give both days of the period, or neither."))
        return cleaned


class ArticleForm(PostForm[Article]):
    """An article without an incident can have one made of it in the same save."""

    incident_started_at = forms.SplitDateTimeField(
        label=_("Make its incident"),
        required=False,
        widget=AdminSplitDateTime,
        validators=SANE_INSTANTS,
        help_text=_(
            "Not in the log yet? Give its start, in the site's zone: saving makes an incident "
            "with the article's title."
        ),
    )

    class Meta:
        model = Article
        fields = ["title", "body", "authors", "incidents", "slug", "publish_at"]


class IncidentAdminForm(VersionedForm[Incident], IncidentForm):
    """An incident in the admin, which no other editor's save goes under."""

    derived = ["length"]

    def _stored(self, name: str) -> Any:
        return getattr(self.instance, name) if name in TIMES else super()._stored(name)
