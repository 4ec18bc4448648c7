"""A form's data as a browser would send it, had an editor typed what the form shows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.forms.widgets import ChoiceWidget

Sent = dict[str, list[str]]


def sent(form: forms.BaseForm) -> Sent:
    data: Sent = {}
    for bound in form:
        data |= typed(bound)
        if bound.field.show_hidden_initial:
            hidden = bound.field.hidden_widget()
            data |= _sent(hidden, bound.html_initial_name, bound.value())
    return data


def typed(bound: forms.BoundField) -> Sent:
    return _sent(bound.field.widget, bound.html_name, bound.value())


def _sent(widget: Any, name: str, value: Any) -> Sent:
    if isinstance(widget, RelatedFieldWidgetWrapper):
        return _sent(widget.widget, name, value)
    if isinstance(widget, forms.MultiWidget):
        return _parts(widget, name, value)
    if isinstance(widget, forms.CheckboxInput):
        return {name: ["on"]} if widget.check_test(value) else {}
    if isinstance(widget, ChoiceWidget):
        return {name: [str(one) for one in widget.format_value(value)]}
    text = widget.format_value(value)
    return {name: ["" if text is None else str(text)]}


def _parts(widget: Any, name: str, value: Any) -> Sent:
    """Those of a widget of several, such as a day and a time of day."""
    values = value if isinstance(value, list | tuple) else widget.decompress(value)
    data: Sent = {}
    for part, ending, one in zip(widget.widgets, widget.widgets_names, values, strict=True):
        data |= _sent(part, f"{name}{ending}", one)
    return data
