"""What the fields of incidents and posts accept, and what the database refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import markdown, time_zones, weeks
from incidents.choices import Impact, Kind, Scope
from incidents.durations import Sentence


def validate_zone(name: str) -> None:
    if name not in time_zones.names() - {"localtime", "Factory"}:
        raise ValidationError(
            _("“%(name)s” is no time zone; give an IANA name such as Europe/Paris."),
            params={"name": name},
        )


def validate_body(text: str) -> None:
    size = len(text.encode(errors="surrogatepass"))
    if size > markdown.MAX_BYTES:
        raise ValidationError(
            _("This text has %(size)s bytes; the limit is %(limit)s."),
            params={"size": f"{size:,}", "limit": f"{markdown.MAX_BYTES:,}"},
        )


def to_validation_error(error: Sentence, code: str | None = None) -> ValidationError:
    return ValidationError(gettext(error.message), code=code, params=error.values)


# An instant near the end of what a date can hold overflows in another zone.
SANE_INSTANTS = [
    MinValueValidator(datetime(weeks.EARLIEST.year, 1, 2, tzinfo=ZoneInfo("UTC"))),
    MaxValueValidator(datetime(weeks.LATEST.year, 12, 30, tzinfo=ZoneInfo("UTC"))),
]


# What the database refuses of an incident; forms refuse the same in words.
CONSTRAINTS: list[models.BaseConstraint] = [
    models.CheckConstraint(
        name="incident_ends_after_start",
        condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
        violation_error_message=_("The end lies before the start."),
    ),
    models.CheckConstraint(
        name="incident_end_as_precise",
        condition=Q(precision__in=["exact", "about"], ended_at__isnull=False)
        | Q(precision__in=["unknown", "ongoing"], ended_at__isnull=True),
        violation_error_message=_(
            "A length that is exact or about needs an end; one that is unknown or ongoing has none."
        ),
    ),
    models.CheckConstraint(
        name="incident_impact_on_scale",
        condition=Q(impact=None) | Q(impact__in=Impact.values),
        violation_error_message=_("The impact is not on the scale."),
    ),
    models.CheckConstraint(
        name="incident_scope_known",
        condition=Q(scope__in=["", *Scope.values]),
        violation_error_message=_("There is no such scope."),
    ),
    models.CheckConstraint(
        name="incident_kind_known",
        condition=Q(kind__in=Kind.values),
        violation_error_message=_("There is no such kind."),
    ),
]


class WebAddressField(models.URLField[str, str]):
    """An address typed without a scheme means https, as Django 6 has it."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "https"} | kwargs)
