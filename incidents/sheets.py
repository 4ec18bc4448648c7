"""The log as a spreadsheet: CSV (RFC 4180), whose cells no program takes for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from incidents.models import Incident
from incidents.records import FIELDS, record

# A sheet that goes on for ever would be held in memory whole, for it has a strong validator.
LIMIT_CHARACTERS = 4_000_000
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = tuple("=+-@\t\r\n")


def cell(value: Any) -> Any:
    """What stands in a cell: numbers as they are, lists joined, text that is never a formula."""
    if value is None or isinstance(value, int | float):
        return value
    text = joined(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def joined(value: Any) -> str:
    """A readable line of a list or of names and their values."""
    if isinstance(value, dict):
        return "; ".join(f"{name}: {each}" for name, each in value.items())
    if not isinstance(value, list):
        return str(value)
    notes = all(isinstance(each, dict) for each in value)
    return "\n\n".join(map(_note, value)) if notes else "; ".join(value)


def sheet(incidents: Iterable[Incident]) -> tuple[str, int, Incident | None]:
    """The rows of `incidents` under their names, how many they are, and the last of them where
    some are left out because a sheet is full."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([field.name for field in FIELDS])
    number, last = 0, None
    for incident in incidents:
        if last and out.tell() > LIMIT_CHARACTERS:
            return out.getvalue(), number, last
        rows.writerow([cell(value) for value in record(incident).values()])
        number, last = number + 1, incident
    return out.getvalue(), number, None


def _note(addendum: dict[str, str]) -> str:
    return f"{addendum['published_at']}: {addendum['body']}"
