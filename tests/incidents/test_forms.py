from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incidents.forms import IncidentForm
from incidents.models import Incident
from tests.factories import make_incident

pytestmark = pytest.mark.django_db


def edited(incident: Incident, **changes: str) -> Incident:
    """Saved by a form that a browser sends back as it was shown, but for `changes`."""
    shown = IncidentForm(instance=incident)
    data: dict[str, object] = {}
    for field in shown:
        value = field.value()
        if isinstance(value, datetime):
            data |= {f"{field.name}_0": f"{value:%Y-%m-%d}", f"{field.name}_1": f"{value:%H:%M}"}
        elif value is not None:
            data[field.name] = value
    form = IncidentForm(data | changes, instance=incident)
    assert form.is_valid(), form.errors
    return form.save()


@pytest.mark.parametrize(
    ("minutes", "clock", "end"), [(120, "14:00", "16:00"), (30, "17:00", "17:30")]
)
def test_a_start_that_is_edited_alone_keeps_the_length(minutes: int, clock: str, end: str) -> None:
    incident = make_incident(minutes=minutes)
    assert f"{incident.local_start:%H:%M}" == "15:00"
    moved = edited(incident, started_at_1=clock)
    assert f"{moved.local_start:%H:%M}" == clock
    assert f"{moved.local_end:%H:%M}" == end
    assert moved.precision == "exact"


def test_a_start_and_an_end_that_are_both_edited_are_both_kept() -> None:
    moved = edited(make_incident(minutes=120), started_at_1="14:00", ended_at_1="15:00")
    assert moved.started_at == datetime(2024, 7, 2, 18, tzinfo=UTC)
    assert moved.length_text == "1h"


def test_a_length_that_is_edited_with_the_start_counts_from_it() -> None:
    moved = edited(make_incident(minutes=120), started_at_1="14:00", length="3h")
    assert f"{moved.local_end:%H:%M}" == "17:00"
