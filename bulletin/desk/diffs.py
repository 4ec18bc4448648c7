"""What changed between two texts, line by line and word by word: pure.

Lines are paired by the longest runs they share (difflib, after Ratcliff and Metzener's "Gestalt
pattern matching", Dr. Dobb's Journal, July 1988), then the words of lines that changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final

# Longer lines are shown as changed whole: pairing words takes quadratic time at worst.
WORDS: Final = 600
# Unchanged lines that stay around a change.
CONTEXT: Final = 2
_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")


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
    if old == new:
        return []
    return list(_folded(list(_rows(old.splitlines(), new.splitlines()))))


def _rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if kind == "equal":
            same = ((Span(line, False),) for line in old[a:b])
            yield from (Row("same", line, line) for line in same)
        else:
            yield from (_pair(*lines) for lines in zip_longest(old[a:b], new[c:d]))


def _pair(old: str | None, new: str | None) -> Row:
    if old is None:
        return Row("added", None, (Span(new or "", True),))
    if new is None:
        return Row("removed", (Span(old, True),), None)
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > WORDS:
        return Row("changed", (Span(old, True),), (Span(new, True),))
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    left = ((before[a:b], kind != "equal") for kind, a, b, _c, _d in codes)
    right = ((after[c:d], kind != "equal") for kind, _a, _b, c, d in codes)
    return Row("changed", _spans(left), _spans(right))


def _spans(pieces: Iterable[tuple[list[str], bool]]) -> tuple[Span, ...]:
    return tuple(Span("".join(words), changed) for words, changed in pieces if words)


def _folded(rows: list[Row]) -> Iterator[Row]:
    """Long unchanged stretches become one gap."""
    near = {
        place + by
        for place, row in enumerate(rows)
        if row.kind != "same"
        for by in range(-CONTEXT, CONTEXT + 1)
    }
    skipped = 0
    for place, row in enumerate(rows):
        if place not in near:
            skipped += 1
            continue
        if skipped:
            yield Row("gap", skipped=skipped)
            skipped = 0
        yield row
    if skipped:
        yield Row("gap", skipped=skipped)
