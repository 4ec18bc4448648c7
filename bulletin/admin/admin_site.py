"""The admin site: its dashboard, and signing in without losing what was typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, Final, TypeVar, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bulletin import autosave, drafting, publishing
from bulletin.admin import imports, quick_edit
from bulletin.admin.base import rendered
from bulletin.admin.dashboard import Dashboard
from bulletin.admin.permissions import allowed
from bulletin.admin_urls import admin_url
from bulletin.history import new_revision
from bulletin.importing import writer
from bulletin.importing.log_line import LineError, read_line
from bulletin.importing.parser import ParsedIncident
from bulletin.models import Article, Bulletin, SiteSettings, site_settings
from incidents.markdown import ESSAY, render
from incidents.models import Incident
from incidents.site import site_zone
from incidents.templatetags.incident_tags import code_title, incident_length, incident_time
from incidents.validators import to_validation_error

# Lines pasted at once.
MOST_LINES: Final = 50


class LineForm(forms.Form):
    """Incidents, a line each, read at the instant `at`.

    What looks like a date or a length and was not read is asked about once: `unread` has it where
    the editor was asked.
    """

    line = forms.CharField(
        label=gettext_lazy("Log an incident"),
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 1,
                "autocomplete": "off",
                "placeholder": gettext_lazy("502s in GRU 16:45 ~30m"),
            }
        ),
        help_text=gettext_lazy(
            "Start, length, impact and scope are optional: without a start it began now. "
            "Several lines are several incidents."
        ),
    )
    unread = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at

    def clean_line(self) -> list[ParsedIncident]:
        context = writer.import_context(self.at.astimezone(site_zone()).date())
        lines = [line for line in self.cleaned_data["line"].splitlines() if line.strip()] or [""]
        try:
            return [read_line(line, self.at, context) for line in lines[:MOST_LINES]]
        except LineError as error:
            raise to_validation_error(error) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        unread = "; ".join(phrase for parsed in cleaned.get("line", []) for phrase in parsed.unread)
        if unread and unread != cleaned.get("unread"):
            data = QueryDict(mutable=True)
            data.update({**self.data, "unread": unread})
            self.data = data
            text = _("“%s” was not read as a date or a length. Rewrite it, or log it as it is.")
            self.add_error("line", text % unread)
        return cleaned


class DashboardSite(admin.AdminSite):
    """The stock index under this week at a glance."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("log/", self.admin_view(self.log_line), name="log_line"),
            path("log/read/", self.admin_view(self.read_log_line), name="read_log_line"),
            path("row/<int:pk>/set/", self.admin_view(quick_edit.set_field), name="set_field"),
            path("row/<int:pk>/end/", self.admin_view(quick_edit.end), name="end_incident"),
            path("row/<int:pk>/undo/", self.admin_view(quick_edit.undo_end), name="undo_end"),
            path("draft/", self.admin_view(self.draft_week), name="draft_week"),
            *super().get_urls(),
        ]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        at = timezone.now()
        shown = {"dashboard": Dashboard(request.user, at), "line_form": LineForm(at=at)}
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
        for parsed in form.cleaned_data["line"]:
            messages.success(request, log(request, parsed, at))
        return redirect("admin:index")

    def read_log_line(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("incidents.add_incident"):
            raise PermissionDenied
        form = LineForm(request.GET, at=timezone.now())
        form.is_valid()
        shown = {"readings": form.cleaned_data.get("line", []), "errors": form.errors.get("line")}
        return TemplateResponse(request, "admin/bulletin/dashboard/reading.html", shown)

    def draft_week(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm("bulletin.add_bulletin"):
            raise PermissionDenied
        if request.method != "POST":
            return redirect("admin:index")
        try:
            with new_revision(request):
                bulletin, is_new = drafting.draft_week(timezone.now())
                if is_new:
                    log_addition(request, bulletin)
        except drafting.AlreadyDecided as error:
            messages.error(request, str(error))
            return redirect("admin:index")
        return redirect(admin_url(bulletin))


def log_addition(request: HttpRequest, row: Model) -> None:
    LogEntry.objects.log_actions(
        request.user.pk or 0, [row], ADDITION, [{"added": {}}], single_object=True
    )


def log(request: HttpRequest, parsed: ParsedIncident, at: datetime) -> SafeString:
    with new_revision(request):
        incident, is_new = writer.log_incident(parsed)
        if is_new:
            log_addition(request, incident)
        # Who may not publish can't put an incident into a scheduled week.
        if is_new and request.user.has_perm("incidents.publish_incident"):
            publishing.sync_scheduled(at)
            incident.refresh_from_db()
    words = (
        _("Logged “{title}”: {facts}.") if is_new else _("“{title}” is logged already: {facts}.")
    )
    title = format_html('<a href="{}">{}</a>', admin_url(incident), code_title(incident.title))
    return format_html(words, title=title, facts=_facts(incident, at))


def _facts(incident: Incident, at: datetime) -> SafeString:
    facts = [incident_time(incident), incident_length(incident), *map(str, incident.regions.all())]
    state = _("public") if incident.is_public(at) else _("published with its week")
    facts.append(state if incident.publish_at else _("private for now"))
    return format_html_join(", ", "{}", ((fact,) for fact in facts))


ViewT = TypeVar("ViewT", bound=Callable[..., HttpResponseBase])


class AddingAutocomplete(AutocompleteJsonView):
    """Where nothing is found, offers to add it: the field's script opens the form with what was
    typed in the first field that is searched."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        term = self.term.strip()
        if not term or self.get_queryset().exists():
            return response
        offer: dict[str, Any] = {
            "id": "",
            "text": _("Not found; an editor can add it."),
            "disabled": True,
        }
        if self.model_admin.has_add_permission(request):
            name = self.model_admin.get_search_fields(request)[0]
            offer = {"id": "+", "text": _("Add “%s”…") % term, "add": urlencode({name: term})}
        return JsonResponse({"results": [offer], "pagination": {"more": False}})


class BulletinAdminSite(DashboardSite):
    """The stock admin site under the log's name."""

    index_title = gettext_lazy("Dashboard")
    # The dashboard leads everywhere, and tables need the room.
    enable_nav_sidebar = False

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        name = site_settings().site_name
        named = {"site_title": name, "site_header": name, "sections": self.sections(request)}
        return super().each_context(request) | named

    def sections(self, request: HttpRequest) -> list[tuple[str, str]]:
        """The addresses and labels of the navigation, as far as one may go."""
        if not self.has_permission(request):
            return []
        user = request.user
        offered = [
            (True, "index", self.index_title),
            (allowed(user, "view", Bulletin), "bulletin_bulletin_changelist", _("Bulletins")),
            (allowed(user, "view", Article), "bulletin_article_changelist", _("Articles")),
            (allowed(user, "view", Incident), "incidents_incident_changelist", _("Incidents")),
            (imports.may_import(user), "bulletin_bulletin_import", _("Import text")),
            (
                allowed(user, "change", SiteSettings),
                "bulletin_sitesettings_changelist",
                _("Settings"),
            ),
            (True, "help", _("Help")),
        ]
        return [(reverse(f"admin:{name}"), str(label)) for shown, name, label in offered if shown]

    def editing_guide(self, request: HttpRequest) -> TemplateResponse:
        guide = (settings.BASE_DIR / "docs" / "editing.md").read_text("utf-8")
        # Its title is the page's, and its pictures show this admin.
        text = re.sub(r"^(# |!\[).*\n", "", guide, flags=re.MULTILINE)
        context = {"title": _("The editor's guide"), "guide": render(text, ESSAY).html}
        context |= self.each_context(request)
        return TemplateResponse(request, "admin/help.html", context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without the way from a key to a row's address, which asks for no permission: the names
        of private incidents are in theirs."""
        stock = [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]
        return [path("help/", self.admin_view(self.editing_guide), name="help"), *stock]

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        view: Any = AddingAutocomplete.as_view(admin_site=self)
        return rendered(view, request)

    def admin_view(self, view: ViewT, cacheable: bool = False) -> ViewT:
        """What is sent with a sign-in that has ended is stored until its sender is back."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def signed_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            in_place = "X-Save" in request.headers
            typed = request.method == "POST" and autosave.KEY in request.POST and not in_place
            if typed and not self.has_permission(request):
                return sign_in_again(request)
            return inner(request, *args, **kwargs)

        return cast(ViewT, signed_in)


def sign_in_again(request: HttpRequest) -> HttpResponse:
    if autosave.save_signed_out(request.POST, timezone.now()):
        text = _(
            "Your sign-in had ended. Nothing you typed is lost: sign in again, and it is offered "
            "back."
        )
    else:
        text = _("Your sign-in had ended, and nothing was saved. Sign in again.")
    messages.warning(request, text)
    return redirect_to_login(request.get_full_path(), reverse("admin:login"))
