"""Make the first editor's account, and say once how to log in."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from bulletin.addresses import absolute

RESET = ".venv/bin/python manage.py changepassword"


class Command(BaseCommand):
    help = "Make an editor's account with a random password, unless an active one exists."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="editor", help="the account's name (editor)")

    def handle(self, *, username: str, **options: Any) -> None:
        users = get_user_model()._default_manager
        existing = users.filter(is_staff=True, is_active=True).order_by("pk").first()
        if existing:
            name = existing.get_username()
            access = f"Editor      {name} exists; for a new password: {RESET} {name}"
        else:
            password = secrets.token_urlsafe(12)
            if users.filter(username=username).exists():
                raise CommandError(f"{username} exists, but can't sign in as an editor.")
            users.create_superuser(username, password=password)
            access = f"Editor      {username}\nPassword    {password}   (shown this once)"
        self.stdout.write(f"{addresses()}\n{access}")


def addresses() -> str:
    return "\n".join(
        f"{name:<12}{absolute(reverse(view))}"
        for name, view in (("The log", "home"), ("The desk", "admin:index"), ("Its feed", "atom"))
    )
