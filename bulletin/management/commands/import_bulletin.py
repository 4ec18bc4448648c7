"""Turn a team's write-up of its week into incidents and a draft bulletin."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bulletin.importing import writer
from bulletin.importing.parser import ParsedBulletin, parse
from bulletin.importing.text import LIMIT_BYTES, ImportTextError, decode
from bulletin.week import caption_of
from incidents.weeks import EARLIEST, LATEST


def day(text: str) -> date:
    try:
        parsed = date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"{text!r} is no date such as 2024-07-06") from error
    if not EARLIEST <= parsed <= LATEST:
        raise CommandError(f"{text} is not between {EARLIEST} and {LATEST}")
    return parsed


def read(name: str, limit: int = LIMIT_BYTES) -> bytes:
    """A file's bytes, `-` being standard input; one byte over the limit is enough to refuse."""
    try:
        if name == "-":
            return sys.stdin.buffer.read(limit + 1)
        with Path(name).open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise CommandError(f"can't read {name}: {error.strerror}") from error


class Command(BaseCommand):
    help = "Turn a bulletin's text into incidents and a draft, all or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="the text, as UTF-8; - reads standard input")
        parser.add_argument("--date", required=True, help="the bulletin's date")
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="print what was read as JSON")

    def handle(self, *, file: str, date: str, dry_run: bool, json: bool, **options: Any) -> None:
        on = day(date)
        try:
            text = decode(read(file))
            parsed = parse(text, on, writer.import_context(on))
            imported = None if dry_run else writer.write_draft(parsed, text)
        except (ImportTextError, writer.ImportRefused) as error:
            raise CommandError(f"{file}: {error}") from error
        for warning in parsed.warnings:
            self.stderr.write(f"warning: {warning}")
        self.stdout.write(as_json(parsed) if json else f"{summary(parsed)}\n{outcome(imported)}")


def as_json(parsed: ParsedBulletin) -> str:
    document = parsed.as_json(str(caption_of(parsed.period, timezone.now())))
    return json.dumps(document, ensure_ascii=False, indent=2)


def summary(parsed: ParsedBulletin) -> str:
    incidents = [f"{each.started_at:%Y-%m-%d %H:%M %Z}  {each.title}" for each in parsed.incidents]
    sections = ", ".join(section.heading for section in parsed.sections) or "none"
    return "\n".join([*incidents, f"incidents: {len(incidents)}; sections: {sections}"])


def outcome(imported: writer.Imported | None) -> str:
    if imported is None:
        return "Nothing was written."
    date = imported.bulletin.date
    if imported.unchanged:
        return f"This text is in the log already, as the bulletin of {date}."
    found = f", {len(imported.found)} were there already" if imported.found else ""
    return f"Made the draft of {date}; incidents made: {len(imported.created)}{found}."
