"""What changed between two texts, line by line and word by word, and merged by paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise, zip_longest
from typing import Final, NamedTuple

# Unchanged lines that stay around a change.
CONTEXT: Final = 2
# Longer lines are marked whole: difflib's time grows with the square of what differs.
MAX_WORDS: Final = 2_000
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
    old: list[Span] | None = None
    new: list[Span] | None = None
    skipped: int = 0


def compare(old: str, new: str) -> list[Row]:
    """The rows of a side-by-side view of `old` and `new`; none where they are equal."""
    before, after = _lines(old), _lines(new)
    return list(_rows(before, after)) if before != after else []


def _lines(text: str) -> list[str]:
    """A browser sends CRLF for what is stored with either."""
    return text.replace("\r\n", "\n").split("\n") if text else []


def _rows(before: list[str], after: list[str]) -> Iterator[Row]:
    shown = 0
    for group in SequenceMatcher(None, before, after).get_grouped_opcodes(CONTEXT):
        yield from _gap(group[0][1] - shown)
        for _tag, a, b, c, d in group:
            yield from (_row(*pair) for pair in zip_longest(before[a:b], after[c:d]))
        shown = group[-1][2]
    yield from _gap(len(before) - shown)


def _gap(lines: int) -> Iterator[Row]:
    if lines:
        yield Row("gap", skipped=lines)


def _row(old: str | None, new: str | None) -> Row:
    if old is None:
        return Row("added", new=[Span(new or "", True)])
    if new is None:
        return Row("removed", old=[Span(old, True)])
    if old == new:
        return Row("same", [Span(old, False)], [Span(new, False)])
    return Row("changed", *_words(old, new))


def _words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if len(before) + len(after) > MAX_WORDS:
        return [Span(old, True)], [Span(new, True)]
    # Only words make two lines alike, not the space between them.
    found = SequenceMatcher(str.isspace, before, after).get_opcodes()
    left = [Span("".join(before[a:b]), tag != "equal") for tag, a, b, _c, _d in found if a < b]
    right = [Span("".join(after[c:d]), tag != "equal") for tag, _a, _b, c, d in found if c < d]
    return left, right


def merge_paragraphs(base: str, mine: str, theirs: str) -> str | None:
    """`base` with the edits of both; None where they edited one paragraph, or added some at one
    place, whose order nobody could tell."""
    paragraphs = base.split("\n\n")
    edits = sorted({*_edits(paragraphs, mine), *_edits(paragraphs, theirs)})
    if any(_overlap(*pair) for pair in pairwise(edits)):
        return None
    merged, end = [], 0
    for edit in edits:
        merged += [*paragraphs[end : edit.start], *edit.fresh]
        end = edit.end
    return "\n\n".join([*merged, *paragraphs[end:]])


class _Edit(NamedTuple):
    """The paragraphs from `start` up to `end` become `fresh`."""

    start: int
    end: int
    fresh: tuple[str, ...]


def _edits(paragraphs: list[str], text: str) -> Iterator[_Edit]:
    edited = text.split("\n\n")
    for tag, a, b, c, d in SequenceMatcher(None, paragraphs, edited).get_opcodes():
        if tag != "equal":
            yield _Edit(a, b, tuple(edited[c:d]))


def _overlap(one: _Edit, other: _Edit) -> bool:
    """Of two in order. Nothing is added beside what the other changed."""
    adds = one.start == one.end or other.start == other.end
    return other.start < one.end or (adds and other.start == one.end)
