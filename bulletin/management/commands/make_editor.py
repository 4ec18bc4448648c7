"""Make accounts of the desk, and say once how to log in."""

from __future__ import annotations

import secrets
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from bulletin.desk import roles
from incidents.addresses import absolute

RESET = ".venv/bin/python manage.py changepassword"
ROLES: Final = {"writer": roles.WRITERS, "editor": roles.EDITORS}


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
            help="writer: drafts; editor: publishes and tells as well",
        )

    def handle(self, *, username: str, role: str | None = None, **options: Any) -> None:
        users = get_user_model()._default_manager
        first = (
            users.filter(is_superuser=True, is_staff=True, is_active=True).order_by("pk").first()
        )
        if first and not role:
            name = first.get_username()
            access = f"Editor      {name} exists; for a new password: {RESET} {name}"
        else:
            access = make(username, role)
        self.stdout.write(f"{addresses()}\n{access}")


def make(username: str, role: str | None) -> str:
    """An account in `role`, without one a superuser; returns how to sign in."""
    users = get_user_model()._default_manager
    if users.filter(username=username).exists():
        raise CommandError(f"{username} exists already; choose another name.")
    password = secrets.token_urlsafe(12)
    if role:
        user = users.create_user(username, password=password, is_staff=True)
        user.groups.add(Group.objects.get(name=ROLES[role]))
    else:
        users.create_superuser(username, password=password)
    title = (role or "editor").capitalize()
    return f"{title:<12}{username}\nPassword    {password}   (shown this once)"


def addresses() -> str:
    return "\n".join(
        f"{name:<12}{absolute(reverse(view))}"
        for name, view in (("The log", "home"), ("The desk", "admin:index"), ("Its feed", "atom"))
    )
