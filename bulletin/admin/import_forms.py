"""What the import page asks and shows: a text, a table of incidents, the rest as one essay."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.db import models
from django.utils.translation import gettext_lazy as _

from bulletin import importing
from bulletin.importing import writer
from bulletin.importing.text import LIMIT_BYTES
from bulletin.models import Bulletin
from incidents import time_zones
from incidents.choices import Impact, Kind, Scope
from incidents.durations import format_duration
from incidents.forms import LengthField, ZoneField
from incidents.models import Region, Service
from incidents.validators import SANE_INSTANTS, validate_body, validate_zone


class TextForm(forms.Form):
    """The text of a bulletin, pasted or as a file, and its date."""

    date = forms.DateField(
        label=_("date of the bulletin"),
        widget=AdminDateWidget,
        validators=Bulletin._meta.get_field("date").validators,
    )
    text = forms.CharField(
        label=_("text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18}),
        help_text=_("As the team wrote it: plain text, Markdown, or pasted from elsewhere."),
    )
    file = forms.FileField(label=_("or a file"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "text" in self.errors:
            return cleaned
        try:
            cleaned["text"] = self._text(cleaned)
            if "date" in cleaned:
                context = writer.import_context(cleaned["date"])
                cleaned["parsed"] = importing.parse(cleaned["text"], cleaned["date"], context)
        except importing.ImportTextError as error:
            self.add_error("text", str(error))
        return cleaned

    def _text(self, cleaned: dict[str, Any]) -> str:
        upload = cleaned.get("file")
        data = upload.read(LIMIT_BYTES + 1) if upload else cleaned["text"].encode()
        if not data.strip():
            raise importing.ImportTextError(str(_("There is no text.")))
        return importing.decode(data)


class NamesField(forms.CharField):
    """Names with commas between them, each of which `queryset` must have in its column `by`."""

    def __init__(self, *, queryset: models.QuerySet[Any], by: str, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.queryset, self.by = queryset, by

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        names = [name.strip() for name in (super().to_python(value) or "").split(",")]
        known = dict.fromkeys(filter(None, names))
        found = set(
            self.queryset.filter(**{f"{self.by}__in": known}).values_list(self.by, flat=True)
        )
        if missing := [name for name in known if name not in found]:
            raise forms.ValidationError(
                _("Not known yet: %s. Add it first, or leave it out.") % ", ".join(missing)
            )
        return list(known)


class RowForm(forms.Form):
    """One incident as it was understood, for an editor to correct before it is saved."""

    keep = forms.BooleanField(label=_("keep"), required=False, initial=True)
    title = forms.CharField(label=_("title"), max_length=300)
    started_at = forms.CharField(label=_("start"), max_length=16)
    zone = ZoneField(label=_("zone"), max_length=64, validators=[validate_zone])
    length = LengthField(label=_("length"), required=False)
    ongoing = forms.BooleanField(label=_("ongoing"), required=False)
    impact = forms.TypedChoiceField(
        label=_("impact"),
        required=False,
        choices=[("", "–"), *Impact.choices],
        coerce=int,
        empty_value=None,
    )
    scope = forms.ChoiceField(label=_("scope"), required=False, choices=[("", "–"), *Scope.choices])
    kind = forms.ChoiceField(label=_("kind"), choices=Kind.choices)
    regions = NamesField(label=_("regions"), queryset=Region.objects.all(), by="code")
    services = NamesField(label=_("services"), queryset=Service.objects.all(), by="name")
    body = forms.CharField(
        label=_("write-up"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        validators=[validate_body],
    )
    proposed = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_started_at(self) -> datetime:
        """As typed, on no clock yet."""
        try:
            wall = datetime.strptime(self.cleaned_data["started_at"], "%Y-%m-%d %H:%M")  # noqa: DTZ007
        except ValueError as error:
            raise forms.ValidationError(
                _("Enter a valid date and time, such as 2024-07-02 15:00.")
            ) from error
        return wall

    def clean(self) -> dict[str, Any]:
        """Turns the start, and the end that the length gives, into instants."""
        cleaned = super().clean() or self.cleaned_data
        if {"started_at", "zone", "length"} <= cleaned.keys():
            try:
                cleaned["start"], cleaned["end"] = self._instants(cleaned)
            except (forms.ValidationError, OverflowError) as error:
                self.add_error(
                    "started_at",
                    getattr(error, "message", _("Enter a valid year.")),
                )
        return cleaned

    def _instants(self, cleaned: dict[str, Any]) -> tuple[datetime, datetime | None]:
        start = time_zones.resolve_wall_time(cleaned["started_at"], ZoneInfo(cleaned["zone"]))
        length = cleaned["length"]
        end = time_zones.add_elapsed(start, timedelta(minutes=length.minutes)) if length else None
        for check in SANE_INSTANTS:
            check(start)
            check(end or start)
        return start, end

    @property
    def marked(self) -> set[str]:
        proposed = set(str(self["proposed"].value() or "").split(","))
        length = {"duration_minutes", "ended_at", "precision"}
        return proposed | ({"length"} if proposed & length else set())

    @property
    def day(self) -> date | None:
        try:
            return date.fromisoformat(str(self["started_at"].value() or "")[:10])
        except ValueError:
            return None

    def parsed(self) -> importing.ParsedIncident:
        typed = dict(self.cleaned_data)
        length = typed["length"]
        precision = "ongoing" if typed["ongoing"] else "unknown"
        if length:
            precision = "about" if length.about else "exact"
        return importing.ParsedIncident(
            title=typed["title"],
            started_at=typed["start"],
            zone=typed["zone"],
            ended_at=typed["end"],
            minutes=length.minutes if length else None,
            precision=precision,
            impact=typed["impact"],
            scope=typed["scope"] or None,
            kind=typed["kind"],
            regions=typed["regions"],
            services=typed["services"],
            body=typed["body"],
            proposed=[],
            line=0,
        )


def row_of(incident: importing.ParsedIncident) -> dict[str, Any]:
    length = ""
    if incident.minutes is not None and incident.ended_at:
        length = format_duration(incident.minutes, about=incident.precision == "about")
    return {
        "keep": True,
        "title": incident.title,
        "started_at": f"{incident.started_at:%Y-%m-%d %H:%M}",
        "zone": incident.zone,
        "length": length,
        "ongoing": incident.precision == "ongoing",
        "impact": incident.impact,
        "scope": incident.scope,
        "kind": incident.kind,
        "regions": ", ".join(incident.regions),
        "services": ", ".join(incident.services),
        "body": incident.body,
        "proposed": ",".join(incident.proposed),
    }


RowFormSet = forms.formset_factory(RowForm, extra=0, max_num=500, absolute_max=500)


class EssayForm(forms.Form):
    """The rest of what was understood: the period and the sections, as one essay."""

    period_first = forms.DateField(
        label=_("period from"),
        widget=AdminDateWidget,
        validators=Bulletin._meta.get_field("period_first").validators,
    )
    period_last = forms.DateField(
        label=_("to"),
        widget=AdminDateWidget,
        validators=Bulletin._meta.get_field("period_last").validators,
    )
    essay = forms.CharField(
        label=_("essay"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 16}),
        validators=[validate_body],
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("period_first"), cleaned.get("period_last")
        if first and last and last < first:
            self.add_error("period_last", _("The period ends before it begins."))
        return cleaned
