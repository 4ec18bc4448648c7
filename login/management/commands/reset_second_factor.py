"""Let an editor in again whose phone and recovery codes are gone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from login import factors


class Command(BaseCommand):
    help = "Remove the second factor of an account, so that its password alone opens the next step."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="the account's name")

    def handle(self, *, username: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no account {username}.")
        if not factors.remove(user, timezone.now()):
            raise CommandError(f"{username} has no second factor.")
        self.stdout.write(f"The second factor of {username} is removed; it can be set up again.")
