"""The front page of the admin, and what it does at one press."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bulletin import drafting, publishing
from bulletin.admin.dashboard import Front
from bulletin.admin.history_pages import recorded
from bulletin.admin_urls import page_of
from bulletin.importing import LineError, ParsedIncident, read_line, writer
from incidents.models import Incident
from incidents.site import site_zone
from incidents.templatetags.incident_tags import code_title, incident_length, incident_time
from incidents.validators import to_validation_error


class LineForm(forms.Form):
    """An incident in one line, read at the instant `at`."""

    line = forms.CharField(
        label=gettext_lazy("Log an incident"),
        required=False,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "placeholder": gettext_lazy("502s in GRU 16:45 ~30m")}
        ),
        help_text=gettext_lazy(
            "The start and the length are optional: without them it began now and is ongoing."
        ),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean_line(self) -> ParsedIncident:
        context = writer.import_context(self.at.astimezone(site_zone()).date())
        try:
            return read_line(self.cleaned_data["line"], self.at, context)
        except LineError as error:
            raise to_validation_error(error) from error


class FrontPage(admin.AdminSite):
    """The stock index under this week at a glance."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("log/", self.admin_view(self.log_line), name="log_line"),
            path("draft/", self.admin_view(self.draft_week), name="draft_week"),
            *super().get_urls(),
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        at = timezone.now()
        shown = {"front": Front(request.user, at), "line_form": LineForm(at=at)}
        return super().index(request, shown | (extra_context or {}))

    def log_line(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("incidents.add_incident"):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:index")
        at = timezone.now()
        form = LineForm(request.POST, at=at)
        if not form.is_valid():
            return self.index(request, {"line_form": form})
        messages.success(request, log(request, form.cleaned_data["line"], at))
        return redirect("admin:index")

    def draft_week(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("bulletin.add_bulletin"):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:index")
        try:
            with recorded(request):
                bulletin, added = drafting.draft_week(timezone.now())
        except drafting.AlreadyDecided as error:
            messages.error(request, str(error))
            return redirect("admin:index")
        text = _("Nothing is new: its checklist has everything already.")
        if added:
            text = ngettext(
                "%d line is new in its checklist.", "%d lines are new in its checklist.", len(added)
            ) % len(added)
        messages.success(request, text)
        return redirect(page_of(bulletin))


def log(request: HttpRequest, parsed: ParsedIncident, at: datetime) -> SafeString:
    with recorded(request):
        incident, is_new = writer.log_incident(parsed)
        if is_new:
            LogEntry.objects.log_actions(
                request.user.pk or 0, [incident], ADDITION, [{"added": {}}], single_object=True
            )
        # Who may not publish can't put an incident into a scheduled week.
        if is_new and request.user.has_perm("incidents.publish_incident"):
            publishing.sync_scheduled(at)
            incident.refresh_from_db()
    words = (
        _("Logged “{title}”: {facts}.") if is_new else _("“{title}” is logged already: {facts}.")
    )
    title = format_html('<a href="{}">{}</a>', page_of(incident), code_title(incident.title))
    return format_html(words, title=title, facts=_facts(incident, at))


def _facts(incident: Incident, at: datetime) -> SafeString:
    facts = [incident_time(incident), incident_length(incident), *map(str, incident.regions.all())]
    state = _("public") if incident.is_public(at) else _("published with its week")
    facts.append(state if incident.publish_at else _("private for now"))
    return format_html_join(", ", "{}", ((fact,) for fact in facts))
