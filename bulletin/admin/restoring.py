"""A version in the form of its row, for an editor to look at and save."""

from __future__ import annotations

from copy import copy
from typing import Any, Final

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Model
from django.forms.widgets import ChoiceWidget
from django.http import HttpRequest

from bulletin import history
from bulletin.autosave import FormData, formsets
from bulletin.history import State, named, states_of


def form_data(form: forms.BaseForm) -> FormData:
    data: FormData = {}
    for bound in form:
        data |= field_data(bound)
        if bound.field.show_hidden_initial:
            hidden = bound.field.hidden_widget()
            data |= _widget_data(hidden, bound.html_initial_name, bound.value())
    return data


def field_data(bound: forms.BoundField) -> FormData:
    return _widget_data(bound.field.widget, bound.html_name, bound.value())


def _widget_data(widget: Any, name: str, value: Any) -> FormData:
    if isinstance(widget, RelatedFieldWidgetWrapper):
        return _widget_data(widget.widget, name, value)
    if isinstance(widget, forms.MultiWidget):
        return _multi_widget_data(widget, name, value)
    if isinstance(widget, forms.CheckboxInput):
        return {name: ["on"]} if widget.check_test(value) else {}
    if isinstance(widget, ChoiceWidget):
        return {name: [str(one) for one in widget.format_value(value)]}
    text = widget.format_value(value)
    return {name: ["" if text is None else str(text)]}


def _multi_widget_data(widget: Any, name: str, value: Any) -> FormData:
    """Those of a widget of several, such as a day and a time of day."""
    values = value if isinstance(value, list | tuple) else widget.decompress(value)
    data: FormData = {}
    for part, ending, one in zip(widget.widgets, widget.widgets_names, values, strict=True):
        data |= _widget_data(part, f"{name}{ending}", one)
    return data


# In a form's data: the version to fill it with, and the one that it was filled with.
RESTORE: Final = "_restore"
RESTORED: Final = "_restored"
# What readers see, and when, is decided now and not by what was once.
DECIDED_NOW: Final = {"status", "publish_at"}
# Fields of a form in place of versioned ones.
DERIVED: Final = {"length"}


def fill(
    model_admin: Any, request: HttpRequest, row: Model | None, version: Any
) -> tuple[FormData, list[str]]:
    """The form of `row`, or of a new one, as if an editor had typed what `version` says; and the
    names of what a field of it points at and is gone."""
    (state,) = states_of([version])
    form_class = model_admin.get_form(request, row, change=row is not None)
    initial = None if row else model_admin.get_changeform_initial_data(request)
    now = form_class(instance=row, initial=initial)
    many, lost = related(model_admin.model, state)
    old = form_class(instance=as_it_was(model_admin.model, row, version, state), initial=many)
    data = form_data(now)
    names = {field.name for field in history.fields_of(model_admin.model)} | DERIVED
    for name in (names - DECIDED_NOW).intersection(now.fields):
        for key in field_data(now[name]):
            del data[key]
        data |= field_data(old[name])
    data |= inlines(model_admin, request, row, state)
    return data | {RESTORED: [str(version.pk)]}, lost


def as_it_was(model: type[Model], row: Model | None, version: Any, state: State) -> Model:
    old = copy(row) if row else model()
    for field in history.fields_of(model):
        if not field.many_to_many:
            setattr(old, field.attname, state.values[field.attname])
    old.pk = model._meta.pk.to_python(version.object_id)
    return old


def related(model: type[Model], state: State) -> tuple[dict[str, list[Any]], list[str]]:
    """The keys by field that still point at a row, and the names of those that don't."""
    there: dict[str, list[Any]] = {}
    lost: list[str] = []
    for field in history.fields_of(model):
        if field.many_to_many:
            pks = state.values.get(field.name) or []
            found = field.related_model._base_manager.filter(pk__in=pks)
            there[field.name] = list(found.values_list("pk", flat=True))
            gone = [pk for pk in pks if pk not in there[field.name]]
            lost += named(field.related_model, gone, mark="%s").values()
    return there, lost


def inlines(model_admin: Any, request: HttpRequest, row: Model | None, state: State) -> FormData:
    """The rows that belong to it: those of now, their texts as they were."""
    data: FormData = {}
    for formset, _inline in formsets(model_admin, request, row, row or model_admin.model(), None):
        data |= form_data(formset.management_form)
        for form in formset.forms:
            data |= form_data(form)
            text = state.addenda.get(str(form.instance.pk))
            if text is not None and "body" in form.fields:
                data[form.add_prefix("body")] = [text]
    return data
