"""The site's own words: its name, a tagline, the standing notice, links on every page.

One row holds them, which is read once a request and never kept longer, so that an edit shows at
once on every process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.urls import get_script_prefix
from django.utils.translation import get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from incidents import markup
from incidents.fields import validate_body

# A path of this site; "//host" and "/\host" would lead to another.
PATH: Final = re.compile(r"/(?![/\\])[!-~]*")
is_web_address = URLValidator(schemes=["https"])


@dataclass(frozen=True, slots=True)
class Link:
    """In the head or foot of every page; `address` as it was typed."""

    label: str
    address: str

    @property
    def href(self) -> str:
        """The address, under the site's prefix where it is a path of this site."""
        prefix = get_script_prefix()
        if not self.address.startswith("/") or self.address.startswith(prefix):
            return self.address
        return prefix.removesuffix("/") + self.address


def read_links(text: str) -> tuple[Link, ...]:
    """One a line, whose last word is the address."""
    lines = (line.split() for line in text.splitlines())
    return tuple(Link(" ".join(words[:-1]), words[-1]) for words in lines if words)


def validate_links(text: str) -> None:
    """Refuses an address that leads nowhere or runs something."""
    for link in read_links(text):
        if not link.label or not is_address(link.address):
            raise ValidationError(
                _(
                    "“%(line)s” is no link: write its words and then its address, which is a whole "
                    "one with https://, a path of this site such as /archive/, or mailto:."
                ),
                params={"line": f"{link.label} {link.address}".strip()[:80]},
            )


def is_address(address: str) -> bool:
    scheme, _colon, rest = address.partition(":")
    try:
        if scheme.lower() == "mailto":
            EmailValidator()(rest.partition("?")[0])
        elif not PATH.fullmatch(address):
            is_web_address(address)
    except ValidationError:
        return False
    return True


class Notice(models.Model):
    """The one row of the site's own words. It is named for the standing notice, its first text."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    name = models.CharField(
        gettext_lazy("name"),
        max_length=60,
        blank=True,
        help_text=gettext_lazy("What the log is called. Empty for the name in its settings."),
    )
    tagline = models.CharField(
        gettext_lazy("tagline"),
        max_length=200,
        blank=True,
        help_text=gettext_lazy(
            "One sentence under the name, for search engines and feeds, too. Empty for none."
        ),
    )
    body = models.TextField(
        gettext_lazy("notice"),
        blank=True,
        validators=[validate_body],
        help_text=gettext_lazy("Markdown, above the grid of every bulletin. Empty for none."),
    )
    body_html = models.TextField(editable=False)
    header_links = models.TextField(
        gettext_lazy("links in the header"),
        blank=True,
        validators=[validate_links],
        help_text=gettext_lazy(
            "One a line, its words and then its address: “Status https://status.example.org”. "
            "A path of this site begins with a slash."
        ),
    )
    footer_links = models.TextField(
        gettext_lazy("links in the footer"),
        blank=True,
        validators=[validate_links],
        help_text=gettext_lazy("Likewise: “Write to us mailto:log@example.org”."),
    )

    class Meta:
        verbose_name = gettext_lazy("site texts")
        verbose_name_plural = gettext_lazy("site texts")
        constraints = [
            models.CheckConstraint(
                name="notice_is_the_only_one",
                condition=Q(id=1),
                violation_error_message=gettext_lazy("There is one notice only."),
            )
        ]

    def __str__(self) -> str:
        return _("Site texts")

    def save(self, **kwargs: Any) -> None:
        """Renders the notice."""
        self.body_html = markup.render(self.body, markup.INCIDENT, prefix="notice").html
        super().save(**kwargs)


# Reading ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Texts:
    """As pages and feeds say them; `notice` is HTML, and `tagline` may be empty."""

    name: str
    tagline: str = ""
    notice: str = ""
    header_links: tuple[Link, ...] = ()
    footer_links: tuple[Link, ...] = ()


_read: ContextVar[list[Texts] | None] = ContextVar("site_texts", default=None)


def texts() -> Texts:
    """Those that are stored; inside `read_once`, as they were when first asked for."""
    known = _read.get()
    if known is None:
        return _stored()
    if not known:
        known.append(_stored())
    return known[0]


def isolated(text: str) -> str:
    """For a name or a date in a line of another direction, where no tag can stand: in languages
    written from right to left, between Unicode's first strong isolate and its end."""
    return f"\u2068{text}\u2069" if get_language_bidi() else text


@contextmanager
def read_once() -> Iterator[None]:
    token = _read.set([])
    try:
        yield
    finally:
        _read.reset(token)


class TextsOnce:
    """Middleware: each request reads them once, where it needs them at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with read_once():
            return self.get_response(request)


def _stored() -> Texts:
    row = Notice.objects.first() or Notice()
    return Texts(
        name=row.name or settings.SITE_NAME,
        tagline=row.tagline,
        notice=row.body_html,
        header_links=read_links(row.header_links),
        footer_links=read_links(row.footer_links),
    )
