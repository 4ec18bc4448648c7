"""Tell the hub of what was published: once, for a timer, or again and again."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from websub import outbox
from websub.models import State

PAUSE_SECONDS: Final = 30
WORDS: Final = {
    State.SENT: "The hub was told of",
    State.FAILED: "The hub did not take, and will be told again of",
    State.UNCLEAR: "The hub did not answer, and will not be told again of",
}


class Command(BaseCommand):
    help = (
        "Tell the hub of WEBSUB_HUB of each post published in the last day, once; what it did "
        "not take is tried again by later runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--watch", action="store_true", help=f"go on, with a pause of {PAUSE_SECONDS} seconds"
        )

    def handle(self, *, watch: bool = False, **options: Any) -> None:
        while True:
            failures = self.deliver(timezone.now())
            if not watch:
                break
            close_old_connections()
            time.sleep(PAUSE_SECONDS)
        if failures:
            raise CommandError(f"{failures} of the pings did not arrive.")

    def deliver(self, at: datetime) -> int:
        """One round; returns how many pings the hub didn't take or answer."""
        failures = 0
        for ping in outbox.deliver(at):
            self.stdout.write(f"{WORDS[State(ping.state)]} {ping.uid.urn}: {ping.answer}")
            failures += ping.state != State.SENT
        return failures
