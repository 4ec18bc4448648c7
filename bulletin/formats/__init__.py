"""Dates as the site's language writes them: formats beside Django's, and what is made of them."""

from __future__ import annotations

import re
from typing import Final

# Of Django's date formats: a letter escaped, a month in whatever form, a day, a year.
_PART: Final = re.compile(r"\\(.)|([EFMNbmn])|([jd])|([Yyo])")


def as_pattern(form: str) -> str:
    """“j. F Y” as “{day}. {month} {year}”."""
    names = (None, "{month}", "{day}", "{year}")
    return _PART.sub(lambda found: names[(found.lastindex or 1) - 1] or found[1], form)
