"""What a person asks for in a few words, and where a text has it; pure.

All words are required, in any order. `"Quoted words"`, and those joined by marks such as
fly-proxy, stand side by side. The last word typed, and one before a `*`, is the beginning of a
word. Nothing else has a meaning, so there is nothing to escape, and no input is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

MAX_CHARACTERS: Final = 200
MAX_WORDS: Final = 16
# Characters of an excerpt, of those the ones before its first match, and how far one is looked for.
WIDTH, LEAD, REACH = 200, 60, 50_000

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_PIECE = re.compile(r'"(?P<quoted>[^"]*)(?:"(?P<star>\*?)|$)|(?P<bare>[^\s"]+)')
# What SQLite's tokeniser unicode61 takes for a word: letters, digits, and the accents on them.
_WORD = re.compile("(?:[^\\W_]|[\u0300-\u036f])+")
_ACCENTED = re.compile("([a-z])[\u0300-\u036f]+")

# A text in parts, each with whether it is what was asked for.
Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Term:
    """Words side by side, folded; the last is the beginning of one where `prefix`."""

    words: tuple[str, ...]
    prefix: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """`text` is what of the question is heeded; `cut` where that isn't all of it."""

    text: str
    terms: tuple[Term, ...]
    cut: bool


def parse(typed: str) -> Asked:
    """What `typed` asks for, in MAX_CHARACTERS and MAX_WORDS; maybe nothing."""
    whole = _CONTROL.sub(" ", typed).strip()
    text = unicodedata.normalize("NFC", whole[:MAX_CHARACTERS])
    terms: list[Term] = []
    left, quoted, cut = MAX_WORDS, False, len(whole) > MAX_CHARACTERS
    for piece in _PIECE.finditer(text.translate(_QUOTES)):
        content = piece["bare"] or piece["quoted"] or ""
        if words := [fold(word) for word in _WORD.findall(content)]:
            if len(words) > left:
                words, cut = words[:left], True
            quoted = piece["bare"] is None
            if words:
                terms.append(Term(tuple(words), content.endswith("*") or bool(piece["star"])))
            left -= len(words)
    if terms and not quoted:
        terms[-1] = replace(terms[-1], prefix=True)
    return Asked(text, tuple(terms), cut)


def fold(word: str) -> str:
    """`word` without case, and without accents where its letters are Latin."""
    if word.isascii():
        return word.lower()
    return unicodedata.normalize(
        "NFC", _ACCENTED.sub(r"\1", unicodedata.normalize("NFD", word.lower()))
    )


# Where a text has it ------------------------------------------------------------------


def mark(text: str, terms: Sequence[Term]) -> Pieces:
    """The whole of `text`."""
    pieces, done = [], 0
    for first, after in _spans(text, terms):
        pieces += [(text[done:first], False), (text[first:after], True)]
        done = after
    return [piece for piece in [*pieces, (text[done:], False)] if piece[0]]


def excerpt(texts: Sequence[str], terms: Sequence[Term]) -> Pieces:
    """About WIDTH characters of the first of `texts` that has a match, else of the first
    that isn't empty."""
    for text in texts:
        if span := next(_spans(text[:REACH], terms), None):
            return mark(_window(text, span[0]), terms)
    return mark(_window(next(filter(None, texts), ""), 0), terms)


def _spans(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where matches begin and end, in their order, none within another."""
    found = [(word.start(), word.end(), fold(word[0])) for word in _WORD.finditer(text)]
    done = 0
    for n, (first, _after, _word) in enumerate(found):
        here = [found[n : n + len(term.words)] for term in terms]
        ends = [
            words[-1][1]
            for words, term in zip(here, terms, strict=True)
            if _is(tuple(word for *_place, word in words), term)
        ]
        if ends and first >= done:
            done = max(ends)
            yield first, done


def _is(words: tuple[str, ...], term: Term) -> bool:
    if not term.prefix:
        return words == term.words
    return (
        len(words) == len(term.words)
        and words[:-1] == term.words[:-1]
        and words[-1].startswith(term.words[-1])
    )


def _window(text: str, match: int) -> str:
    """Whole words around the place of the first match; … where it is cut."""
    first = max(0, match - LEAD)
    if first:
        first = text.find(" ", first, match) + 1 or first
    after = min(len(text), first + WIDTH)
    if after < len(text):
        after = max(text.rfind(" ", match, after), text.find(" ", match, after), 0) or after
    return f"{'… ' if first else ''}{text[first:after]}{' …' if after < len(text) else ''}"
