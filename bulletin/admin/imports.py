"""Import text: what was read is shown beside the text, and saved as a draft."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bulletin import autosave
from bulletin.admin.permissions import AnyUser, allowed
from bulletin.admin_urls import admin_url
from bulletin.conflicts import SHOW_ONLY
from bulletin.history import new_revision
from bulletin.importing import writer
from bulletin.importing.parser import parse
from bulletin.importing.text import LIMIT_BYTES, ImportTextError, decode
from bulletin.models import Bulletin
from incidents.models import Incident

SAVE = "save"


class TextForm(forms.Form):
    """The text of a bulletin, pasted or as a file, and its date; cleaned to `parsed`, too."""

    date = forms.DateField(
        label=gettext_lazy("Date of the bulletin"),
        widget=AdminDateWidget,
        validators=Bulletin._meta.get_field("date").validators,
    )
    text = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=gettext_lazy("As the team wrote it: plain text, Markdown, or pasted."),
    )
    file = forms.FileField(label=gettext_lazy("or a file"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "text" in self.errors:
            return cleaned
        try:
            cleaned["text"] = self._text(cleaned)
            if "date" in cleaned:
                context = writer.import_context(cleaned["date"])
                cleaned["parsed"] = parse(cleaned["text"], cleaned["date"], context)
                self._refuse_taken_date(cleaned)
        except ImportTextError as error:
            self.add_error("text", str(error))
        return cleaned

    def _text(self, cleaned: dict[str, Any]) -> str:
        upload = cleaned.get("file")
        data = upload.read(LIMIT_BYTES + 1) if upload else cleaned["text"].encode()
        if not data.strip():
            raise ImportTextError(str(_("There is no text.")))
        return decode(data)

    def _refuse_taken_date(self, cleaned: dict[str, Any]) -> None:
        """At once, with both ways out."""
        if taken := writer.other_bulletin(cleaned["date"], cleaned["text"]):
            words = _("{link} has this date. Open it, or choose another date for this text.")
            link = format_html('<a href="{}">{}</a>', admin_url(taken), taken)
            self.add_error("date", format_html(words, link=link))


def urls(model_admin: Any) -> list[URLPattern]:
    view = model_admin.admin_site.admin_view(partial(import_text, model_admin=model_admin))
    return [path("import/", view, name="bulletin_bulletin_import")]


def may_import(user: AnyUser) -> bool:
    return allowed(user, "add", Bulletin) and allowed(user, "add", Incident)


def import_text(request: HttpRequest, model_admin: Any) -> HttpResponse:
    if not may_import(request.user):
        raise PermissionDenied
    autosave.restore_autosave(request)
    with new_revision(request):
        if request.method != "POST":
            return show(request, model_admin, TextForm(initial=request.GET.dict()))
        form = TextForm(request.POST, request.FILES)
        if not form.is_valid() or SAVE not in request.POST or SHOW_ONLY in request.POST:
            return show(request, model_admin, form)
        parsed, text = form.cleaned_data["parsed"], form.cleaned_data["text"]
        imported = writer.write_draft(parsed, text)
        autosave.close_autosave(request, timezone.now())
        messages.success(request, outcome(imported))
        return redirect(admin_url(imported.bulletin))


def outcome(imported: writer.Imported) -> str:
    if imported.unchanged:
        return _("The text is in the log already; nothing was changed.")
    number = len(imported.created)
    made = ngettext("Made %d incident and this draft.", "Made %d incidents and this draft.", number)
    return made % number


def show(request: HttpRequest, model_admin: Any, form: TextForm) -> HttpResponse:
    context = model_admin.admin_site.each_context(request) | {"form": form}
    if form.is_bound:
        context |= {"parsed": form.cleaned_data.get("parsed")}
        # Of a file that was sent: it is saved from the field.
        if text := form.cleaned_data.get("text"):
            form.data = form.data.copy()  # type: ignore[attr-defined]
            form.data["text"] = text  # type: ignore[index]
    context |= {"title": _("Import text"), "opts": model_admin.opts, "media": model_admin.media}
    context |= {"typing": autosave.page_context(request, "import", "")}
    return TemplateResponse(request, "admin/bulletin/import_text.html", context)
