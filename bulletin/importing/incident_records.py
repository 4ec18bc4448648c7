"""The site's own JSON, as /incidents.json and `export_incidents` give it: read and checked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from incidents.exports import schema

LIMIT_BYTES = 50_000_000
MAX_REASONS = 20
INSTANTS = ("started_at", "ended_at", "published_at", "status_posted_at")
SETS = ("regions", "services", "related", "proposed")
# Computed from the rest, or of regions and services rather than of the incident.
DERIVED = {"url", "duration_minutes", "status_lag_minutes", "places", "partners"}


class RecordError(ValueError):
    """Records can't be imported: a line for each reason, naming entry and field."""

    def __init__(self, reasons: list[str]) -> None:
        more = len(reasons) - MAX_REASONS
        shown = reasons[:MAX_REASONS] + ([f"and {more} more"] if more > 0 else [])
        super().__init__("\n".join(shown))


@dataclass(frozen=True)
class Record:
    """An incident of a file: what the schema allows, and its `place` in the file for messages."""

    place: str
    fields: dict[str, Any]

    @property
    def slug(self) -> str:
        return str(self.fields["slug"])

    def differences(self, existing: dict[str, Any]) -> list[str]:
        values = parse_fields(existing)
        return [name for name, value in parse_fields(self.fields).items() if values[name] != value]


def read_records(name: str, data: bytes) -> list[Record]:
    """The incidents of the file `name`, held to our schema; RecordError names what is wrong."""
    document = _load(name, data)
    errors = list(Draft202012Validator(schema()).iter_errors(document))
    if errors:
        raise RecordError([f"{name}: {_reason(error, document)}" for error in errors])
    results = enumerate(document["results"])
    return [Record(f"{name}: {_place(document, number)}", fields) for number, fields in results]


def _load(name: str, data: bytes) -> Any:
    if len(data) > LIMIT_BYTES:
        raise RecordError([f"{name}: this passes {LIMIT_BYTES // 1_000_000} MB; split it"])
    try:
        document = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse_constant)
        # Half of a character from beyond the basic plane, which no database can hold.
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise RecordError([f"{name}: this is not UTF-8, at byte {error.start}"]) from error
    except UnicodeEncodeError as error:
        raise RecordError([f"{name}: an escape encodes half a character"]) from error
    except (ValueError, RecursionError) as error:
        raise RecordError([f"{name}: this is not JSON: {error}"]) from error
    return document


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _place(document: Any, number: int) -> str:
    fields = document["results"][number]
    slug = fields.get("slug") if isinstance(fields, dict) else None
    return f"results[{number}]" + (f" ({slug[:80]})" if isinstance(slug, str) else "")


def _reason(error: ValidationError, document: Any) -> str:
    path = list(error.absolute_path)
    names = [_place(document, int(path[1])), *path[2:]] if len(path) > 1 else path
    message = error.message if len(error.message) <= 200 else f"{error.message[:200]}…"
    return ": ".join([*map(str, names), message])


def parse_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Those of the incident itself, in values that compare; ValueError names an impossible one."""
    return {name: _parse(name, value) for name, value in fields.items() if name not in DERIVED}


def _parse(name: str, value: Any) -> Any:
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


def end_of(start: datetime, end: datetime | None, minutes: float | None) -> datetime | None:
    """The end, computed from the minutes where none is given; ValueError where they disagree."""
    if minutes is None:
        return end
    try:
        computed = start + timedelta(minutes=minutes)
    except OverflowError as error:
        raise ValueError("duration_minutes: it would never end") from error
    if end and abs(end - computed) >= timedelta(seconds=1):
        raise ValueError("duration_minutes: it doesn't fit the start and the end")
    return end or computed
