"""Make the search index again from the rows it is of."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from incidents import search


class Command(BaseCommand):
    help = "Make the search index again, where `doctor` says that it is out of step."

    def handle(self, **options: Any) -> None:
        search.rebuild()
