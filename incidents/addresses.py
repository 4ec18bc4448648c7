"""Whole addresses, for what is read away from the site."""

from __future__ import annotations

from django.conf import settings


def absolute(path: str) -> str:
    """A path of this site, prefix included, as a whole address."""
    root: str = settings.SITE_URL.removesuffix(settings.PREFIX)
    return root + path
