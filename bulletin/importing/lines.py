"""A team's file as text that the parser can trust: decoded, normalised, with its code masked."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

LIMIT_BYTES = 1_000_000

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")
_NEWLINE = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
# What rich text is pasted with: spaces and hyphens that don't break, and marks of no width.
_PASTED = str.maketrans(
    dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a", " ")
    | dict.fromkeys("\u202f\u205f\u3000", " ")
    | dict.fromkeys("\u2010\u2011", "-")
    | dict.fromkeys("\u00ad\u200b\u2060\ufeff", "")
)
_FENCE = re.compile(r"[ \t]*+(?:[-*+] ++|\d{1,3}[.)] ++)?(`{3,}|~{3,})(.*)")
_FENCE_END = re.compile(r"[ \t]*+(`{3,}|~{3,})[ \t]*$")
_SPAN = re.compile(r"(?<!`)(`++)([^`\n]++)\1(?!`)")


class ImportTextError(ValueError):
    """The text can't be imported; `line`, counted from 1, is where the reason stands."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        lengths = (len(line) + 1 for line in text.split("\n"))
        self._starts = [0, *accumulate(lengths)]

    def number(self, position: int) -> int:
        """The line, counted from 1, that holds the character at `position`."""
        return bisect_right(self._starts, position)


def decode(data: bytes) -> str:
    """The text of a file: UTF-8 of 1 MB at most, else ImportTextError."""
    if len(data) > LIMIT_BYTES:
        raise ImportTextError(
            "the text passes 1 MB here, and no more is read", _line(data, LIMIT_BYTES)
        )
    if b"\0" in data:
        raise ImportTextError("this is a binary file, not a text", _line(data, data.index(b"\0")))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = _line(data, error.start)
        raise ImportTextError("this is not UTF-8: save the file as UTF-8", line) from error


def _line(data: bytes, position: int) -> int:
    before = data[:position].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def normalise(text: str) -> str:
    """The text with "\\n" between its lines and without what pasting adds; ImportTextError for
    control characters. Curly quotes and dashes are the writer's own and stay."""
    text = _NEWLINE.sub("\n", text)
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise ImportTextError("a control character: this is a binary file, not a text", line)
    return text.translate(_PASTED)


def mask(text: str) -> str:
    """The text, as long as before, with "x" for all that stands in fences and in code spans."""
    lines = text.split("\n")
    opened: tuple[int, str] | None = None
    for number, line in enumerate(lines):
        if opened is None:
            fence = _FENCE.match(line)
            if fence and not (fence[1][0] == "`" and "`" in fence[2]):
                opened = (number, fence[1])
        elif (fence := _FENCE_END.match(line)) and fence[1].startswith(opened[1]):
            lines[opened[0] : number + 1] = map(_crossed, lines[opened[0] : number + 1])
            opened = None
    # A fence that nothing closes hides no incident.
    return _SPAN.sub(lambda span: span[1] + _crossed(span[2]) + span[1], "\n".join(lines))


def _crossed(line: str) -> str:
    return "x" * len(line)
