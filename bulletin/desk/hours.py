"""The hour of publication: typed on the site's clock, on both nights when that clock is odd."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, TypeVar, cast

from django import forms
from django.db import models
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from bulletin.posts import Post, Status
from incidents import time_zones
from incidents.fields import site_zone
from incidents.forms import WallClockField

PostT = TypeVar("PostT", bound=Post)
# The names of the buttons, each of which says what becomes of status and hour.
PUBLISH_NOW: Final = "_publish_now"
SCHEDULE: Final = "_schedule"
UNPUBLISH: Final = "_unpublish"
BUTTONS: Final = frozenset({PUBLISH_NOW, SCHEDULE, UNPUBLISH})
_FIELD = cast("models.DateTimeField[Any, Any]", Post._meta.get_field("publish_at"))


def hour_field() -> WallClockField:
    """With the model's words. The stock field refuses an hour that a clock shows twice or skips."""
    label, help_text = capfirst(_FIELD.verbose_name), _FIELD.help_text
    return WallClockField(required=False, label=label, help_text=help_text)


def wall_of(hour: datetime | None) -> datetime | None:
    """What the site's clock shows at `hour`, naive and to the second, as a form has it."""
    return hour and hour.astimezone(site_zone()).replace(tzinfo=None, microsecond=0, fold=0)


def hour_of(wall: datetime | None, stored: datetime | None) -> datetime | None:
    """The instant that `wall` on the site's clock means: the stored one where it is what is
    shown, since of an hour that occurs twice typing can't tell which. May raise OverflowError."""
    if wall is None or wall == wall_of(stored):
        return stored if wall else None
    return time_zones.resolve_wall_time(wall, site_zone()).astimezone(UTC)


class PublicationForm(forms.ModelForm[PostT]):
    """Status and hour, as typed or as a button has them; published without an hour is now.

    `wall` is the hour as it was typed."""

    publish_at = hour_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wall: datetime | None = None
        if "publish_at" in self.initial:
            self.initial["publish_at"] = wall_of(self.instance.publish_at)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "publish_at" in cleaned:
            self.wall = cleaned["publish_at"]
            cleaned["publish_at"] = self._hour()
        self._press(cleaned)
        if cleaned.get("status") == Status.PUBLISHED and not cleaned.get("publish_at"):
            cleaned["publish_at"] = timezone.now()
        return cleaned

    def _hour(self) -> datetime | None:
        try:
            return hour_of(self.wall, self.instance.publish_at)
        except OverflowError:
            self.add_error("publish_at", _("This is out of reach; is the year right?"))
            return None

    def _press(self, cleaned: dict[str, Any]) -> None:
        at = timezone.now()
        if PUBLISH_NOW in self.data:
            cleaned |= {"status": Status.PUBLISHED, "publish_at": at}
            self.wall = None
        elif UNPUBLISH in self.data:
            cleaned["status"] = Status.DRAFT
        elif SCHEDULE in self.data and "publish_at" not in self.errors:
            cleaned["status"] = Status.PUBLISHED
            hour = cleaned.get("publish_at")
            if hour is None:
                self.add_error("publish_at", _("Give the hour at which it is to be published."))
            elif hour <= at:
                past = _("This hour is past: give one to come, or publish it now.")
                self.add_error("publish_at", past)
