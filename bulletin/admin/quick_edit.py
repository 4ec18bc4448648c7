"""What an editor sets in an incident's row on the dashboard, and the end of what is over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import reversion
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from reversion.models import Revision, Version

from bulletin import history, publishing
from bulletin.history import new_revision
from incidents.choices import Impact, Precision
from incidents.forms import LengthField
from incidents.models import Incident, Region
from incidents.time_zones import add_elapsed


class QuickForm(forms.Form):
    """One of an incident's gaps, closed in its row; what is not sent stays as it is."""

    impact = forms.TypedChoiceField(choices=Impact.choices, coerce=int, required=False)
    length = LengthField(required=False)
    regions = forms.CharField(required=False)

    def clean_regions(self) -> list[Region]:
        codes = self.cleaned_data["regions"].replace(",", " ").upper().split()
        regions = list(Region.objects.filter(code__in=codes))
        if unknown := sorted(set(codes) - {region.code for region in regions}):
            raise forms.ValidationError(
                _("Not known yet: %s. Add it on the incident’s page.") % ", ".join(unknown)
            )
        return regions

    def apply(self, incident: Incident) -> list[str]:
        sent = self.cleaned_data.items()
        values = {name: value for name, value in sent if value not in ("", None, [])}
        if "impact" in values:
            incident.impact = values["impact"]
        if length := values.get("length"):
            incident.ended_at = add_elapsed(incident.started_at, timedelta(minutes=length.minutes))
            incident.precision = Precision.ABOUT if length.about else Precision.EXACT
        incident.proposed = [name for name in incident.proposed if name not in _confirmed(values)]
        incident.full_clean()
        incident.save()
        if "regions" in values:
            incident.regions.set(values["regions"])
        return list(values)


def _confirmed(values: dict[str, Any]) -> set[str]:
    length = {"ended_at", "precision", "duration_minutes"} if "length" in values else set()
    return {*values} | length


@require_POST
def set_field(request: HttpRequest, pk: int) -> HttpResponse:
    with new_revision(request):
        incident = editable(request, pk)
        form = QuickForm(request.POST)
        try:
            if not form.is_valid():
                raise forms.ValidationError(form.errors)
            names = save(request, incident, form.apply)
        except forms.ValidationError as error:
            messages.error(request, f"{incident.plain_title}: {' '.join(error.messages)}")
        else:
            log(request, incident, names)
    return redirect("admin:index")


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """It's over: ended now. The message has an undo, while nobody has saved the incident since."""
    at = timezone.now().replace(second=0, microsecond=0)
    with new_revision(request):
        incident = editable(request, pk)
        if incident.precision != Precision.ONGOING:
            messages.info(request, _("“%s” is over already.") % incident.plain_title)
            return redirect("admin:index")
        edited_at = incident.edited_at
        save(request, incident, lambda row: _end(row, at))
        entry = log(request, incident, ["ended_at", "precision"])
    context = {"incident": incident, "entry": entry, "edited_at": edited_at.isoformat()}
    undo = render_to_string("admin/bulletin/dashboard/ended.html", context, request)
    messages.success(request, undo)
    return redirect("admin:index")


def _end(incident: Incident, at: datetime) -> list[str]:
    incident.ended_at, incident.precision = max(at, incident.started_at), Precision.EXACT
    incident.save()
    return []


@require_POST
def undo_end(request: HttpRequest, pk: int) -> HttpResponse:
    """As if nobody had pressed: without its revision and its log entry."""
    with new_revision(request):
        incident = editable(request, pk)
        entries = LogEntry.objects.filter(object_id=str(pk), content_type__model="incident")
        entry = entries.order_by("-pk").first()
        newest = Version.objects.get_for_object(incident).first()
        saved = history.version_of(incident).field_dict
        is_last = entry is not None and str(entry.pk) == request.POST.get("entry")
        if entry is None or newest is None or not is_last or newest.field_dict != saved:
            messages.error(request, _("“%s” was saved since; change it on its page.") % incident)
            return redirect("admin:index")
        Incident.objects.filter(pk=pk).update(
            ended_at=None, precision=Precision.ONGOING, edited_at=request.POST["edited_at"]
        )
        Revision.objects.filter(pk=newest.revision_id).delete()
        entry.delete()
    messages.success(request, _("“%s” is ongoing again.") % incident.plain_title)
    return redirect("admin:index")


def editable(request: HttpRequest, pk: int) -> Incident:
    """The incident under the save's lock; 403 for who may not change it."""
    incident = get_object_or_404(Incident.objects.select_for_update(), pk=pk)
    if not admin.site.get_model_admin(Incident).has_change_permission(request, incident):
        raise PermissionDenied
    return incident


def save(request: HttpRequest, incident: Incident, change: Any) -> list[str]:
    rows = Incident.objects.filter(pk=incident.pk)
    history.add_stored_versions(rows)
    publishing.preserve_updated_at_of([incident], timezone.now())
    names: list[str] = change(incident)
    reversion.set_comment(_("Set on the dashboard."))
    return names


def log(request: HttpRequest, incident: Incident, names: list[str]) -> LogEntry:
    made: Any = LogEntry.objects.log_actions(
        request.user.pk or 0,
        [incident],
        CHANGE,
        [{"changed": {"fields": names}}],
        single_object=True,
    )
    entry: LogEntry = made
    return entry
