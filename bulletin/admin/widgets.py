"""The Markdown editor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.forms import Script
from markdownx.widgets import AdminMarkdownxWidget


class MarkdownWidget(AdminMarkdownxWidget):  # type: ignore[misc]
    """django-markdownx's widget with a template and script of our own: the package's script starts
    no editor in an inline that is added later."""

    template_name = "admin/bulletin/markdown.html"

    class Media:
        extend = False
        css = {"all": ["css/admin.css"]}
        js = [Script("js/admin-editor.js", type="module")]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 16, **(attrs or {})})

    def add_markdownx_attrs(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs["data-upload-max-bytes"] = settings.UPLOAD_MAX_BYTES
        return dict(super().add_markdownx_attrs(attrs))
