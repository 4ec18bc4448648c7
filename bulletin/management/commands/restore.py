"""Bring a backup into an empty installation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bulletin import backups


class Command(BaseCommand):
    help = "Bring a backup into an installation that holds nothing yet, whole or not at all."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="what backup wrote")
        parser.add_argument("--check", action="store_true", help="read the file, write nothing")

    def handle(self, *, file: Path, check: bool, **options: Any) -> None:
        try:
            manifest = backups.check(file) if check else backups.restore(file)
        except backups.FAILURES as error:
            raise CommandError(f"Nothing was restored: {error}") from error
        done = "Nothing was restored." if check else "It is restored; now run manage.py migrate."
        uploads = len(manifest["files"]) - 1
        self.stdout.write(f"{file}, made at {manifest['made_at']}, has {uploads} uploads. {done}")
