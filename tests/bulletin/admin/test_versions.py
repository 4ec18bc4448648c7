from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.http import QueryDict
from django.test import Client

from bulletin.admin.post_forms import IncidentAdminForm
from bulletin.conflicts import SHOW_ONLY, VersionedForm, normal, row_digest
from bulletin.models import Author, Bulletin
from incidents.models import Incident, Region, Service
from tests.factories import make_bulletin, make_editor, make_incident
from tests.pages import form_of

pytestmark = pytest.mark.django_db
INCIDENT_FORM = type("Form", (IncidentAdminForm,), {})


class ServiceForm(VersionedForm[Service]):
    class Meta:
        model = Service
        fields = ["name", "ours"]


class Meta:
    model = Incident
    fields = ("title", "impact")


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
    service.refresh_from_db()
    form = ServiceForm(mine, instance=service)
    assert not form.is_valid()
    (one,) = form.collisions
    assert (one.name, one.typed, one.saved) == ("name", "My volumes", "Their volumes")
    assert form.has_error(forms.forms.NON_FIELD_ERRORS, "collision")


def again(form: VersionedForm[Any], **typed: Any) -> dict[str, Any]:
    """What a browser would send of the refused `form` as it was shown."""
    assert not form.is_valid()
    return {**form.data.dict(), "version": form["version"].value(), **typed}


@pytest.mark.parametrize(("choice", "name"), [("mine", "My volumes"), ("theirs", "Their volumes")])
def test_a_refused_form_saves_once_the_editor_has_chosen(choice: str, name: str) -> None:
    service = Service.objects.create(name="Volumes")
    mine = opened(ServiceForm(instance=service), name="My volumes")
    Service.objects.update(name="Their volumes")
    sent = again(ServiceForm(mine, instance=Service.objects.get()))
    missed = ServiceForm(sent, instance=Service.objects.get())
    assert not missed.is_valid()
    assert [(one.is_shown, one.choice) for one in missed.collisions] == [(True, "")]
    form = ServiceForm(again(missed, **{"_resolve-name": choice}), instance=Service.objects.get())
    assert form.is_valid()
    assert form.save().name == name


def test_a_choice_between_older_texts_is_none() -> None:
    service = Service.objects.create(name="Volumes")
    mine = opened(ServiceForm(instance=service), name="My volumes") | {"_resolve-name": "mine"}
    Service.objects.update(name="Their volumes")
    refused = ServiceForm(mine, instance=Service.objects.get())
    sent = again(refused)
    Service.objects.update(name="Newer volumes")
    form = ServiceForm(sent, instance=Service.objects.get())
    assert not form.is_valid()
    assert [(one.saved, one.choice) for one in form.collisions] == [("Newer volumes", "")]


def test_a_choice_stays_while_another_is_missing() -> None:
    incident = make_incident(title="A", impact=1)
    make = type("Form", (VersionedForm,), {"Meta": Meta})
    mine = opened(make(instance=incident), title="B", impact=2)
    Incident.objects.update(title="C", impact=3)
    sent = again(make(mine, instance=Incident.objects.get()), **{"_resolve-title": "theirs"})
    form = make(sent, instance=Incident.objects.get())
    assert not form.is_valid()
    assert [(one.name, one.choice) for one in form.collisions] == [
        ("title", "theirs"),
        ("impact", ""),
    ]


def test_keeping_theirs_takes_the_stored_value_even_over_a_mistake() -> None:
    service = Service.objects.create(name="Volumes")
    mine = opened(ServiceForm(instance=service), name="x" * 101)
    Service.objects.update(name="Their volumes")
    sent = again(ServiceForm(mine, instance=Service.objects.get()), **{"_resolve-name": "theirs"})
    form = ServiceForm(sent, instance=Service.objects.get())
    assert form.is_valid()
    assert form.save().name == "Their volumes"


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
    chosen = again(refused, **{"_resolve-name": "mine"})
    saved = ServiceForm(chosen, instance=Service.objects.get()).save()
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


# Two editors on one page ----------------------------------------------------------------


class Editor:
    """Somebody who has the page of `row` open."""

    def __init__(self, name: str, row: Any) -> None:
        self.client = Client()
        self.client.force_login(make_editor(name))
        self.page = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
        self.form = form_of(self.client.get(self.page))

    def save(self, **typed: Any) -> Any:
        response = self.client.post(self.page, self.form | typed, follow=True)
        if response.context.get("acceptable"):
            accepted = form_of(response) | {"_accepted": response.context["acceptable"]}
            response = self.client.post(self.page, accepted, follow=True)
        return response


@pytest.fixture
def draft() -> Bulletin:
    return make_bulletin(status="draft", publish_at=None, essay="One.\n\nTwo.\n\nThree.")


def test_edits_of_different_paragraphs_merge_and_the_message_says_of_whom(draft: Bulletin) -> None:
    ada, bob = Editor("ada", draft), Editor("bob", draft)
    bob.save(essay="One.\n\nTwo.\n\nThree, by bob.", title="His title")
    text = ada.save(essay="One, by ada.\r\n\r\nTwo.\r\n\r\nThree.").content.decode()
    draft.refresh_from_db()
    assert draft.essay == "One, by ada.\n\nTwo.\n\nThree, by bob."
    assert draft.title == "His title"
    assert "“Title” by bob on" in text
    assert "other paragraphs of “Essay” by bob on" in text


def test_a_merge_is_undone_by_a_link_to_what_was_typed(draft: Bulletin) -> None:
    ada, bob = Editor("ada", draft), Editor("bob", draft)
    author = Author.objects.create(name="Marie Curie")
    bob.save(essay="One.\n\nTwo.\n\nThree, by bob.", authors=[author.pk])
    text = ada.save(essay="One, by ada.\n\nTwo.\n\nThree.", title="Hers").content.decode()
    link = re.search(r'href="([^"]+restore=[^"]+)">Back to what you typed', text)
    assert link
    shown = form_of(ada.client.get(link[1]))
    assert (shown["essay"], shown["title"]) == (["One, by ada.\n\nTwo.\n\nThree."], ["Hers"])
    assert shown["authors"] == []
    # In the history, that is no save.
    history = ada.client.get(ada.page.replace("change", "history")).context["entries"]
    assert [str(version.revision.user) for version, _changes in history] == ["ada", "bob", "None"]
    assert [change.label for change in history[0][1]] == ["Title", "Essay"]
    draft.refresh_from_db()
    assert draft.essay.endswith("by bob.")
    ada.client.post(ada.page, shown)
    draft.refresh_from_db()
    assert draft.essay == "One, by ada.\n\nTwo.\n\nThree."


def test_paragraphs_of_a_row_of_a_bulletins_page_merge(draft: Bulletin) -> None:
    make_incident(body="One.\n\nTwo.\n\nThree.", publish_at=None)
    ada, bob = Editor("ada", draft), Editor("bob", draft)
    bob.save(**{"incidents-0-body": "One.\n\nTwo.\n\nThree, by bob."})
    text = ada.save(**{"incidents-0-body": "One, by ada.\n\nTwo.\n\nThree."}).content.decode()
    assert Incident.objects.get().body == "One, by ada.\n\nTwo.\n\nThree, by bob."
    assert re.search("“[^”]*Packet loss”: Merged with", text)


def test_one_paragraph_edited_by_both_is_a_choice_that_names_who_saved(draft: Bulletin) -> None:
    ada, bob, eve = (Editor(name, draft) for name in ("ada", "bob", "eve"))
    bob.save(essay="Bob's.\n\nTwo.\n\nThree.")
    # Neither a later save of another field nor what the log says beside is meant.
    eve.save(title="Of eve")
    LogEntry.objects.log_actions(eve.client.session["_auth_user_id"], [draft], CHANGE, "Looked.")
    refused = ada.save(essay="Ada's.\n\nTwo.\n\nThree.")
    text = refused.content.decode()
    assert "Saved by bob on" in text
    assert "by eve" not in text
    assert not re.search(r'name="_resolve-essay"[^>]* checked', text)
    assert "Choose yours or theirs." not in text
    missed = ada.client.post(ada.page, form_of(refused)).content.decode()
    assert "Choose yours or theirs." in missed
    draft.refresh_from_db()
    assert draft.essay.startswith("Bob")
