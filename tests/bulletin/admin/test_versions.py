from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.http import QueryDict

from bulletin.admin.post_forms import IncidentAdminForm
from bulletin.conflicts import SHOW_ONLY, VersionedForm, normal, row_digest
from incidents.models import Incident, Region, Service
from tests.factories import make_incident

pytestmark = pytest.mark.django_db
INCIDENT_FORM = type("Form", (IncidentAdminForm,), {})


class ServiceForm(VersionedForm[Service]):
    class Meta:
        model = Service
        fields = ["name", "ours"]


def opened(form: forms.ModelForm[Any], **typed: Any) -> dict[str, Any]:
    """What a browser would send of the form just opened, with what was typed in it."""
    data = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
    return {name: value for name, value in (data | typed).items() if value not in (None, False)}


def sent(form: forms.ModelForm[Any]) -> QueryDict:
    """`opened` of a form with fields of several inputs and values."""
    data = QueryDict(mutable=True)
    for name, field in form.fields.items():
        value = form.get_initial_for_field(field, name)
        if name in ("started_at", "ended_at") and value:
            data[f"{name}_0"], data[f"{name}_1"] = f"{value:%Y-%m-%d}", f"{value:%H:%M}"
        elif isinstance(value, list):
            data.setlist(name, [str(one.pk) for one in value])
        elif value not in (None, False):
            data[name] = str(value)
    return data


def test_a_save_over_a_newer_version_is_refused_with_both_values() -> None:
    service = Service.objects.create(name="Volumes")
    mine = opened(ServiceForm(instance=service), name="My volumes")
    Service.objects.update(name="Their volumes")
    form = ServiceForm(mine, instance=service)
    assert not form.is_valid()
    (one,) = form.collisions
    assert (one.name, one.typed, one.saved, one.is_typed) == (
        "name",
        "My volumes",
        "Their volumes",
        True,
    )
    assert form.has_error(forms.forms.NON_FIELD_ERRORS, "collision")


def test_the_form_shown_again_is_on_the_newer_version_and_saves_then() -> None:
    service = Service.objects.create(name="Volumes")
    mine = opened(ServiceForm(instance=service), name="My volumes")
    Service.objects.update(name="Their volumes")
    refused = ServiceForm(mine, instance=service)
    assert not refused.is_valid()
    again = {**mine, "version": refused["version"].value()}
    form = ServiceForm(again, instance=Service.objects.get())
    assert form.is_valid()
    form.save()
    assert Service.objects.get().name == "My volumes"


def test_keeping_theirs_takes_the_stored_value_even_over_a_mistake() -> None:
    service = Service.objects.create(name="Volumes")
    mine = opened(ServiceForm(instance=service), name="x" * 101) | {"_resolve-name": "theirs"}
    form = ServiceForm(mine, instance=service)
    assert form.is_valid()
    assert form.save().name == "Volumes"


def test_edits_of_different_fields_merge() -> None:
    service = Service.objects.create(name="Volumes", ours=True)
    mine = opened(ServiceForm(instance=service), name="My volumes")
    Service.objects.update(ours=False)
    form = ServiceForm(mine, instance=Service.objects.get())
    assert form.is_valid()
    assert len(form.merged) == 1
    saved = form.save()
    assert (saved.name, saved.ours) == ("My volumes", False)


def test_what_merges_still_merges_after_a_refusal() -> None:
    service = Service.objects.create(name="Volumes", ours=True)
    mine = opened(ServiceForm(instance=service), name="My volumes")
    Service.objects.update(name="Their volumes", ours=False)
    refused = ServiceForm(mine, instance=Service.objects.get())
    assert not refused.is_valid()
    assert [one.name for one in refused.collisions] == ["name"]
    again = {**mine, "version": refused["version"].value()}
    saved = ServiceForm(again, instance=Service.objects.get()).save()
    assert (saved.name, saved.ours) == ("My volumes", False)


def test_start_end_precision_and_zone_are_one_unit() -> None:
    incident = make_incident()
    title, length, start = (sent(INCIDENT_FORM(instance=incident)) for _ in range(3))
    title["title"], length["length"], start["started_at_1"] = "Mine", "3h", "00:01"

    def form(data: QueryDict) -> Any:
        found = INCIDENT_FORM(data, instance=Incident.objects.get())
        found.is_valid()
        return found

    form(length).save()
    longer = Incident.objects.get().ended_at
    refused = form(start)
    assert "ended_at" in [one.name for one in refused.collisions]
    saved = form(title).save()
    assert (saved.title, saved.ended_at) == ("Mine", longer)


def test_a_form_in_which_nothing_was_typed_leaves_what_others_saved() -> None:
    service = Service.objects.create(name="Volumes")
    untouched = opened(ServiceForm(instance=service))
    Service.objects.update(name="Their volumes")
    form = ServiceForm(untouched, instance=Service.objects.get())
    assert form.is_valid()
    assert not form.has_changed()
    assert form.changed_data == []
    assert form.save().name == "Their volumes"


def test_the_same_change_by_both_is_no_collision() -> None:
    service = Service.objects.create(name="Volumes")
    mine = opened(ServiceForm(instance=service), name="Block storage")
    Service.objects.update(name="Block storage")
    assert ServiceForm(mine, instance=service).is_valid()


def test_a_client_that_sends_no_version_or_nonsense_is_not_refused() -> None:
    service = Service.objects.create(name="Volumes")
    for version in ("", "nonsense", "[]", "7"):
        form = ServiceForm({"name": "Mine", "version": version}, instance=service)
        assert form.is_valid(), version


def test_a_held_form_is_shown_and_never_saved() -> None:
    form = ServiceForm({"name": "Volumes", SHOW_ONLY: "1"})
    assert not form.is_valid()
    assert form.has_error(forms.forms.NON_FIELD_ERRORS, "hold")


def test_times_lengths_and_regions_of_an_incident_compare_by_what_they_mean() -> None:
    incident = make_incident(regions="GRU IAD", zone="Asia/Tokyo")
    data = sent(INCIDENT_FORM(instance=incident))
    untouched = INCIDENT_FORM(data, instance=incident)
    assert untouched.is_valid(), untouched.errors
    assert not untouched.has_changed()
    incident.regions.set(Region.objects.filter(code="AMS"))
    data.setlist("regions", [str(Region.objects.get(code="IAD").pk)])
    mine = INCIDENT_FORM(data, instance=incident)
    assert not mine.is_valid()
    (one,) = mine.collisions
    assert "IAD" in one.typed
    assert "AMS" in one.saved


def test_newlines_of_browsers_and_of_unix_are_the_same_and_stored_as_unix() -> None:
    assert normal("a\r\nb ") == normal("a\nb")
    incident = make_incident(body="One.\nTwo.")
    fields = {"title", "body"}
    form = forms.modelform_factory(type(incident), VersionedForm, fields=fields)
    sent = opened(form(instance=incident), body="One.\r\nTwo.\r\nThree.")
    assert form(sent, instance=incident).save().body == "One.\nTwo.\nThree."


def test_the_version_names_each_field_by_a_digest() -> None:
    form = ServiceForm(instance=Service.objects.create(name="Volumes"))
    version = json.loads(form["version"].value())
    assert set(version) == {"name", "ours"}
    assert "Volumes" not in form["version"].value()
    assert not ServiceForm()["version"].value()


def test_normal_values() -> None:
    assert normal(None) == normal(False) == normal("") == ""
    noon = datetime(2024, 7, 2, 12, 0, 0, 5, tzinfo=UTC)
    assert normal(noon) == normal(noon.replace(microsecond=0))
    assert normal([3, 1]) == normal((1, 3))


def test_a_row_is_seen_by_all_that_an_editor_can_change_of_it() -> None:
    incident = make_incident()
    before = row_digest(incident)
    incident.edited_at = datetime(2030, 1, 1, tzinfo=UTC)
    assert row_digest(incident) == before
    incident.body = "Rewritten."
    assert row_digest(incident) != before


def test_newlines_of_a_browser_are_no_change() -> None:
    incident = make_incident(body="One\nTwo\n")
    form = IncidentAdminForm({"body": "One\r\nTwo\r\n"}, instance=incident)
    assert "body" not in form.changed_data
    form = IncidentAdminForm({"body": "One\r\nThree"}, instance=incident)
    assert "body" in form.changed_data
