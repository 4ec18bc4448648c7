"""Bulletin text in: a pure parser, and one writer that is imported by its own name."""

from __future__ import annotations

from bulletin.importing.lines import ImportTextError, decode
from bulletin.importing.oneline import LineError, read_line
from bulletin.importing.parser import (
    Known,
    ParsedBulletin,
    ParsedIncident,
    Section,
    parse,
)
from bulletin.importing.prose import HEADINGS

__all__ = [
    "HEADINGS",
    "ImportTextError",
    "Known",
    "LineError",
    "ParsedBulletin",
    "ParsedIncident",
    "Section",
    "decode",
    "parse",
    "read_line",
]
