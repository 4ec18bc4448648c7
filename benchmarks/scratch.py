"""Where benchmarks keep their databases: Django's settings for one of their own.

Call `configure` before Django is imported for its models.
"""

from __future__ import annotations

import os

import django
from django.conf import settings

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "bulletin.settings",
    "SECRET_KEY": "of a scratch database" * 3,
    "SITE_URL": "http://127.0.0.1:8000",
    "LOG_LEVEL": "ERROR",
    # Static files keep their plain names.
    "DEBUG": "true",
}


def environment(database_url: str) -> dict[str, str]:
    return os.environ | SETTINGS | {"DATABASE_URL": database_url}


def configure(database_url: str) -> None:
    os.environ.update(environment(database_url))
    django.setup()
    # Nor are queries logged and templates read again.
    settings.DEBUG = False
