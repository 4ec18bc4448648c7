"""What editors type of bulletins and articles."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext_lazy as _

from bulletin.admin.checklist import ChecklistWidget
from bulletin.admin.publication_form import NO_HOUR, PUBLISH_NOW, SCHEDULE, PublicationForm
from bulletin.conflicts import VersionedForm
from bulletin.drafting import default_period
from bulletin.models import Article, Bulletin, Post
from incidents import weeks
from incidents.forms import TIMES, IncidentForm
from incidents.models import Incident
from incidents.validators import SANE_INSTANTS

PostT = TypeVar("PostT", bound=Post)


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
        exclude = ["status"]
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
        exclude = ["status"]


class IncidentAdminForm(VersionedForm[Incident], IncidentForm):
    """An incident in the admin, which no other editor's save goes under."""

    derived = ["length"]

    def _stored(self, name: str) -> Any:
        return getattr(self.instance, name) if name in TIMES else super()._stored(name)
