"""The shipped face, IBM Plex Sans: how wide a text is, and which of it the face can draw."""

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
    """The face at `size` pixels; basic layout, so that it draws alike wherever it is installed."""
    file = _FILES / f"IBMPlexSans-{'SemiBold' if bold else 'Regular'}.ttf"
    return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def font_digest() -> str:
    """16 hexadecimal figures that change with the font files."""
    files = sorted(_FILES.glob("*.ttf"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


@lru_cache(maxsize=4096)
def width(text: str, size: float, bold: bool = False) -> float:
    """How far the text advances, in the unit of `size`."""
    return font(_MEASURE, bold).getlength(text) * size / _MEASURE


def drawable(text: str) -> str:
    """`text` without the glyphs that the face lacks, which would be drawn as empty boxes."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(filter(_has_glyph, composed)).split())


def can_draw(strings: Strings) -> bool:
    """Whether the face has every letter of the strings that stand in a picture."""
    said = {
        *strings.weekdays,
        *strings.months,
        *strings.impacts,
        strings.not_rated,
        strings.ongoing,
    }
    said |= {strings.day, strings.full_cell, strings.length_unknown}
    return all(_has_glyph(letter) for one in said for letter in one)


def shortened(text: str, size: float, room: float, bold: bool = False) -> str:
    """`text`, cut with an ellipsis where it is wider than `room`."""
    if width(text, size, bold) <= room:
        return text
    kept = text
    while kept and width(f"{kept}…", size, bold) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"


@lru_cache(maxsize=4096)
def _has_glyph(character: str) -> bool:
    if character.isspace():
        return True
    # What joins or steers other characters (Cf) has no ink of its own, and means nothing alone.
    return unicodedata.category(character) != "Cf" and _drawn(character) != _drawn(_NO_CHARACTER)


def _drawn(character: str) -> bytes:
    return bytes(font(20).getmask(character))
