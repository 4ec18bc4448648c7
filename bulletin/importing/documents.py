"""The log's own JSON, as /incidents.json and `export_incidents` give it: read and checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from incidents.records import schema

LIMIT_BYTES = 50_000_000
MOST_ERRORS = 20
INSTANTS = ("started_at", "ended_at", "published_at", "status_posted_at")
SETS = ("regions", "services", "related", "proposed")
# Told again from the rest, or of regions and services rather than of the incident.
DERIVED = {"url", "duration_minutes", "status_lag_minutes", "places", "partners"}


class DocumentError(ValueError):
    """A document can't be imported: a line for each reason, naming entry and field."""

    def __init__(self, reasons: list[str]) -> None:
        more = len(reasons) - MOST_ERRORS
        shown = reasons[:MOST_ERRORS] + ([f"and {more} more"] if more > 0 else [])
        super().__init__("\n".join(shown))


@dataclass(frozen=True)
class Entry:
    """An incident of a file; `place` says where it stands there, for messages."""

    place: str
    record: dict[str, Any]

    @property
    def slug(self) -> str:
        return str(self.record["slug"])


def entries(name: str, data: bytes) -> list[Entry]:
    """The incidents of the file `name`, held to our schema; DocumentError names what is wrong."""
    document = parsed(name, data)
    validator = Draft202012Validator(schema())
    wrong = [f"{name}: {reason(error, document)}" for error in validator.iter_errors(document)]
    if wrong:
        raise DocumentError(wrong)
    results = enumerate(document["results"])
    return [Entry(f"{name}: {place(document, number)}", one) for number, one in results]


def parsed(name: str, data: bytes) -> Any:
    if len(data) > LIMIT_BYTES:
        raise DocumentError([f"{name}: this passes {LIMIT_BYTES // 1_000_000} MB; split it"])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError([f"{name}: this is not UTF-8, at byte {error.start}"]) from error
    try:
        document = json.loads(text, parse_constant=no_number)
        # Half of a character from beyond the basic plane, which no database can hold.
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise DocumentError([f"{name}: an escape stands for half a character"]) from error
    except (ValueError, RecursionError) as error:
        raise DocumentError([f"{name}: this is not JSON: {error}"]) from error
    return document


def no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def place(document: Any, number: int) -> str:
    """An entry by its number, counted from 0 as JSON does, and by its slug where it has one."""
    one = document["results"][number]
    slug = one.get("slug") if isinstance(one, dict) else None
    return f"results[{number}] ({slug[:80]})" if isinstance(slug, str) else f"results[{number}]"


def reason(error: ValidationError, document: Any) -> str:
    """One thing that the schema holds against the document, in a line."""
    path = list(error.absolute_path)
    where = [str(path[0])] if path else []
    if len(path) > 1:
        where = [place(document, int(path[1])), *map(str, path[2:])]
    message = error.message if len(error.message) <= 200 else f"{error.message[:200]}…"
    return ": ".join([*where, message])


# What an entry says, in values that compare -------------------------------------------


def said(record: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record that are its own; ValueError names one that says the impossible."""
    return {name: _value(name, value) for name, value in record.items() if name not in DERIVED}


def differences(entry: Entry, existing: dict[str, Any]) -> list[str]:
    """The fields in which the entry says other than the record of what is in the log."""
    there = said(existing)
    return [name for name, value in said(entry.record).items() if there[name] != value]


def end_of(record: dict[str, Any]) -> datetime | None:
    """Its end, which a length stands for where none is given; ValueError where they disagree."""
    given, minutes = record.get("ended_at"), record.get("duration_minutes")
    end = _instant("ended_at", given) if given else None
    if minutes is None:
        return end
    try:
        counted = _instant("started_at", record["started_at"]) + timedelta(minutes=minutes)
    except OverflowError as error:
        raise ValueError("duration_minutes: it would never end") from error
    if end and abs(end - counted) >= timedelta(seconds=1):
        raise ValueError("duration_minutes: it doesn't fit the start and the end")
    return end or counted


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in INSTANTS:
        return _instant(name, value)
    if name in SETS:
        return frozenset(value)
    if name == "addenda":
        return [(_instant("addenda", each["published_at"]), each["body"]) for each in value]
    return value


def _instant(name: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{name}: {text!r} is no date and time: {error}") from error
