"""What the fields of incidents and posts accept."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from incidents import markdown, time_zones, weeks
from incidents.sentences import Sentence


def validate_zone(name: str) -> None:
    if name not in time_zones.names() - {"localtime", "Factory"}:
        raise ValidationError(
            _("“%(name)s” is no time zone; give an IANA name such as Europe/Paris."),
            params={"name": name},
        )


def validate_body(text: str) -> None:
    size = len(text.encode(errors="surrogatepass"))
    if size > markdown.MAX_BYTES:
        raise ValidationError(
            _("This text has %(size)s bytes; the limit is %(limit)s."),
            params={"size": f"{size:,}", "limit": f"{markdown.MAX_BYTES:,}"},
        )


def to_validation_error(error: Sentence, code: str | None = None) -> ValidationError:
    return ValidationError(gettext(error.message), code=code, params=error.values)


# An instant near the end of what a date can hold overflows in another zone.
SANE_INSTANTS = [
    MinValueValidator(datetime(weeks.EARLIEST.year, 1, 2, tzinfo=ZoneInfo("UTC"))),
    MaxValueValidator(datetime(weeks.LATEST.year, 12, 30, tzinfo=ZoneInfo("UTC"))),
]


class WebAddressField(models.URLField[str, str]):
    """An address typed without a scheme means https, as Django 6 has it."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"assume_scheme": "https"} | kwargs)
