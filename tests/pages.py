"""What a browser would send of a page's form."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class FormReader(HTMLParser):
    """Collects the fields of the form with the id `form_id`, the buttons left out."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.inside, self.asleep = form_id, False, False
        self.fields: dict[str, list[str]] = {}
        self.select = self.area = ""

    def handle_starttag(self, tag: str, found: Any) -> None:
        attrs = dict(found)
        self.asleep |= tag == "template"
        if tag == "form" and not self.asleep:
            self.inside = attrs.get("id") == self.form_id
        name = attrs.get("name") or ""
        if not self.inside or self.asleep or "disabled" in attrs:
            return
        if tag == "option" and self.select and "selected" in attrs:
            self.fields[self.select].append(attrs.get("value") or "")
        if not name or attrs.get("type") in {"submit", "file"}:
            return
        if tag == "select":
            self.select = name
            self.fields[name] = []
        elif tag == "textarea":
            self.area = name
            self.fields[name] = [""]
        elif tag == "input" and (
            attrs.get("type") not in {"checkbox", "radio"} or "checked" in attrs
        ):
            self.fields.setdefault(name, []).append(attrs.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self.area:
            self.fields[self.area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.asleep = False
        elif tag == "textarea" and self.area:
            # The first line end of a text area is none of its text.
            self.fields[self.area][0] = self.fields[self.area][0].removeprefix("\n")
            self.area = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form" and not self.asleep:
            self.inside = False


def form_of(response: Any) -> dict[str, list[str]]:
    """The fields of the admin's form on the page, without the row that scripts copy."""
    reader = FormReader(f"{response.context['opts'].model_name}_form")
    reader.feed(response.content.decode())
    return {name: values for name, values in reader.fields.items() if "__prefix__" not in name}
