"""The Markdown editor of the admin: a text area that knows shortcuts and takes pictures."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.forms import Script
from django.urls import reverse
from markdownx.widgets import AdminMarkdownxWidget


class MarkdownWidget(AdminMarkdownxWidget):  # type: ignore[misc]
    """django-markdownx's widget with our own template, addresses and script.

    Its addresses are settings read at import, which know no prefix, and its script starts no
    editor in an inline added later; so neither is used.
    """

    template_name = "desk/markdown.html"

    class Media:
        extend = False
        css = {"all": ["css/desk.css"]}
        js = [Script("js/desk-editor.js", type="module")]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 16, **(attrs or {})})

    def add_markdownx_attrs(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Called by the package for each rendering, so that a prefix of the site is in place."""
        return attrs | {
            "data-upload-url": reverse("desk:upload"),
            "data-upload-max-bytes": settings.UPLOAD_MAX_BYTES,
        }
