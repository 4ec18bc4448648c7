"""Write the whole installation, database and uploads, into one file."""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from bulletin.backups import making
from bulletin.backups.archive import BackupError


class Command(BaseCommand):
    help = "Write database and uploads into one new file, while the site is running."
    # What is wrong with an installation is no reason to be without a backup of it.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="made anew, as .tar.gz; - is standard output")

    def handle(self, *, file: str, **options: Any) -> None:
        at = timezone.now()
        try:
            if file == "-":
                with tempfile.TemporaryDirectory(prefix="backup-") as folder:
                    making.write(sys.stdout.buffer, at, Path(folder))
                return
            manifest = making.write_file(Path(file), at)
        except (BackupError, OSError, DatabaseError, sqlite3.Error) as error:
            raise CommandError(f"No backup was made: {error}") from error
        size = Path(file).stat().st_size / 1_000_000
        self.stdout.write(
            f"{file}: {sum(manifest.rows.values())} rows and {len(manifest.uploads)} uploads in "
            f"{size:.1f} MB, with password hashes and drafts; guard it as you guard them."
        )
