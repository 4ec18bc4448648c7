"""Write the whole installation, database and uploads, into one file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bulletin import backups


class Command(BaseCommand):
    help = "Write database and uploads into one new file, while the site is running."
    # What is wrong with an installation is no reason to be without a backup of it.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a new .tar.gz; - is standard output")
        parser.add_argument("--check", action="store_true", help="read a backup, write nothing")

    def handle(self, *, file: str, check: bool, **options: Any) -> None:
        try:
            if file == "-":
                backups.write(sys.stdout.buffer, timezone.now())
                return
            path = Path(file)
            manifest = backups.check(path) if check else backups.write_file(path, timezone.now())
        except backups.FAILURES as error:
            raise CommandError(f"{'Check' if check else 'Backup'} failed: {error}") from error
        size = path.stat().st_size / 1_000_000
        self.stdout.write(
            f"{file} is whole: made at {manifest['made_at']}, {size:.1f} MB, "
            f"{len(manifest['files']) - 1} uploads. It holds password hashes and drafts."
        )
