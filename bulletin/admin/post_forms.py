"""The forms of bulletins, articles and incidents."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext_lazy as _

from bulletin.admin.widgets import MarkdownWidget
from bulletin.conflicts import VersionedForm
from bulletin.drafting import default_period
from bulletin.models import Article, Bulletin, Post
from incidents import weeks
from incidents.forms import TIMES, IncidentForm
from incidents.models import Incident
from incidents.validators import SANE_INSTANTS

PostT = TypeVar("PostT", bound=Post)


class PostForm(VersionedForm[PostT]):
    notify_subscribers = forms.BooleanField(
        label=_("Notify subscribers"),
        required=False,
        help_text=_("Feeds mark the post as updated. Leave it off for fixed typos."),
    )


class BulletinForm(PostForm[Bulletin]):
    """An empty period is filled with the weeks since the last published bulletin."""

    units = [("date", "period_first", "period_last")]

    class Meta:
        model = Bulletin
        fields = [
            *("date", "period_first", "period_last", "title"),
            *("intro", "essay_heading", "essay", "authors"),
        ]
        widgets = {"intro": MarkdownWidget({"rows": 4})}

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
        fields = ["title", "body", "authors", "incidents", "slug"]


class IncidentAdminForm(VersionedForm[Incident], IncidentForm):
    """An incident in the admin, where a tick, or an edit, confirms what was suggested."""

    derived = ["length"]
    units = [("started_at", "ended_at", "precision", "zone")]
    confirmed = forms.BooleanField(
        label=_("Confirm suggestions"),
        required=False,
        help_text=_("An edit of a field confirms the field."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.proposed:
            self.fields["confirmed"].widget = forms.HiddenInput()

    def save(self, commit: bool = True) -> Incident:
        edited = {*self.changed_data}
        if "length" in edited:
            edited |= {"ended_at", "precision", "duration_minutes"}
        open_ = [name for name in self.instance.proposed if name not in edited]
        self.instance.proposed = [] if self.cleaned_data.get("confirmed") else open_
        return super().save(commit)

    def _stored(self, name: str) -> Any:
        return getattr(self.instance, name) if name in TIMES else super()._stored(name)
