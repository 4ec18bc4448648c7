"""The form of an incident: times in its own zone, a length as people write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext_lazy as _

from incidents import time_zones
from incidents.choices import Precision
from incidents.durations import Duration, DurationError, parse_duration
from incidents.models import Incident
from incidents.site import default_zone
from incidents.validators import SANE_INSTANTS, to_validation_error, validate_zone

TIMES = ("started_at", "ended_at", "status_posted_at")


class LengthField(forms.Field):
    """A length as people write it: cleaned to a Duration, or None where empty."""

    widget = forms.TextInput(attrs={"maxlength": 60})

    def to_python(self, value: Any) -> Duration | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return parse_duration(text)
        except DurationError as error:
            raise to_validation_error(error, code="length") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or "").strip() != (data or "").strip()


class ZoneField(forms.CharField):
    """An IANA zone, or an abbreviation of one."""

    def to_python(self, value: Any) -> str:
        name = super().to_python(value) or ""
        known = time_zones.zone_of(name) if name else None
        return known.key if known and name not in time_zones.names() - {"EST", "MST"} else name


class WallClockField(forms.SplitDateTimeField):
    """A day and a time of day as a clock shows them: cleaned to a naive datetime."""

    widget = AdminSplitDateTime

    def compress(self, data_list: Any) -> datetime | None:
        if not data_list:
            return None
        day, hour = data_list
        if day in self.empty_values:
            raise forms.ValidationError(self.error_messages["invalid_date"], code="invalid_date")
        if hour in self.empty_values:
            raise forms.ValidationError(self.error_messages["invalid_time"], code="invalid_time")
        return datetime.combine(day, hour)


class IncidentForm(forms.ModelForm[Incident]):
    """Length and end fill each other: what the editor changed wins; both, and they must agree."""

    zone = ZoneField(
        label=_("Zone"),
        initial=default_zone,
        validators=[validate_zone],
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
        field_classes = dict.fromkeys(TIMES, WallClockField)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            zone = ZoneInfo(self.instance.zone)
            for name in TIMES:
                if moment := getattr(self.instance, name):
                    self.initial[name] = moment.astimezone(zone).replace(tzinfo=None)
            if self.instance.length is not None:
                self.initial["length"] = self.instance.length_text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in TIMES:
            instant = self._instant(name, cleaned)
            # What can't be read leaves the incident's own time as it is.
            if self.errors.keys() & {name, "zone"}:
                cleaned.pop(name, None)
            else:
                cleaned[name] = instant
        start = cleaned.get("started_at")
        if start and not self.errors.keys() & {"length", "ended_at", "precision"}:
            cleaned["ended_at"] = self._end(start, cleaned)
            cleaned["precision"] = self._precision(cleaned)
            if cleaned["ended_at"] and cleaned["ended_at"] < start:
                self.add_error("ended_at", _("The end lies before the start."))
        return cleaned

    def _instant(self, name: str, cleaned: dict[str, Any]) -> datetime | None:
        """What was typed, in the form's zone. An unchanged time stays the same instant, which the
        clock may show twice."""
        wall = cleaned.get(name)
        if self.instance.pk and not {name, "zone"}.intersection(self.changed_data):
            return cast("datetime | None", getattr(self.instance, name))
        if wall is None or "zone" in self.errors:
            return None
        try:
            instant = time_zones.resolve_wall_time(wall, ZoneInfo(cleaned["zone"])).astimezone(UTC)
            for check in SANE_INSTANTS:
                check(instant)
        except OverflowError:
            self.add_error(name, _("Enter a valid year."))
            return None
        except forms.ValidationError as error:
            self.add_error(name, error)
            return None
        return instant

    def _end(self, start: datetime, cleaned: dict[str, Any]) -> datetime | None:
        length: Duration | None = cleaned.get("length")
        end: datetime | None = cleaned.get("ended_at")
        typed = set(self.changed_data)
        if "length" in typed:
            elapsed = timedelta(minutes=length.minutes) if length else None
            from_length = self._after(start, elapsed)
            if "ended_at" not in typed or not end:
                return from_length
            if from_length and from_length != end:
                text = _("The length and the end disagree; leave one of them empty.")
                self.add_error("length", text)
        if "ended_at" in typed:
            return end
        if "precision" in typed and not Precision(cleaned["precision"]).has_end:
            return None
        return self._after(start, self.instance.length) if "started_at" in typed else end

    def _after(self, start: datetime, length: timedelta | None) -> datetime | None:
        return None if length is None else time_zones.add_elapsed(start, length)

    def _precision(self, cleaned: dict[str, Any]) -> str:
        chosen = Precision(cleaned.get("precision") or Precision.UNKNOWN)
        length, typed = cleaned.get("length"), set(self.changed_data)
        if cleaned["ended_at"] is None:
            if chosen.has_end and "precision" in typed and not typed & {"length", "ended_at"}:
                self.add_error("length", _("Enter a length, or choose “unknown”."))
                return chosen
            return Precision.ONGOING if chosen == Precision.ONGOING else Precision.UNKNOWN
        if "length" in typed and length and (length.about or "precision" not in typed):
            return Precision.ABOUT if length.about else Precision.EXACT
        return chosen if chosen.has_end else Precision.EXACT
