"""How an editor types an incident: times in its own zone, a length as people write it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from incidents import zones
from incidents.fields import default_zone, site_zone
from incidents.lengths import Length, LengthError, parse_length
from incidents.models import Incident
from incidents.scales import Precision

TIMES = ("started_at", "ended_at", "status_posted_at")


class LengthField(forms.Field):
    """A length as people write it: cleaned to a Length, or None where empty."""

    widget = forms.TextInput(attrs={"maxlength": 60})

    def to_python(self, value: Any) -> Length | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return parse_length(text)
        except LengthError as error:
            raise forms.ValidationError(str(error), code="length") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or "").strip() != (data or "").strip()


class ZoneField(forms.CharField):
    """An IANA zone; an abbreviation that the one table knows stands for its zone."""

    def to_python(self, value: Any) -> str:
        name = super().to_python(value) or ""
        known = zones.zone_of(name) if name else None
        return known.key if known and name not in available_timezones() - {"EST", "MST"} else name


def zone_named(name: str) -> ZoneInfo:
    """The zone, or the site's where there is none of that name."""
    return ZoneInfo(name) if name in available_timezones() else site_zone()


class IncidentForm(forms.ModelForm[Incident]):
    """Length and end fill each other: what the editor changed wins; both, and they must agree."""

    zone = ZoneField(
        label=_("Zone"),
        initial=default_zone,
        max_length=64,
        help_text=_("The IANA zone in which its times are typed and shown."),
    )
    length = LengthField(
        label=_("Length"),
        required=False,
        help_text=_("“40m”, “2h”, “1d 4h”, “90 min”, “about 2 hours”; or give the end instead."),
    )

    class Meta:
        model = Incident
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            zone = ZoneInfo(self.instance.zone)
            for name in TIMES:
                if moment := getattr(self.instance, name):
                    self.initial[name] = moment.astimezone(zone).replace(tzinfo=None)
            if self.instance.length is not None:
                self.initial["length"] = self.instance.length_text

    def full_clean(self) -> None:
        """Reads every time of the form on the clock of the zone that the form names."""
        typed = self.data.get(self.add_prefix("zone"), "") if self.is_bound else ""
        try:
            name = self.fields["zone"].clean(typed)
        except forms.ValidationError:
            name = ""
        with timezone.override(zone_named(name)):
            super().full_clean()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start = cleaned.get("started_at")
        if start and not self.errors.keys() & {"length", "ended_at"}:
            cleaned["ended_at"] = self._end(start, cleaned)
            cleaned["precision"] = self._precision(cleaned)
            self._check_order(cleaned)
        return cleaned

    def _end(self, start: datetime, cleaned: dict[str, Any]) -> datetime | None:
        length: Length | None = cleaned.get("length")
        end: datetime | None = cleaned.get("ended_at")
        from_length = start + timedelta(minutes=length.minutes) if length else None
        typed = {"length", "ended_at", "precision"}.intersection(self.changed_data)
        if {"length", "ended_at"} <= typed and from_length and end and from_length != end:
            self.add_error("length", _("The length and the end disagree; leave one of them empty."))
        if "ended_at" in typed and end:
            return end
        if "length" in typed:
            return from_length
        if "ended_at" in typed or not self._means_end(cleaned, typed):
            return None
        return end

    def _means_end(self, cleaned: dict[str, Any], typed: set[str]) -> bool:
        """An editor who turns the precision to "unknown" or "ongoing" takes the end back."""
        return "precision" not in typed or Precision(cleaned["precision"]).has_end

    def _precision(self, cleaned: dict[str, Any]) -> str:
        chosen = Precision(cleaned.get("precision") or Precision.UNKNOWN)
        length = cleaned.get("length")
        if cleaned["ended_at"] is None:
            if chosen.has_end and "precision" in self.changed_data and self._took_nothing_back():
                self.add_error("length", _("Say how long it was, or choose “unknown”."))
                return chosen
            return Precision.ONGOING if chosen == Precision.ONGOING else Precision.UNKNOWN
        if "length" in self.changed_data and length and length.about:
            return Precision.ABOUT
        return chosen if chosen.has_end else Precision.EXACT

    def _took_nothing_back(self) -> bool:
        return not {"length", "ended_at"}.intersection(self.changed_data)

    def _check_order(self, cleaned: dict[str, Any]) -> None:
        if cleaned["ended_at"] and cleaned["ended_at"] < cleaned["started_at"]:
            self.add_error("ended_at", _("The end lies before the start."))
