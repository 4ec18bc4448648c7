"""The incidents of a bulletin's period, edited on the bulletin's own page.

Incidents know no bulletins, so these are no inlines by foreign key but a formset of a query.
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.forms import BaseModelFormSet, modelformset_factory
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from markdownx.models import MarkdownxField

from bulletin.admin.permissions import may_publish_incidents
from bulletin.admin.post_forms import IncidentAdminForm
from bulletin.admin.widgets import MarkdownWidget
from bulletin.models import Bulletin
from incidents.choices import Gap
from incidents.models import Incident
from incidents.querysets import IncidentQuerySet
from incidents.weeks import Period

PREFIX: Final = "incidents"
# More would make the page too slow to write on; the others have pages of their own.
EDITABLE: Final = 60
FIELDS: Final = (
    *("title", "started_at", "zone", "ended_at", "precision", "impact", "scope", "kind"),
    *("regions", "services", "body"),
)
ORDER: Final = ("confirmed", "title", "started_at", "zone", "length", "ended_at")


class PeriodIncidentForm(IncidentAdminForm):
    """An incident as a row of its bulletin's page."""

    field_order = ORDER
    is_closed = is_published_meanwhile = False

    def close(self) -> None:
        """The editor may not change it. Where they could when they opened it, what they typed is
        refused, once and aloud, and not passed over."""
        self.is_published_meanwhile = self.is_bound and bool(self._opened_version())
        self.is_closed = not self.is_published_meanwhile
        if self.is_closed:
            for one in self.fields.values():
                one.disabled = True

    def has_changed(self) -> bool:
        return not self.is_closed and super().has_changed()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.is_published_meanwhile and self.has_changed():
            text = _(
                "An editor published it meanwhile, so only editors can change it. Copy what you "
                "typed here and send it to them; saving again leaves the incident unchanged."
            )
            self._refuse("{}", text)
        return cleaned

    @property
    def start(self) -> str:
        return date_format(self.instance.local_start.replace(tzinfo=None), "D j, H:i")

    @property
    def gaps(self) -> list[Gap]:
        """But for the write-up, which is in the row."""
        found = self.instance.gaps() if self.instance.pk else []
        return [gap for gap in found if gap != Gap.WRITE_UP]


class DeletedIncident(forms.Field):
    """The key of a row whose incident somebody deleted meanwhile: none, and no mistake."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> None:
        return None


class PeriodFormSet(BaseModelFormSet[Incident, PeriodIncidentForm]):
    """The first EDITABLE incidents of the period of `instance`, in time order.

    Once sent, its rows are those that were sent, wherever another editor has moved them since.
    """

    may_change = may_publish_incidents = False
    new_objects: list[Incident] = []

    def __init__(
        self, *args: Any, instance: Bulletin, save_as_new: bool = False, **kwargs: Any
    ) -> None:
        self.bulletin = instance
        super().__init__(*args, **kwargs)
        rows = Incident.objects.filter(pk__in=self._sent()) if self.is_bound else self.within()
        self.queryset = rows.in_time_order().prefetch_related("regions", "services")
        if not self.is_bound:
            self.queryset = self.queryset[:EDITABLE]

    @classmethod
    def get_default_prefix(cls) -> str:
        return PREFIX

    def within(self) -> IncidentQuerySet[Incident]:
        stored = Bulletin.objects.filter(pk=self.bulletin.pk)
        first, last = stored.values_list("period_first", "period_last").get()
        return Incident.objects.in_period(Period(first, last))

    def _sent(self) -> list[str]:
        pks = (self.data.get(f"{self.prefix}-{n}-id", "") for n in range(self.total_form_count()))
        return [pk for pk in pks if pk.isdecimal() and len(pk) < 19]

    def add_fields(self, form: PeriodIncidentForm, index: int | None) -> None:
        """A row that the editor may not change shows its fields all the same."""
        is_published = form.instance.publish_at is not None
        if form.instance.pk and not (
            self.may_change and (self.may_publish_incidents or not is_published)
        ):
            form.close()
        super().add_fields(form, index)
        if self.is_bound and (index or 0) < self.initial_form_count() and not form.instance.pk:
            form.fields["id"] = DeletedIncident(disabled=True)

    def save_existing_objects(self, commit: bool = True) -> list[Incident]:
        """What was typed in a row whose incident is deleted becomes an incident again."""
        saved = super().save_existing_objects(commit)
        gone = [form for form in self.initial_forms if not form.instance.pk and form.has_changed()]
        for form in [] if self.edit_only else gone:
            self.changed_objects.append((self.save_new(form, commit), form.changed_data))
        return saved

    @cached_property
    def further_incidents(self) -> list[Incident]:
        shown = [form.instance.pk for form in self.initial_forms]
        return list(self.within().exclude(pk__in=shown).in_time_order())

    @cached_property
    def published_with(self) -> set[int]:
        return set(self.bulletin.published_incidents.values_list("pk", flat=True))

    @property
    def changed(self) -> list[PeriodIncidentForm]:
        return [form for form in self.forms if form.has_changed()]


class PeriodInline(admin.StackedInline[Incident, Bulletin]):
    """Django's inline script adds rows and the admin gives them widgets; the rest is our own."""

    model = Incident
    template = "admin/bulletin/period.html"
    view_on_site = False
    fields = FIELDS
    autocomplete_fields = ["regions", "services"]
    formfield_overrides = {MarkdownxField: {"widget": MarkdownWidget(attrs={"rows": 6})}}
    shown_in = {"body": '[id="{0.slug}"] .account > .prose'}

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        rights = {
            "may_change": self.has_change_permission(request, obj),
            "may_publish_incidents": may_publish_incidents(request.user),
        }
        return modelformset_factory(
            Incident,
            form=PeriodIncidentForm,
            formset=type("RowsOfEditor", (PeriodFormSet,), rights),
            fields=FIELDS,
            formfield_callback=partial(self.formfield_for_dbfield, request=request),
            extra=0,
            edit_only=not self.has_add_permission(request, obj),
        )

    @property
    def script_data(self) -> str:
        words = {"addText": _("Add an incident"), "deleteText": _("Leave it out")}
        return json.dumps({"name": f"#{PREFIX}", "options": {"prefix": PREFIX} | words})
