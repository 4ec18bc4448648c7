"""Site settings: the log's name, tagline, standing text and links, edited in the admin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.urls import get_script_prefix
from django.utils.translation import gettext_lazy as _
from markdownx.models import MarkdownxField

from incidents import markdown
from incidents.validators import validate_body

# A path of this site; "//host" and "/\host" would lead to another.
PATH: Final = re.compile(r"/(?![/\\])[!-~]*")
DEFAULT_HEADINGS: Final = """\
This Week In *
These Weeks In *
This Week At *
These Weeks *
Last Week In *
Narrative
The Narrative
Postmortem
Post-Mortem
Retrospective
In Other News
Looking Ahead
What We Shipped"""
validate_https_url = URLValidator(schemes=["https"])


@dataclass(frozen=True, slots=True)
class Link:
    """In the header or footer of every page; `address` as it was typed."""

    label: str
    address: str

    @property
    def href(self) -> str:
        """The address, under the site's prefix where it is a path of this site."""
        prefix = get_script_prefix()
        if not self.address.startswith("/") or self.address.startswith(prefix):
            return self.address
        return prefix.removesuffix("/") + self.address


def parse_links(text: str) -> list[Link]:
    """One a line, whose last word is the address."""
    lines = (line.split() for line in text.splitlines())
    return [Link(" ".join(words[:-1]), words[-1]) for words in lines if words]


def validate_links(text: str) -> None:
    """Refuses an address that leads nowhere or runs a script."""
    for link in parse_links(text):
        if not link.label or not is_address(link.address):
            raise ValidationError(
                _(
                    "“%(line)s” is not a link. Write its text and then its address: one with "
                    "https://, a path of this site such as /archive/, or mailto:."
                ),
                params={"line": f"{link.label} {link.address}".strip()[:80]},
            )


def is_address(address: str) -> bool:
    scheme, _colon, rest = address.partition(":")
    try:
        if scheme.lower() == "mailto":
            EmailValidator()(rest.partition("?")[0])
        elif not PATH.fullmatch(address):
            validate_https_url(address)
    except ValidationError:
        return False
    return True


class SiteSettings(models.Model):
    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(
        _("name"),
        max_length=60,
        blank=True,
        help_text=_("What the log is called. Empty for SITE_NAME of the environment."),
    )
    tagline = models.CharField(
        _("tagline"),
        max_length=200,
        blank=True,
        help_text=_("One sentence under the name, also for search engines and feeds. Optional."),
    )
    about = MarkdownxField(
        _("About this log"),
        blank=True,
        validators=[validate_body],
        help_text=_("Markdown, above the grid of every bulletin. Optional."),
    )
    about_html = models.TextField(editable=False)
    header_links = models.TextField(
        _("header links"),
        blank=True,
        validators=[validate_links],
        help_text=_(
            "One a line, its text and then its address: “Status https://status.example.org”. "
            "A path of this site begins with a slash."
        ),
    )
    footer_links = models.TextField(
        _("footer links"),
        blank=True,
        validators=[validate_links],
        help_text=_("Likewise: “Write to us mailto:log@example.org”."),
    )
    import_headings = models.TextField(
        _("headings of imported texts"),
        blank=True,
        max_length=2000,
        default=DEFAULT_HEADINGS,
        help_text=_(
            "One a line: lines of a plain text that begin a section. “*” is for any words."
        ),
    )

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        constraints = [
            models.CheckConstraint(
                name="site_settings_single_row",
                condition=Q(id=1),
                violation_error_message=_("There is one row of site settings."),
            )
        ]

    def __str__(self) -> str:
        return str(_("Site settings"))

    def save(self, **kwargs: Any) -> None:
        self.about_html = markdown.render(self.about, markdown.INCIDENT, prefix="notice").html
        super().save(**kwargs)

    @property
    def site_name(self) -> str:
        return self.name or str(settings.SITE_NAME)

    @property
    def headings(self) -> list[str]:
        return list(filter(None, map(str.strip, self.import_headings.splitlines())))

    @property
    def header(self) -> list[Link]:
        return parse_links(self.header_links)

    @property
    def footer(self) -> list[Link]:
        return parse_links(self.footer_links)


def site_settings() -> SiteSettings:
    """The stored row, or an empty one until one is saved."""
    return SiteSettings.objects.first() or SiteSettings()
