"""The shipped font, IBM Plex Sans: how wide a text is, and which of it the font can draw."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from PIL import ImageFont

from incidents.grid.strings import Strings

_FILES = Path(__file__).parent / "fonts"
_MEASURE = 1000
_NO_CHARACTER = "\uffff"


@lru_cache(maxsize=64)
def font(size: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    # Basic layout draws alike wherever it is installed.
    file = _FILES / f"IBMPlexSans-{'SemiBold' if bold else 'Regular'}.ttf"
    return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def font_digest() -> str:
    """16 hexadecimal figures that change with the font files."""
    files = sorted(_FILES.glob("*.ttf"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


@lru_cache(maxsize=4096)
def width(text: str, size: float, bold: bool = False) -> float:
    return font(_MEASURE, bold).getlength(text) * size / _MEASURE


def drawable(text: str) -> str:
    """`text` without the glyphs that the font lacks, which would be drawn as empty boxes."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(filter(_has_glyph, composed)).split())


def can_draw(strings: Strings) -> bool:
    texts = (strings.not_rated, strings.ongoing, strings.day, strings.full_cell)
    names = (*strings.weekdays, *strings.months, *strings.impacts, strings.length_unknown)
    return all(_has_glyph(letter) for text in (*names, *texts) for letter in text)


def shortened(text: str, size: float, room: float, bold: bool = False) -> str:
    """`text`, cut with an ellipsis where it is wider than `room`."""
    if width(text, size, bold) <= room:
        return text
    while text and width(f"{text}…", size, bold) > room:
        text = text[:-1]
    return f"{text.rstrip()}…"


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    if character.isspace():
        return True
    # What joins or steers other characters (Cf) has no ink of its own, and means nothing alone.
    is_drawn = _glyph(character) != _glyph(_NO_CHARACTER)
    return is_drawn and unicodedata.category(character) != "Cf"


def _glyph(character: str) -> bytes:
    return bytes(font(20).getmask(character))
