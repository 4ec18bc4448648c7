"""Bulletin text in: pure parsers, and writers that are imported by their own names."""

from __future__ import annotations

from bulletin.importing.log_line import LineError, read_line
from bulletin.importing.parser import (
    ImportContext,
    ParsedBulletin,
    ParsedIncident,
    Section,
    parse,
)
from bulletin.importing.text import ImportTextError, decode

__all__ = [
    "ImportContext",
    "ImportTextError",
    "LineError",
    "ParsedBulletin",
    "ParsedIncident",
    "Section",
    "decode",
    "parse",
    "read_line",
]
