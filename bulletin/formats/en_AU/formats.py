"""Dates as in Britain."""

from __future__ import annotations

from bulletin.formats.en_GB.formats import DATE_FORMAT as DATE_FORMAT
