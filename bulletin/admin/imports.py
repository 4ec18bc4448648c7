"""Import text: a pasted text becomes incidents and a draft, corrected by an editor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bulletin import autosave
from bulletin.admin.history_pages import new_revision
from bulletin.admin.import_forms import EssayForm, RowForm, RowFormSet, TextForm, row_of
from bulletin.admin_urls import admin_url
from bulletin.conflicts import SHOW_ONLY
from bulletin.importing import ParsedBulletin
from bulletin.importing.writer import ImportRefused, write_draft
from bulletin.models import Bulletin
from incidents.weeks import Period


class ImportAdmin(admin.ModelAdmin[Bulletin]):
    """Adds "Import text" to the bulletins' admin.

    First the text and its date are sent, then the table of what was understood, with the text
    beside it; nothing is stored on the server between the two.
    """

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        return [path("import/", view, name="bulletin_bulletin_import"), *super().get_urls()]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and request.user.has_perm("incidents.add_incident")

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_import_permission(request):
            raise PermissionDenied
        autosave.restore_autosave(request)
        with new_revision(request):
            return self._import(request)

    def _import(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return self._ask(request, TextForm(initial=request.GET.dict()))
        form = TextForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._ask(request, form)
        if "rows-TOTAL_FORMS" in request.POST:
            return self._save(request, form)
        parsed = form.cleaned_data["parsed"]
        rows = RowFormSet(initial=[row_of(one) for one in parsed.incidents], prefix="rows")
        first, last = parsed.period.first, parsed.period.last
        essay = EssayForm(
            initial={"period_first": first, "period_last": last, "essay": parsed.essay}
        )
        return self._show(request, form, rows, essay)

    def _save(self, request: HttpRequest, form: TextForm) -> HttpResponse:
        rows = RowFormSet(request.POST, prefix="rows")
        essay = EssayForm(request.POST)
        valid = rows.is_valid() and essay.is_valid()
        if SHOW_ONLY in request.POST or not valid:
            return self._show(request, form, rows, essay)
        try:
            parsed = corrected(form, rows, essay)
            imported = write_draft(parsed, form.cleaned_data["text"], essay.cleaned_data["essay"])
        except ImportRefused as error:
            form.add_error("date", str(error))
            return self._show(request, form, rows, essay)
        autosave.close_autosave(request, timezone.now())
        text = _("The text is in the log already; nothing was changed.")
        if not imported.unchanged:
            number = len(imported.created)
            text = (
                ngettext(
                    "Made %d incident and this draft.", "Made %d incidents and this draft.", number
                )
                % number
            )
        self.message_user(request, text, messages.SUCCESS)
        return redirect(admin_url(imported.bulletin))

    def _ask(self, request: HttpRequest, form: TextForm) -> HttpResponse:
        return self._page(request, "admin/bulletin/import_text.html", {"form": form})

    def _show(
        self, request: HttpRequest, form: TextForm, rows: BaseFormSet[RowForm], essay: EssayForm
    ) -> HttpResponse:
        context: dict[str, Any] = {"form": form, "rows": rows, "essay": essay}
        parsed: ParsedBulletin = form.cleaned_data["parsed"]
        context |= {"parsed": parsed, "text": form.cleaned_data["text"], "period": parsed.period}
        return self._page(request, "admin/bulletin/import_rows.html", context)

    def _page(self, request: HttpRequest, template: str, extra: dict[str, Any]) -> HttpResponse:
        context = self.admin_site.each_context(request) | extra
        context |= {"title": _("Import text"), "opts": self.opts, "media": self.media}
        context |= {"typing": autosave.page_context(request, "import", "")}
        return TemplateResponse(request, template, context)


def corrected(form: TextForm, rows: BaseFormSet[RowForm], essay: EssayForm) -> ParsedBulletin:
    parsed: ParsedBulletin = form.cleaned_data["parsed"]
    incidents = [row.parsed() for row in rows if row.cleaned_data.get("keep")]
    typed = essay.cleaned_data
    return replace(
        parsed,
        period=Period(typed["period_first"], typed["period_last"]),
        incidents=sorted(incidents, key=lambda one: one.started_at),
    )
