"""What the settings say of the site: its address and its zone."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings


def absolute(path: str) -> str:
    """A path of this site, prefix included, as a whole address."""
    root: str = settings.SITE_URL.removesuffix(settings.PREFIX)
    return root + path


def site_zone() -> ZoneInfo:
    """The zone whose days are the log's days."""
    return ZoneInfo(settings.TIME_ZONE)


def default_zone() -> str:
    return str(settings.TIME_ZONE)
