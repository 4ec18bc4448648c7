"""The one standing text above every grid."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from incidents import markup
from incidents.fields import validate_body


class Notice(models.Model):
    """The one standing text above every grid: what this log is, and what it is not."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    body = models.TextField(
        _("notice"),
        blank=True,
        validators=[validate_body],
        help_text=_("Markdown, above the grid of every bulletin. Empty for none."),
    )
    body_html = models.TextField(editable=False)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notice")
        constraints = [
            models.CheckConstraint(
                name="notice_is_the_only_one",
                condition=Q(id=1),
                violation_error_message=_("There is one notice only."),
            )
        ]

    def __str__(self) -> str:
        return str(_("The standing notice"))

    def save(self, **kwargs: Any) -> None:
        """Renders its text."""
        self.body_html = markup.render(self.body, markup.INCIDENT, prefix="notice").html
        super().save(**kwargs)

    @classmethod
    def html(cls) -> str:
        return cls.objects.values_list("body_html", flat=True).first() or ""
