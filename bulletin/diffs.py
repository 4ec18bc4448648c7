"""What changed between two texts, line by line and word by word: pure.

Both are paired by Bram Cohen's patience diff: what occurs once on both sides is paired, as far as
its order is the same, then what lies between, again. Where nothing occurs once, what occurs
equally often will do. It costs n log n a round, whatever the texts; LCS methods are quadratic.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Final

# Unchanged lines that stay around a change.
CONTEXT: Final = 2
# Rounds of pairing what lies between pairs; texts by people need four or five.
ROUNDS: Final = 12
_WORD: Final = re.compile(r"\s+|\w+|[^\w\s]")

Block = tuple[bool, int, int, int, int]
Pair = tuple[int, int]
Part = tuple[int, int, int, int]


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
    blocks = list(_blocks(before, after))
    if not any(same and "".join(before[a:b]).strip() for same, a, b, _c, _d in blocks):
        blocks = [(False, 0, len(before), 0, len(after))]
    left = [Span("".join(before[a:b]), not same) for same, a, b, _c, _d in blocks]
    right = [Span("".join(after[c:d]), not same) for same, _a, _b, c, d in blocks]
    return Row("changed", _spans(left), _spans(right))


def _spans(pieces: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(piece for piece in pieces if piece.text)


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """(same, from, to, from, to) over both, in order, none of them empty."""
    a = c = 0
    for (b, d), length in [*_runs(old, new), ((len(old), len(new)), 0)]:
        if (a, c) != (b, d):
            yield False, a, b, c, d
        a, c = b + length, d + length
        if length:
            yield True, b, a, d, c


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[Pair, int]]:
    """Where neighbours are paired with neighbours: the first of them, and how many."""
    pairs = enumerate(_paired(old, new, (0, len(old), 0, len(new)), ROUNDS))
    for _key, run in groupby(pairs, key=lambda one: (one[1][0] - one[0], one[1][1] - one[0])):
        members = [pair for _index, pair in run]
        yield members[0], len(members)


def _paired(old: Sequence[str], new: Sequence[str], within: Part, rounds: int) -> Iterator[Pair]:
    """Places in both that are the same, ascending."""
    a, b, c, d = within
    while a < b and c < d and old[a] == new[c]:
        yield a, c
        a, c = a + 1, c + 1
    end = b
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    fixed = _anchors(old, new, (a, b, c, d)) if rounds else []
    for i, j in fixed:
        yield from _paired(old, new, (a, i, c, j), rounds - 1)
        yield i, j
        a, c = i + 1, j + 1
    if fixed:
        yield from _paired(old, new, (a, b, c, d), rounds - 1)
    yield from ((b + by, d + by) for by in range(end - b))


def _anchors(old: Sequence[str], new: Sequence[str], within: Part) -> list[Pair]:
    """What occurs once in both, else equally often, where its order is the same."""
    a, b, c, d = within
    left, right = _places(old, a, b), _places(new, c, d)
    both = [(left[one], right[one]) for one in left if one in right]
    even = [pair for pair in both if len(pair[0]) == 1 == len(pair[1])]
    even = even or [pair for pair in both if len(pair[0]) == len(pair[1])]
    return _in_order(sorted(pair for places in even for pair in zip(*places, strict=True)))


def _places(words: Sequence[str], first: int, end: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for place in range(first, end):
        found.setdefault(words[place], []).append(place)
    return found


def _in_order(pairs: Sequence[Pair]) -> list[Pair]:
    """The most of `pairs`, ascending on the left, that ascend on the right too."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for index, (_i, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        ends[length : length + 1] = [j]
        last[length : length + 1] = [index]
        before.append(last[length - 1] if length else None)
    chosen, at = [], last[-1] if last else None
    while at is not None:
        chosen.append(pairs[at])
        at = before[at]
    return chosen[::-1]


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
