"""A team's text as the parser reads it: decoded, its code masked, its plain lines as Markdown.

A flattened extract has lost its markup: an inline code span is a line of its own in the middle of
a sentence, and paragraphs, list items and headings are only lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

LIMIT_BYTES = 1_000_000

BULLET = re.compile(
    r"(?P<indent>[ \t]*+)(?:[-*+•‣◦·–▪●○]|\d{1,3}[.)])(?P<gap>[ \t]++|(?<=[•‣◦▪●○]))"
)
_MINOR = (
    "a an and as but or the & at by for from in into of off on onto out over per to up via vs with"
    " without"
)
MINOR_WORDS = frozenset(_MINOR.split())
_NEVER_CODE = MINOR_WORDS | {"is", "was", "are", "it", "that", "then", "which", "so", "not"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_NEWLINE = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
# What rich text is pasted with: special spaces and hyphens, and marks of no width.
_SPACE = re.compile(r"[^\S\t\n]")
_PASTED = str.maketrans("\u2010\u2011", "--", "\u00ad\u200b\u2060\ufeff")
_FENCE = re.compile(r"[ \t]*+(?:[-*+] ++|\d{1,3}[.)] ++)?(`{3,}|~{3,})(.*)")
_FENCE_END = re.compile(r"[ \t]*+(`{3,}|~{3,})[ \t]*$")
_CODE_SPAN = re.compile(r"(?<!`)(`++)([^`\n]++)\1(?!`)")
_SENTENCE_END = re.compile(r"[.!?…:]['\"’”)\]*_`]{0,6}$")
_SENTENCE_START = re.compile(r"['\"‘“(\[*_`¿¡]{0,6}(?:[^\W\d_]|\d)")
_MAX_CODE_CHARS = 48
_MAX_CODE_WORDS = 3


class ImportTextError(ValueError):
    """The text can't be imported; `line`, counted from 1, is where the reason is."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 of 1 MB at most, else ImportTextError."""
    if len(data) > LIMIT_BYTES:
        raise _error_at(LIMIT_BYTES, data, "the text passes 1 MB here, and no more is read")
    if b"\0" in data:
        raise _error_at(data.index(b"\0"), data, "this is a binary file, not a text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = "this is not UTF-8: save the file as UTF-8"
        raise _error_at(error.start, data, message) from error


def _error_at(position: int, data: bytes, message: str) -> ImportTextError:
    before = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return ImportTextError(message, before.count(b"\n") + 1)


def normalize(text: str) -> str:
    """The text with "\\n" between its lines and without what pasting adds; ImportTextError for
    control characters. Curly quotes and dashes are the writer's own and stay."""
    text = _NEWLINE.sub("\n", text)
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ImportTextError("a control character: this is a binary file, not a text", line)
    return _SPACE.sub(" ", text).translate(_PASTED)


def mask_code(text: str) -> str:
    """The text, as long as before, with "x" for all that is in fences and in code spans."""
    lines = text.split("\n")
    opened: tuple[int, str] | None = None
    for number, line in enumerate(lines):
        if opened is None:
            fence = _FENCE.match(line)
            if fence and not (fence[1][0] == "`" and "`" in fence[2]):
                opened = (number, fence[1])
        elif (fence := _FENCE_END.match(line)) and fence[1].startswith(opened[1]):
            for inside in range(opened[0], number + 1):
                lines[inside] = "x" * len(lines[inside])
            opened = None
    # A fence that nothing closes hides no incident.
    return _CODE_SPAN.sub(lambda span: span[1] + "x" * len(span[2]) + span[1], "\n".join(lines))


def ends_sentence(line: str) -> bool:
    return bool(_SENTENCE_END.search(line[-8:]))


def begins_sentence(line: str) -> bool:
    first = _SENTENCE_START.match(line)
    return first is not None and not first[0][-1].islower()


def may_be_code(line: str) -> bool:
    words = line.split() if len(line) <= _MAX_CODE_CHARS else []
    return (
        1 <= len(words) <= _MAX_CODE_WORDS
        and not any(mark in line for mark in ("`", ", ", "; ", ". "))
        and line[-1] not in ".,;:!?…)"
        and line[0] not in ".,;:!?(…)"
        and words[0].casefold() not in _NEVER_CODE
    )


def join_title(lines: Sequence[str]) -> str:
    split = len(lines) >= 3 and len(lines) % 2
    parts = [
        f"`{line}`" if split and n % 2 and may_be_code(line) else line
        for n, line in enumerate(line.strip() for line in lines)
    ]
    return " ".join(filter(None, parts))


def unwrap_lines(text: str) -> str:
    """Plain lines as Markdown: a paragraph breaks at a blank line, before a list item, and where
    a line ends a sentence and the next begins one; inline code is put back in its sentence."""
    blocks: list[list[str]] = [[]]
    was_code = False
    for raw, following in pairwise([*text.split("\n"), ""]):
        line, block, bullet = raw.strip(), blocks[-1], BULLET.match(raw)
        before = block[-1].strip() if block else ""
        is_code = not was_code and not bullet and _is_code(before, line, following.strip())
        if bullet:
            mark = bullet[0].strip()
            marker = mark if mark[0].isdecimal() else "-"
            line = f"{bullet['indent']}{marker} {raw[bullet.end() :].strip()}"
        elif is_code:
            line = f"`{line}`"
        within = was_code or is_code or not _is_break(before, line)
        if line and block and within and not bullet:
            block.append(line if line[0] in ".,;:!?)’”…" else " " + line)
        else:
            blocks.append([line] if line else [])
        was_code = is_code
    return _join_blocks(["".join(block) for block in blocks if block])


def _is_break(before: str, line: str) -> bool:
    return ends_sentence(before) and begins_sentence(line)


def _is_code(before: str, line: str, following: str) -> bool:
    if not may_be_code(line) or not following or _is_break(before, line):
        return False
    is_word = " " not in line
    if begins_sentence(following):
        return is_word and bool(before) and not ends_sentence(before)
    return is_word or bool(before)


def _join_blocks(blocks: list[str]) -> str:
    pieces = blocks[:1]
    for before, block in pairwise(blocks):
        tight = BULLET.match(before) and BULLET.match(block)
        pieces += ["\n" if tight else "\n\n", block]
    return "".join(pieces)
