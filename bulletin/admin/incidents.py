"""The admin pages of incidents, regions and services."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from markdownx.models import MarkdownxField

from bulletin import publishing
from bulletin.admin.base import BaseAdmin
from bulletin.admin.post_forms import IncidentAdminForm
from bulletin.admin.publication import PublishedAdmin
from bulletin.admin.widgets import MarkdownWidget
from bulletin.history import add_to_revision
from bulletin.models import Bulletin
from incidents.admin import AddendumInline, IncidentAdmin, RegionAdmin, ServiceAdmin
from incidents.models import Incident, Region, Service


class LogAddendumInline(AddendumInline):
    formfield_overrides = {MarkdownxField: {"widget": MarkdownWidget}}


@admin.register(Incident)
class LogIncidentAdmin(PublishedAdmin[Incident], IncidentAdmin):
    form = IncidentAdminForm
    change_form_template = "admin/bulletin/page_form.html"
    inlines = [LogAddendumInline]
    shown_in = {"body": ".account > .prose"}

    def save_model(self, request: HttpRequest, obj: Incident, form: Any, change: bool) -> None:
        if change:
            publishing.preserve_updated_at_of([Incident.objects.get(pk=obj.pk)], timezone.now())
        super().save_model(request, obj, form, change)

    def after_save(self, request: HttpRequest, form: Any, at: datetime) -> None:
        decides = self.has_decide_permission(request)
        form.scheduled = publishing.sync_scheduled(at) if decides else []
        add_to_revision([form.instance])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if any(formset.new_objects for formset in formsets):
            text = _(
                "Readers see the addendum at once; the next bulletin lists it under “Late reports "
                "and corrections”, and its bulletin’s feed entry is updated."
            )
            self.message_user(request, text)
        if form.scheduled:
            names = ", ".join(map(str, form.scheduled))
            self.message_user(request, _("Scheduled with its week: %s.") % names)
        incident = Incident.objects.get(pk=form.instance.pk)
        bulletins = Bulletin.objects.scheduled_or_published().containing_day(incident.local_date)
        if incident.publish_at is None and (bulletin := bulletins.first()):
            text = _("Its week is public in “%s”; it stays private until you publish it.")
            if not self.has_decide_permission(request):
                text = _(
                    "Its week is published or scheduled in “%s”; "
                    "it stays private until an editor publishes it."
                )
            self.message_user(request, text % bulletin, messages.WARNING)


@admin.register(Region)
class LogRegionAdmin(BaseAdmin[Region], RegionAdmin):
    pass


@admin.register(Service)
class LogServiceAdmin(BaseAdmin[Service], ServiceAdmin):
    pass
