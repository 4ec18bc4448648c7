"""What changed between two texts, line by line and word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, zip_longest
from typing import Final

# Unchanged lines that stay around a change.
CONTEXT: Final = 2
# Longer lines are marked whole: difflib's time grows with the square of what differs.
MAX_WORDS: Final = 2_000
_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")

Block = tuple[bool, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line; `changed` where the other side has something else."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line on both sides; None where a side has no such line. `kind` is "same", "changed",
    "removed", "added", or "gap" for unchanged lines left out, whose number is `skipped`."""

    kind: str
    old: tuple[Span, ...] | None = None
    new: tuple[Span, ...] | None = None
    skipped: int = 0


def compare(old: str, new: str) -> list[Row]:
    """The rows of a side-by-side view of `old` and `new`; none where they are equal."""
    shown = list(rows(old, new))
    if all(row.kind == "same" for row in shown):
        return []
    return list(_folded(shown))


def rows(old: str, new: str) -> Iterator[Row]:
    before, after = _lines(old), _lines(new)
    for _same, a, b, c, d in _blocks(before, after):
        yield from (_pair(*pair) for pair in zip_longest(before[a:b], after[c:d]))


def _lines(text: str) -> list[str]:
    """A browser sends CRLF for what is stored with either."""
    return text.replace("\r\n", "\n").split("\n") if text else []


def _pair(old: str | None, new: str | None) -> Row:
    if old is None:
        return Row("added", None, (Span(new or "", True),))
    if new is None:
        return Row("removed", (Span(old, True),), None)
    if old == new:
        return Row("same", (Span(old, False),), (Span(old, False),))
    before, after = _WORD.findall(old), _WORD.findall(new)
    blocks = list(_blocks(before, after)) if len(before) + len(after) <= MAX_WORDS else []
    # Only words make two lines alike.
    blocks = [
        (same and bool("".join(before[a:b]).strip()), a, b, c, d) for same, a, b, c, d in blocks
    ]
    if not any(same for same, *_places in blocks):
        blocks = [(False, 0, len(before), 0, len(after))]
    left = [Span("".join(before[a:b]), not same) for same, a, b, _c, _d in blocks]
    right = [Span("".join(after[c:d]), not same) for same, _a, _b, c, d in blocks]
    return Row("changed", _joined(left), _joined(right))


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Neighbours of one kind as one; none that is empty."""
    runs = groupby((span for span in spans if span.text), key=lambda span: span.changed)
    return tuple(Span("".join(span.text for span in run), changed) for changed, run in runs)


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """(same, from, to, from, to) over both, in order, none of them empty."""
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        yield tag == "equal", a, b, c, d


def _folded(shown: list[Row]) -> Iterator[Row]:
    """Long unchanged stretches become one gap."""
    near = {
        place + by
        for place, row in enumerate(shown)
        if row.kind != "same"
        for by in range(-CONTEXT, CONTEXT + 1)
    }
    for is_near, run in groupby(enumerate(shown), key=lambda one: one[0] in near):
        stretch = [row for _place, row in run]
        yield from stretch if is_near else [Row("gap", skipped=len(stretch))]
