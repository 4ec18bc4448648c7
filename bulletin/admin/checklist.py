"""What is left to do before a bulletin goes out: a text of lines, ticked as boxes."""

from __future__ import annotations

from django.contrib.admin.widgets import AdminTextareaWidget
from django.forms import Script


class ChecklistWidget(AdminTextareaWidget):
    """The text, and above it a check box for each of its “- [ ]” lines."""

    template_name = "admin/bulletin/checklist.html"

    class Media:
        css = {"all": ["css/checklist.css"]}
        js = [Script("js/admin-checklist.js", type="module")]
