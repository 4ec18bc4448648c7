"""Make accounts for the admin, and print once how to log in."""

from __future__ import annotations

import secrets
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from bulletin.admin import permissions
from incidents.site import absolute

RESET = ".venv/bin/python manage.py changepassword"
ROLES: Final = {"writer": permissions.WRITERS, "editor": permissions.EDITORS}


class Command(BaseCommand):
    help = (
        "Make the first editor's account, which may do all, with a random password, unless an "
        "active one exists; with --role, one more writer's or editor's."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="editor", help="the account's name (editor)")
        parser.add_argument(
            "--role",
            choices=ROLES,
            help="writer: drafts; editor: publishes as well",
        )

    def handle(self, *, username: str, role: str | None = None, **options: Any) -> None:
        superusers = get_user_model()._default_manager.filter(is_superuser=True)
        first = superusers.filter(is_staff=True, is_active=True).order_by("pk").first()
        for name, view in (("The log", "home"), ("The admin", "admin:index"), ("Its feed", "atom")):
            self.stdout.write(f"{name:<12}{absolute(reverse(view))}")
        if first and not role:
            name = first.get_username()
            self.stdout.write(f"Editor      {name} exists; for a new password: {RESET} {name}")
        else:
            password = make_account(username, role)
            self.stdout.write(f"{(role or 'editor').capitalize():<12}{username}")
            self.stdout.write(f"Password    {password}   (shown this once)")


def make_account(username: str, role: str | None) -> str:
    """Without a role a superuser; returns the password."""
    users = get_user_model()._default_manager
    if users.filter(username=username).exists():
        raise CommandError(f"{username} exists already; choose another name.")
    password = secrets.token_urlsafe(12)
    if role:
        user = users.create_user(username, password=password, is_staff=True)
        user.groups.add(Group.objects.get(name=ROLES[role]))
    else:
        users.create_superuser(username, password=password)
    return password
