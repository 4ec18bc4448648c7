"""Say in plain words what is wrong with this installation."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bulletin import doctor
from incidents import fulltext


class Command(BaseCommand):
    help = (
        "Look at settings, database, files, cache and texts, and say what is wrong and what to do; "
        "exit status 1 where something is."
    )
    # They are among what is looked at, and must not keep the rest from it.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines: a list of findings")
        parser.add_argument(
            "--rebuild-search",
            action="store_true",
            help="make the search index anew first, from what is written",
        )

    def handle(self, *, rebuild_search: bool, **options: Any) -> None:
        if rebuild_search:
            fulltext.rebuild()
        findings = []
        for finding in doctor.examine(timezone.now()):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(f"{finding.level:<8} {finding.about}: {finding.words}")
                if finding.hint:
                    self.stdout.write(f"{'':<8} → {finding.hint}")
        if options["json"]:
            self.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2))
        if faults := sum(finding.is_wrong for finding in findings):
            raise CommandError(f"Something is wrong: {faults} of {len(findings)} findings.")
