"""Run all system checks, those of the database and of deployment among them."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from bulletin.checks import TAG


class Command(BaseCommand):
    help = "Check settings, database, files and cache; exit status 1 where there are errors."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines: a list of messages")

    def handle(self, **options: Any) -> None:
        messages = run_checks()
        if options["json"]:
            facts = [vars(message) for message in messages]
            self.stdout.write(json.dumps(facts, default=str, indent=2))
        else:
            self.stdout.write("\n".join(map(str, messages)) or "All checks pass.")
        if errors := sum(message.is_serious() for message in messages):
            raise CommandError(f"{errors} errors")


def run_checks() -> list[checks.CheckMessage]:
    run = partial(checks.run_checks, include_deployment_checks=True, databases=["default"])
    try:
        messages = run()
    except DatabaseError:  # Django's checks of models ask it, too, and our own say what is wrong
        messages = run(tags=[TAG])
    # An address without https is a loopback's, and has none of what Django asks of a deployment.
    ignored = () if settings.HTTPS else ("security.",)
    return [
        message
        for message in messages
        if not message.is_silenced() and not str(message.id).startswith(ignored)
    ]
