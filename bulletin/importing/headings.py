"""The headings of a text, Markdown's or whole plain lines, that end the incidents."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate

from bulletin.importing.headers import Header
from bulletin.importing.text import BULLET, MINOR_WORDS, begins_sentence, ends_sentence

_FILLED_LINE = re.compile(r"^.*\S.*$", re.M)
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]")
_ATX_LINE = re.compile(r"^ {0,3}#{1,6}[ \t]+\S", re.M)
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_MARKUP = re.compile(r"\*\*[^\s*]|\]\([^()\s]|^[ \t]*+(?:`{3}|~{3})|^={3,}$", re.M)
_BOLD = re.compile(r"(\*\*|__)([^*_\n]{1,100})\1:?$")
_MAX_UNDERLINED_CHARS = 100
_MAX_CHARS = 80
_MAX_WORDS = 12
_MAX_WORDS_AFTER_LIST = 5


@dataclass(frozen=True, slots=True)
class Heading:
    """`start` and `end` are where its line, or its two, are; `level` is Markdown's."""

    start: int
    end: int
    text: str
    level: int
    is_listed: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, and the nearest that are not blank: `above` and `below` where those are next to it,
    else empty. `is_after_list` where it leaves a list, by a blank line and its indent."""

    start: int
    raw: str
    above: str
    below: str
    before: str
    after: str
    is_after_list: bool


def is_markdown(masked: str) -> bool:
    return bool(_ATX_LINE.search(masked) or _MARKUP.search(masked))


def find_headings(
    text: str, masked: str, listed: Sequence[str], headers: Sequence[Header]
) -> list[Heading]:
    """The headings that end an incident or a section, in order; those of `headers` are none.

    A heading deeper than the incidents' own, or than the section's it is in, belongs to the
    body there, unless it is one of `listed`, whole lines in which "*" is for any words.
    """
    plain, pattern = not _ATX_LINE.search(masked), _listed_pattern(listed)
    starts = [header.start for header in headers]
    item_level = max((header.lead.level for header in headers), default=0)
    found: list[Heading] = []
    for line in _lines(masked):
        nearest = bisect_left(starts, line.start + len(line.raw)) - 1
        if nearest >= 0 and headers[nearest].end > line.start:
            continue
        heading = _heading(line, text, pattern, plain)
        inside = item_level or _level_of_incidents(found, starts)
        if found and nearest < bisect_left(starts, found[-1].start):
            inside = 0 if len(found) == 1 and found[0].level == 1 else found[-1].level
        if heading and (heading.is_listed or not inside or heading.level <= inside):
            found.append(heading)
    return found


def _level_of_incidents(found: Sequence[Heading], starts: Sequence[int]) -> int:
    first = starts[0] if starts else 0
    above = bisect_left(found, first, key=lambda heading: heading.start) - 1
    return found[above].level if above >= 0 and "incident" in found[above].text.lower() else 0


def _lines(masked: str) -> Iterator[_Line]:
    lines = [*_FILLED_LINE.finditer(masked)]
    for n, line in enumerate(lines):
        raw = lines[n - 1][0] if n else ""
        before = raw.strip()
        after = lines[n + 1][0] if n + 1 < len(lines) else ""
        above = before if n and lines[n - 1].end() + 1 == line.start() else ""
        below = after if masked.startswith(after, line.end() + 1) else ""
        is_after_list = bool(BULLET.match(raw)) or raw.startswith("  ")
        is_after_list &= not above and not line[0].startswith(" ")
        yield _Line(line.start(), line[0], above, below, before, after.strip(), is_after_list)


def _heading(line: _Line, text: str, listed: re.Pattern[str], plain: bool) -> Heading | None:
    end = line.start + len(line.raw)
    written = text[line.start : end].strip()
    level, is_plain = 2, False
    if atx := _ATX.match(line.raw):
        level = len(atx[1])
        written = written.lstrip("#").strip().rstrip("#").strip()
    elif _is_underlined(line):
        level = 1 if "=" in line.below else 2
        end += len(line.below) + 1
    else:
        is_plain = True
    bold = _BOLD.match(written)
    name = (bold[2] if bold else written).strip()
    is_listed = len(name) <= _MAX_CHARS and bool(listed.match(name.removesuffix(":")))
    known = is_listed and (not is_plain or _is_apart(line, name))
    if is_plain and not known and not (plain and _is_plain_heading(line, name)):
        return None
    return Heading(line.start, end, name.removesuffix(":"), level, known) if name else None


def _is_underlined(line: _Line) -> bool:
    return (
        bool(_UNDERLINE.match(line.below))
        and not line.above
        and len(line.raw) <= _MAX_UNDERLINED_CHARS
        and not ends_sentence(line.raw.strip())
        and not BULLET.match(line.raw)
        and not _UNDERLINE.match(line.raw)
    )


def _listed_pattern(listed: Sequence[str]) -> re.Pattern[str]:
    patterns = [translate(re.sub(r"([?[])", r"[\1]", heading)) for heading in listed]
    return re.compile("|".join(patterns) or r"(?!)", re.I)


def _is_apart(line: _Line, name: str) -> bool:
    # "This week in the fleet we" is prose that begins so.
    apart = not line.above or ends_sentence(line.above) or not line.below.strip()
    is_name = " " not in name or _is_title_case(name)
    return begins_sentence(name) and (is_name or (apart and begins_sentence(line.after)))


def _is_plain_heading(line: _Line, name: str) -> bool:
    if BULLET.match(line.raw) or not begins_sentence(line.after):
        return False
    if line.is_after_list:
        is_short = len(name.split()) <= _MAX_WORDS_AFTER_LIST and not ends_sentence(
            name.removesuffix(":")
        )
        return _is_title_case(name) or (is_short and begins_sentence(name))
    return _is_title_case(name) and ends_sentence(line.before)


def _is_title_case(line: str) -> bool:
    words = line.split() if len(line) <= _MAX_CHARS else []
    if not 2 <= len(words) <= _MAX_WORDS or line[-1] in ".,;:!?…" or ". " in line:
        return False
    if words[0] in MINOR_WORDS or words[-1] in MINOR_WORDS:
        return False
    major = [word for word in words if word not in MINOR_WORDS]
    capitals = sum(word.lstrip("'\"‘“([")[:1].isupper() for word in major)
    digits = sum(word[0].isdecimal() or word[0] in "`–—-/+" for word in major)
    return capitals >= 2 and capitals + digits == len(major)
