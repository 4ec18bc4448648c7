"""Bring a backup into an empty installation."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from bulletin.backups import restoring
from bulletin.backups.archive import BackupError


class Command(BaseCommand):
    help = "Bring a backup into an installation that holds nothing yet, whole or not at all."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what backup wrote")
        parser.add_argument(
            "--check", action="store_true", help="read all of the file and write nothing"
        )

    def handle(self, *, file: Path, check: bool, **options: Any) -> None:
        try:
            manifest = restoring.check(file) if check else restoring.restore(file)
        except (BackupError, OSError, DatabaseError, sqlite3.Error) as error:
            raise CommandError(f"Nothing was restored: {error}") from error
        done = "Nothing was" if check else "All of it is"
        if not check and (tables := restoring.differing(manifest)):
            raise CommandError(f"Restored, but with other numbers of rows in {', '.join(tables)}")
        self.stdout.write(
            f"{file} is whole: made at {manifest.made_at} by {manifest.version} on "
            f"{manifest.engine}, {sum(manifest.rows.values())} rows, "
            f"{len(manifest.uploads)} uploads. {done} restored."
        )
        if not check and restoring.is_older():
            self.stdout.write("It is of an older version: run manage.py migrate now.")
