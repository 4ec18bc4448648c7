"""Write the public site as static files, for any file server."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bulletin.static_export import Export, ExportError, update


class Command(BaseCommand):
    help = (
        "Write every public page, picture and feed to a directory, for any file server under any "
        "path. Run again, it writes what changed and removes what is no longer public."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", metavar="DIR", type=Path)

    def handle(self, *, directory: Path, **options: Any) -> None:
        try:
            staticfiles_storage.url("css/base.css")
        except ValueError as error:
            raise CommandError("Run manage.py collectstatic first.") from error
        access_log = logging.getLogger("bulletin.access")
        access_log.disabled = True  # these requests are no reader's
        try:
            counts = update(directory, Export(timezone.now()).files())
        except (ExportError, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            access_log.disabled = False
        self.stdout.write("wrote {}, unchanged {}, removed {}".format(*counts))
