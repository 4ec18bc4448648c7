"""The hour of publication: typed on the site's clock, on both nights when that clock is odd."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from bulletin.models.post import Post, Status
from incidents import time_zones
from incidents.forms import WallClockField
from incidents.site import site_zone

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
