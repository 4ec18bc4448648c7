"""Dates in Britain, with whole months: Django's own mix “6 Jul 2024” with “6 July”."""

from __future__ import annotations

DATE_FORMAT = "j F Y"
