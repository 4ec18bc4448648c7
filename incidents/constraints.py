"""What the database refuses of an incident; forms refuse the same in words."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from incidents.choices import Impact, Kind, Scope

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
