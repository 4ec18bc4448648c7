"""Dates in English: Django's own mix “Aug. 10, 2024” with “August 4”."""

from __future__ import annotations

DATE_FORMAT = "F j, Y"
