"""The sheet on which an editor publishes, schedules or unpublishes posts and incidents.

It says what readers and subscribers will see, lists errors and warnings, and has the one button
that does it. Its form sends the version of all that it listed: what has changed meanwhile is shown
once more, and nothing that was not listed becomes public.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import reversion
from django import forms
from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletin import effects, history, publishing
from bulletin.admin.permissions import is_decided
from bulletin.admin_urls import admin_url
from bulletin.conflicts import row_digest
from bulletin.history import new_revision
from bulletin.models import Post, Status
from bulletin.publish_checks import Finding, Level, findings
from incidents.models import Incident
from incidents.validators import SANE_INSTANTS

Row = Post | Incident
NOW: Final = "now"
LATER: Final = "later"


class PublishForm(forms.Form):
    """`publish_at` is cleaned to `at`, or to a time to come."""

    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[(NOW, gettext_lazy("Now")), (LATER, gettext_lazy("At a date and time"))],
        widget=forms.RadioSelect,
    )
    publish_at = forms.SplitDateTimeField(
        label=gettext_lazy("Date and time"),
        required=False,
        widget=AdminSplitDateTime,
        validators=SANE_INSTANTS,
        help_text=gettext_lazy("In the site's time zone."),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") != LATER:
            self.errors.pop("publish_at", None)
            cleaned["publish_at"] = self.at
        elif "publish_at" not in self.errors and not cleaned.get("publish_at"):
            self.add_error("publish_at", _("Enter the date and time to publish at."))
        elif "publish_at" not in self.errors and cleaned["publish_at"] <= self.at:
            self.add_error(
                "publish_at", _("This time is past: enter one to come, or choose “Now”.")
            )
        return cleaned


@dataclass(frozen=True)
class Entry:
    """A row of the sheet: what becomes of it, the incidents that do with it, and what speaks
    against it. `is_changed` where it isn't what the sheet said when it was sent."""

    row: Row
    effects: Sequence[str]
    incidents: Sequence[Incident] = ()
    findings: Sequence[Finding] = ()
    sent: frozenset[str] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return admin_url(self.row)

    @property
    def listed(self) -> set[str]:
        rows = [f"{row._meta.model_name}-{row.pk}-{row_digest(row)}" for row in self.rows]
        return {*rows, *(finding.digest for finding in self.findings)}

    @property
    def rows(self) -> list[Row]:
        return [self.row, *self.incidents]

    @property
    def is_changed(self) -> bool:
        return self.sent is not None and not self.listed <= self.sent


@dataclass(frozen=True)
class Sheet:
    entries: Sequence[Entry]

    @property
    def listed(self) -> str:
        return " ".join(sorted(set().union(*(entry.listed for entry in self.entries))))

    @property
    def is_changed(self) -> bool:
        return any(entry.is_changed for entry in self.entries)

    @property
    def has_errors(self) -> bool:
        return any(one.level == Level.ERROR for entry in self.entries for one in entry.findings)

    @property
    def has_warnings(self) -> bool:
        return any(entry.findings for entry in self.entries)


def sheet_url(rows: Iterable[Row], action: str) -> str:
    """`action` is publish or unpublish."""
    rows = list(rows)
    query = urlencode([("pk", row.pk) for row in rows])
    return f"{admin_url(type(rows[0]), action)}?{query}"


def publish(request: HttpRequest, model_admin: Any) -> HttpResponse:
    at = timezone.now()
    with new_revision(request):
        rows = [row for row in chosen(model_admin, request) if not row.is_public(at)]
        if not rows:
            messages.info(request, _("That is published already."))
            return redirect(back(model_admin, request))
        planned = next((row.publish_at for row in rows if row.publish_at), None)
        initial = {"when": LATER if planned else NOW, "publish_at": planned}
        form = PublishForm(request.POST or None, at=at, initial=initial)
        publish_at = form.cleaned_data["publish_at"] if form.is_valid() else planned or at
        sent = sent_versions(request)
        sheet = Sheet([entry_to_publish(row, publish_at, at, sent) for row in rows])
        may_publish = form.is_valid() and not sheet.is_changed and not sheet.has_errors
        if may_publish and publish_rows(request, sheet, publish_at, at):
            return redirect(back(model_admin, request))
        context = {"form": form, "title": _("Publish")}
        return show(request, model_admin, sheet, context)


def unpublish(request: HttpRequest, model_admin: Any) -> HttpResponse:
    at = timezone.now()
    with new_revision(request):
        rows = [row for row in chosen(model_admin, request) if is_decided(row)]
        if not rows:
            messages.info(request, _("That is not published."))
            return redirect(back(model_admin, request))
        sent = sent_versions(request)
        sheet = Sheet([entry_to_unpublish(row, at, sent) for row in rows])
        if request.method == "POST" and not sheet.is_changed:
            for entry in sheet.entries:
                unpublish_row(entry.row, at)
                record(request, entry, _("Unpublished."))
            return redirect(back(model_admin, request))
        return show(request, model_admin, sheet, {"title": _("Unpublish"), "unpublish": True})


def chosen(model_admin: Any, request: HttpRequest) -> list[Row]:
    if not model_admin.has_decide_permission(request):
        raise PermissionDenied
    pks = [pk for pk in request.GET.getlist("pk") if pk.isdecimal() and len(pk) < 19]
    rows = list(model_admin.get_queryset(request).filter(pk__in=pks).order_by("pk"))
    if not rows:
        raise Http404
    return rows


def sent_versions(request: HttpRequest) -> frozenset[str] | None:
    """None where the sheet is only looked at."""
    return frozenset(request.POST.get("listed", "").split()) if request.method == "POST" else None


def entry_to_publish(
    row: Row, publish_at: datetime, at: datetime, sent: frozenset[str] | None
) -> Entry:
    incidents = [] if isinstance(row, Incident) else list(row.own_incidents().in_time_order())
    return Entry(
        row,
        effects.publish_effects(row, publish_at, at),
        [incident for incident in incidents if not incident.is_public(at)],
        findings(row, publish_at),
        sent,
    )


def entry_to_unpublish(row: Row, at: datetime, sent: frozenset[str] | None) -> Entry:
    own = [] if isinstance(row, Incident) else list(publishing.incidents_published_by(row))
    return Entry(row, effects.unpublish_effects(row, at), own, sent=sent)


def publish_rows(request: HttpRequest, sheet: Sheet, publish_at: datetime, at: datetime) -> bool:
    sentence = _("Published.") if publish_at <= at else _("Scheduled.")
    try:
        with transaction.atomic():
            for entry in sheet.entries:
                publish_row(entry.row, publish_at, at)
                record(request, entry, sentence)
    except publishing.NotPublished as refusal:
        messages.error(request, str(refusal))
        return False
    return True


def publish_row(row: Row, publish_at: datetime, at: datetime) -> None:
    history.add_stored_versions(type(row)._base_manager.filter(pk=row.pk))
    if isinstance(row, Incident):
        publishing.publish_incidents([row], publish_at)
        history.add_to_revision([row])
    else:
        row.status, row.publish_at = Status.PUBLISHED, publish_at
        history.add_to_revision(publishing.sync_publication(row, at))


def unpublish_row(row: Row, at: datetime) -> None:
    history.add_stored_versions(type(row)._base_manager.filter(pk=row.pk))
    if isinstance(row, Incident):
        publishing.unpublish_incidents([row], at)
        history.add_to_revision([row])
    else:
        row.status = Status.DRAFT
        publishing.sync_publication(row, at)


def record(request: HttpRequest, entry: Entry, sentence: str) -> None:
    LogEntry.objects.log_actions(
        request.user.pk or 0, [entry.row], CHANGE, sentence, single_object=True
    )
    reversion.set_comment(sentence)
    messages.success(request, " ".join([f"{entry.row}:", *entry.effects]))


def back(model_admin: Any, request: HttpRequest) -> str:
    pks = request.GET.getlist("pk")
    if len(pks) == 1:
        return admin_url(model_admin.model(pk=pks[0]))
    return admin_url(model_admin.model, "changelist")


def show(
    request: HttpRequest, model_admin: Any, sheet: Sheet, extra: dict[str, Any]
) -> HttpResponse:
    context = model_admin.admin_site.each_context(request) | extra
    form = extra.get("form")
    context |= {"sheet": sheet, "opts": model_admin.opts, "back": back(model_admin, request)}
    context |= {"media": form.media if form else ""}
    return TemplateResponse(request, "admin/bulletin/publish_sheet.html", context)
