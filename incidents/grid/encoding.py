"""A picture of palette indexes as a PNG file (W3C PNG Specification, Third Edition)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# 8 bits a pixel, colour type 3: indexes into a palette; deflate, filters by row, not interlaced.
FORMAT = (8, 3, 0, 0, 0)
PLAIN, SAME_AS_ABOVE = b"\0", b"\2"


def encoded(
    pixels: bytes, width: int, colours: Sequence[tuple[int, int, int]], effort: int
) -> bytes:
    """`pixels` are indexes of the colours, `effort` is zlib's level, from 1 to 9."""
    size = struct.pack(">II5B", width, len(pixels) // width, *FORMAT)
    deflate = zlib.compressobj(effort)
    data = b"".join(map(deflate.compress, _rows(pixels, width))) + deflate.flush()
    return SIGNATURE + b"".join(
        (
            _chunk(b"IHDR", size),
            _chunk(b"PLTE", bytes(channel for colour in colours for channel in colour)),
            _chunk(b"IDAT", data),
            _chunk(b"IEND", b""),
        )
    )


def _rows(pixels: bytes, width: int) -> Iterator[bytes]:
    """Each after its filter: a row that is as the one above it is no difference, all zeros, and
    others are plain, so that letters repeat as they are."""
    same, above = SAME_AS_ABOVE + bytes(width), b""
    for start in range(0, len(pixels), width):
        row = pixels[start : start + width]
        yield same if row == above else PLAIN + row
        above = row


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
