"""Bring incidents into the log from documents such as /incidents.json gives."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bulletin.importing.records import LIMIT_BYTES, RecordError, read_records, write_records
from bulletin.management.commands.import_bulletin import read


class Command(BaseCommand):
    help = "Bring in incidents from the log's own JSON, all or nothing; what is there is left."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", help="pages of the JSON; - reads standard input")
        parser.add_argument("--dry-run", action="store_true", help="check all, write nothing")

    def handle(self, *, files: list[str], dry_run: bool, **options: Any) -> None:
        try:
            records = [
                record for name in files for record in read_records(name, read(name, LIMIT_BYTES))
            ]
            outcome = write_records(records, timezone.now(), dry_run=dry_run)
        except RecordError as error:
            raise CommandError(f"Nothing was written.\n{error}") from error
        for warning in outcome.warnings:
            self.stderr.write(f"warning: {warning}")
        for slug, names in outcome.differing.items():
            self.stdout.write(f"{slug} differs and is left as it is: {', '.join(names)}")
        self.stdout.write(
            f"incidents made: {len(outcome.created)}; there already: {outcome.same}; "
            f"there and different: {len(outcome.differing)}"
        )
        if dry_run:
            self.stdout.write("Nothing was written.")
