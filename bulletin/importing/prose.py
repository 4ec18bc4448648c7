"""Plain lines as paragraphs: what ends a sentence, what is a heading, what was inline code.

A flattened extract has lost its markup: an inline code span stands on a line of its own, in the
middle of a sentence, and paragraphs, list items and headings are only lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

HEADINGS = (
    "This Week In *",
    "These Weeks In *",
    "This Week At *",
    "These Weeks *",
    "Last Week In *",
    "Narrative",
    "The Narrative",
    "Postmortem",
    "Post-Mortem",
    "Retrospective",
    "In Other News",
    "Looking Ahead",
    "What We Shipped",
)

BULLET = re.compile(
    r"(?P<indent>[ \t]*+)(?:[-*+•‣◦·–▪●○]|\d{1,3}[.)])(?P<gap>[ \t]++|(?<=[•‣◦▪●○]))"
)
_SENTENCE_END = re.compile(r"[.!?…:]['\"’”)\]*_`]{0,6}$")
_SENTENCE_START = re.compile(r"['\"‘“(\[*_`¿¡]{0,6}(?:[^\W\d_]|\d)")
_LONGEST_HEADING = 80
_MOST_HEADING_WORDS = 12
_LONGEST_CODE = 48
_MOST_CODE_WORDS = 3
_ARTICLES = frozenset(("a", "an", "and", "as", "but", "or", "the", "&"))
_PREPOSITIONS = frozenset(
    ("at", "by", "for", "from", "in", "into", "of", "off", "on", "onto", "out", "over")
) | frozenset(("per", "to", "up", "via", "vs", "with", "without"))
_MINOR_WORDS = _ARTICLES | _PREPOSITIONS
_NEVER_CODE = _MINOR_WORDS | {"is", "was", "are", "it", "that", "then", "which", "so", "not"}


def ends_sentence(line: str) -> bool:
    return bool(_SENTENCE_END.search(line[-8:]))


def begins_sentence(line: str) -> bool:
    """Whether the line may be the first of a sentence: a capital, a digit, no case."""
    first = _SENTENCE_START.match(line)
    return first is not None and not first[0][-1].islower()


def is_listed(line: str, headings: Sequence[str]) -> bool:
    """Whether the whole line is one of `headings`, in which "*" stands for any words."""
    words = line.removesuffix(":").casefold()
    return len(line) <= _LONGEST_HEADING and any(
        fnmatchcase(words, heading.casefold()) for heading in headings
    )


def is_title_case(line: str) -> bool:
    """Whether the whole line is two or more words in title case, and no sentence."""
    words = line.split() if len(line) <= _LONGEST_HEADING else []
    if not 2 <= len(words) <= _MOST_HEADING_WORDS or line[-1] in ".,;:!?…" or ". " in line:
        return False
    major = [word for word in words if word not in _MINOR_WORDS]
    capitals = sum(word.lstrip("'\"‘“([")[:1].isupper() for word in major)
    digits = sum(word[0].isdecimal() or word[0] in "`–—-/+" for word in major)
    return (
        capitals >= 2
        and capitals + digits == len(major)
        and words[0] not in _MINOR_WORDS
        and words[-1] not in _MINOR_WORDS
    )


def join_title(lines: Sequence[str]) -> str:
    """A title that its inline code split: every second line is code where three or more are."""
    split = len(lines) >= 3 and len(lines) % 2
    parts = [
        f"`{line}`" if split and n % 2 and may_be_code(line) else line
        for n, line in enumerate(line.strip() for line in lines)
    ]
    return " ".join(filter(None, parts))


def reflow(text: str) -> str:
    """Plain lines as Markdown: a paragraph breaks at a blank line, before a list item, and where
    a line ends a sentence and the next begins one; inline code is put back in its sentence."""
    lines = [*text.split("\n"), ""]
    blocks: list[list[str]] = [[]]
    was_code = False
    for raw, following in pairwise(lines):
        line, block, bullet = raw.strip(), blocks[-1], BULLET.match(raw)
        before = block[-1].strip() if block else ""
        is_code = not was_code and not bullet and _is_code(before, line, following.strip())
        if bullet:
            line = bullet["indent"] + _mark(bullet[0]) + raw[bullet.end() :].strip()
        elif is_code:
            line = f"`{line}`"
        if (
            not line
            or bullet
            or not block
            or (not (was_code or is_code) and _is_break(before, line))
        ):
            blocks.append([line] if line else [])
        else:
            block.append(line if line[0] in ".,;:!?)’”…" else " " + line)
        was_code = is_code
    return _joined(["".join(block) for block in blocks if block])


def _mark(bullet: str) -> str:
    return bullet.strip() + " " if bullet.strip()[0].isdecimal() else "- "


def _is_break(before: str, line: str) -> bool:
    return ends_sentence(before) and begins_sentence(line)


def _is_code(before: str, line: str, following: str) -> bool:
    """Whether `line` was inline code between the words `before` it and those `following`."""
    if not may_be_code(line) or not following or _is_break(before, line):
        return False
    is_word = " " not in line
    if begins_sentence(following):
        return is_word and bool(before) and not ends_sentence(before)
    return is_word or bool(before)


def may_be_code(line: str) -> bool:
    """Whether a line of its own may have been inline code: a few words, no sentence."""
    words = line.split() if len(line) <= _LONGEST_CODE else []
    return (
        1 <= len(words) <= _MOST_CODE_WORDS
        and not any(mark in line for mark in ("`", ", ", "; ", ". "))
        and line[-1] not in ".,;:!?…)"
        and line[0] not in ".,;:!?(…)"
        and words[0].casefold() not in _NEVER_CODE
    )


def _joined(blocks: list[str]) -> str:
    """Paragraphs apart, the items of a list together."""
    pieces = blocks[:1]
    for before, block in pairwise(blocks):
        tight = BULLET.match(before) and BULLET.match(block)
        pieces += ["\n" if tight else "\n\n", block]
    return "".join(pieces)
