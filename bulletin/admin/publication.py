"""What is published, from its page and its list: who may change it, and what an edit brings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bulletin import publishing
from bulletin.admin import publish
from bulletin.admin.base import BaseAdmin
from bulletin.admin.permissions import allowed, is_decided
from bulletin.conflicts import SHOW_ONLY
from bulletin.models import Post
from bulletin.publish_checks import Finding, Level, findings
from incidents.models import Incident

RowT = TypeVar("RowT", bound=Post | Incident)
# The button that saves and leads to the sheet.
PUBLISH: Final = "_publish"
# In a form: the digests of the warnings of an edit that the editor accepts.
ACCEPTED: Final = "_accepted"


class FindingsRefused(Exception):
    """What an edit of something published brings; nothing of it is stored."""

    def __init__(self, found: Sequence[Finding]) -> None:
        super().__init__()
        self.findings = found


class PublishedAdmin(BaseAdmin[RowT]):
    """Rows that readers see, or will see at their time, are changed by those only who decide it.

    They become public and private on the sheet alone.
    """

    actions = ["publish_rows", "unpublish_rows", "delete_selected"]

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        sheets = [
            path(
                f"{action}/",
                self.admin_site.admin_view(partial(view, model_admin=self)),
                name=f"{name}_{action}",
            )
            for action, view in (("publish", publish.publish), ("unpublish", publish.unpublish))
        ]
        return [*sheets, *super().get_urls()]

    # Rights -----------------------------------------------------------------------------

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """What actions of the list ask, too, under the name "decide"."""
        return allowed(request.user, "publish", self.model)

    def has_change_permission(self, request: HttpRequest, obj: RowT | None = None) -> bool:
        closed = obj is not None and is_decided(obj) and not self.has_decide_permission(request)
        return not closed and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: RowT | None = None) -> bool:
        """What is published or scheduled is unpublished first."""
        return (obj is None or not is_decided(obj)) and super().has_delete_permission(request, obj)

    # Saving -----------------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (FindingsRefused, publishing.NotPublished) as refusal:
            # The days that another bulletin took meanwhile are an error of the form by then.
            shown = {"findings": getattr(refusal, "findings", [])} | (extra_context or {})
            data = request.POST.copy()
            data[SHOW_ONLY] = "1"
            request.POST = data  # type: ignore[assignment]
            return super().changeform_view(request, object_id, form_url, shown)

    def save_model(self, request: HttpRequest, obj: RowT, form: Any, change: bool) -> None:
        """Looks at the stored row once more, under a lock: an editor may have decided meanwhile."""
        rows = self.model._default_manager.select_for_update()
        stored: Any = rows.filter(pk=obj.pk).first() if change else None
        if stored and not self.has_change_permission(request, stored):
            raise PermissionDenied
        form.found_before = found(stored, timezone.now()) if stored and is_decided(stored) else []
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        at = timezone.now()
        super().save_related(request, form, formsets, change)
        self.after_save(request, form, at)
        if change and is_decided(form.instance):
            row = self.model._default_manager.get(pk=form.instance.pk)
            known = {finding.digest for finding in form.found_before}
            brought = [one for one in found(row, at) if one.digest not in known]
            accepted = request.POST.get(ACCEPTED, "").split()
            if any(one.level == Level.ERROR or one.digest not in accepted for one in brought):
                raise FindingsRefused(brought)

    def after_save(self, request: HttpRequest, form: Any, at: datetime) -> None:
        """Writes what belongs to the row, once it and its rows are stored. It says nothing: the
        save may be refused yet."""

    def response_add(self, request: HttpRequest, obj: RowT, *args: Any) -> HttpResponse:
        return self.button_response(request, obj) or super().response_add(request, obj, *args)

    def response_change(self, request: HttpRequest, obj: RowT) -> HttpResponse:
        return self.button_response(request, obj) or super().response_change(request, obj)

    def button_response(self, request: HttpRequest, row: RowT) -> HttpResponse | None:
        """Where a button leads that saves and does more; None for the others."""
        if PUBLISH not in request.POST:
            return None
        return redirect(publish.sheet_url([row], "publish"))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row: RowT | None = context.get("original")
        context |= {"may_publish": self.has_decide_permission(request)}
        if row is not None:
            context |= {"state": state(row, timezone.now())}
        if row is not None and is_decided(row):
            context |= {"is_decided": True, "is_public": row.is_public(timezone.now())}
            context |= {"unpublish_url": publish.sheet_url([row], "unpublish")}
        warnings = context.get("findings", [])
        if not any(finding.level == Level.ERROR for finding in warnings):
            context |= {"acceptable": " ".join(finding.digest for finding in warnings)}
        return super().render_change_form(request, context, *args, **kwargs)

    # Lists ------------------------------------------------------------------------------

    @admin.action(description=_("Publish…"), permissions=["decide"])
    def publish_rows(self, request: HttpRequest, queryset: QuerySet[RowT]) -> HttpResponse:
        return redirect(publish.sheet_url(queryset, "publish"))

    @admin.action(description=_("Unpublish…"), permissions=["decide"])
    def unpublish_rows(self, request: HttpRequest, queryset: QuerySet[RowT]) -> HttpResponse:
        return redirect(publish.sheet_url(queryset, "unpublish"))

    @admin.action(description=_("Delete selected %(verbose_name_plural)s"), permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[RowT]) -> Any:
        if decided := [str(row) for row in queryset if is_decided(row)]:
            text = _("Nothing was deleted. Unpublish first: %s.") % "; ".join(decided)
            self.message_user(request, text, messages.ERROR)
            return None
        return delete_selected(self, request, queryset)


def state(row: Post | Incident, at: datetime) -> str:
    if isinstance(row, Post):
        return row.state(at)
    if row.publish_at is None:
        return str(_("private"))
    return str(_("published") if row.is_public(at) else _("scheduled"))


def found(row: Post | Incident, at: datetime) -> list[Finding]:
    return findings(row, max(at, row.publish_at or at))
