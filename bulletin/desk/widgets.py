"""The Markdown editor of the admin: text on the left, on the right what readers will see."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.forms import Script
from django.urls import reverse
from markdownx.widgets import AdminMarkdownxWidget

from incidents import markup

# The names under which the preview knows the styles that models render with.
STYLES: Final = {"essay": markup.ESSAY, "incident": markup.INCIDENT}
# What a public page loads for its text, and the preview's own touches.
PAGE_SHEETS: Final = ("css/tokens.css", "css/prose.css", "css/code.css", "css/desk.css")


class MarkdownWidget(AdminMarkdownxWidget):  # type: ignore[misc]
    """django-markdownx's widget with our own template, addresses and script.

    Its addresses are settings read at import, which know no prefix, and its script starts no
    editor in an inline added later; so neither is used.
    """

    template_name = "desk/markdown.html"

    class Media:
        extend = False
        css = {"all": ["css/fonts.css", "css/desk.css"]}
        js = [Script("js/desk-editor.js", type="module")]

    def __init__(self, style: str = "incident", attrs: dict[str, Any] | None = None) -> None:
        """`style` is a key of STYLES."""
        super().__init__({"rows": 16, **(attrs or {})})
        self.style = style

    def add_markdownx_attrs(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Called by the package for each rendering, so that a prefix of the site is in place."""
        return attrs | {
            "data-style": self.style,
            "data-preview-url": reverse("desk:preview"),
            "data-upload-url": reverse("desk:upload"),
            "data-upload-max-bytes": settings.UPLOAD_MAX_BYTES,
        }

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        context["widget"]["page_sheets"] = PAGE_SHEETS
        return context
