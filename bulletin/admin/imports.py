"""Import text: a pasted text becomes incidents and a draft, corrected by an editor."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
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
from incidents.weeks import Period


def urls(model_admin: Any) -> list[URLPattern]:
    view = model_admin.admin_site.admin_view(partial(import_text, model_admin=model_admin))
    return [path("import/", view, name="bulletin_bulletin_import")]


def import_text(request: HttpRequest, model_admin: Any) -> HttpResponse:
    """First the text and its date are sent, then the table of what was understood, with the text
    beside it; nothing is stored on the server between the two."""
    may_add_incidents = request.user.has_perm("incidents.add_incident")
    if not (model_admin.has_add_permission(request) and may_add_incidents):
        raise PermissionDenied
    autosave.restore_autosave(request)
    with new_revision(request):
        if request.method != "POST":
            return ask(request, model_admin, TextForm(initial=request.GET.dict()))
        form = TextForm(request.POST, request.FILES)
        if not form.is_valid():
            return ask(request, model_admin, form)
        if "rows-TOTAL_FORMS" in request.POST:
            return save(request, model_admin, form)
        parsed = form.cleaned_data["parsed"]
        rows = RowFormSet(initial=[row_of(one) for one in parsed.incidents], prefix="rows")
        first, last = parsed.period.first, parsed.period.last
        initial = {"period_first": first, "period_last": last, "essay": parsed.essay}
        return show(request, model_admin, form, rows, EssayForm(initial=initial))


def save(request: HttpRequest, model_admin: Any, form: TextForm) -> HttpResponse:
    rows = RowFormSet(request.POST, prefix="rows")
    essay = EssayForm(request.POST)
    valid = rows.is_valid() and essay.is_valid()
    if SHOW_ONLY in request.POST or not valid:
        return show(request, model_admin, form, rows, essay)
    try:
        parsed = corrected(form, rows, essay)
        imported = write_draft(parsed, form.cleaned_data["text"], essay.cleaned_data["essay"])
    except ImportRefused as error:
        form.add_error("date", str(error))
        return show(request, model_admin, form, rows, essay)
    autosave.close_autosave(request, timezone.now())
    text = _("The text is in the log already; nothing was changed.")
    if not imported.unchanged:
        number = len(imported.created)
        made = ngettext(
            "Made %d incident and this draft.", "Made %d incidents and this draft.", number
        )
        text = made % number
    messages.success(request, text)
    return redirect(admin_url(imported.bulletin))


def ask(request: HttpRequest, model_admin: Any, form: TextForm) -> HttpResponse:
    return page(request, model_admin, "admin/bulletin/import_text.html", {"form": form})


def show(
    request: HttpRequest,
    model_admin: Any,
    form: TextForm,
    rows: BaseFormSet[RowForm],
    essay: EssayForm,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "rows": rows, "essay": essay}
    parsed: ParsedBulletin = form.cleaned_data["parsed"]
    context |= {"parsed": parsed, "text": form.cleaned_data["text"], "period": parsed.period}
    return page(request, model_admin, "admin/bulletin/import_rows.html", context)


def page(
    request: HttpRequest, model_admin: Any, template: str, extra: dict[str, Any]
) -> HttpResponse:
    context = model_admin.admin_site.each_context(request) | extra
    context |= {"title": _("Import text"), "opts": model_admin.opts, "media": model_admin.media}
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
