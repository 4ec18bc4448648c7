"""What a person searches for, and where a text matches it; pure.

All words are required, in any order. `"Quoted words"`, and those joined by marks such as
fly-proxy, stand side by side. The last word typed, and one before a `*`, is the beginning of a
word. Nothing else has a meaning, so no input is invalid and nothing needs an escape.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

MAX_CHARACTERS: Final = 200
MAX_WORDS: Final = 16
# Characters of an excerpt, of those the ones before its first match, and how far one is sought.
WIDTH, LEAD, REACH = 200, 60, 50_000

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_PIECE = re.compile(r'"(?P<quoted>[^"]*)(?:"(?P<star>\*?)|$)|(?P<bare>[^\s"]+)')
# Letters, digits, and the accents on them.
_WORD = re.compile("(?:[^\\W_]|[\u0300-\u036f])+")
_ACCENTED = re.compile("([a-z])[\u0300-\u036f]+")

# A text in parts, each with whether it matches.
Highlighted = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Term:
    """Folded words side by side; the last is the beginning of one where `prefix`."""

    words: tuple[str, ...]
    prefix: bool

    def matches(self, words: Sequence[str]) -> bool:
        *first, last = self.words
        return (
            list(words[:-1]) == first
            and len(words) == len(self.words)
            and (words[-1].startswith(last) if self.prefix else words[-1] == last)
        )


@dataclass(frozen=True, slots=True)
class Query:
    """`text` is the part of what was typed that counts; `cut` where that isn't all of it."""

    text: str
    terms: tuple[Term, ...]
    cut: bool


def parse(typed: str) -> Query:
    whole = _CONTROL.sub(" ", typed).strip()
    text = unicodedata.normalize("NFC", whole[:MAX_CHARACTERS])
    terms: list[Term] = []
    left, quoted, cut = MAX_WORDS, False, len(whole) > MAX_CHARACTERS
    for piece in _PIECE.finditer(text.translate(_QUOTES)):
        content = piece["bare"] or piece["quoted"] or ""
        if words := fold_words(content):
            cut = cut or len(words) > left
            quoted = piece["bare"] is None
            if left:
                prefix = content.endswith("*") or bool(piece["star"])
                terms.append(Term(tuple(words[:left]), prefix))
            left -= len(words[:left])
    if terms and not quoted:
        terms[-1] = replace(terms[-1], prefix=True)
    return Query(text, tuple(terms), cut)


def fold_words(text: str) -> list[str]:
    return [_fold(word) for word in _WORD.findall(text)]


def _fold(word: str) -> str:
    """Without case, and without accents where its letters are Latin."""
    if word.isascii():
        return word.lower()
    plain = _ACCENTED.sub(r"\1", unicodedata.normalize("NFD", word.lower()))
    return unicodedata.normalize("NFC", plain)


def highlight(text: str, terms: Sequence[Term]) -> Highlighted:
    pieces, done = [], 0
    for first, after in _spans(text, terms):
        pieces += [(text[done:first], False), (text[first:after], True)]
        done = after
    return [piece for piece in [*pieces, (text[done:], False)] if piece[0]]


def excerpt(texts: Sequence[str], terms: Sequence[Term]) -> Highlighted:
    """About WIDTH characters of the first of `texts` that matches, else of the first that isn't
    empty."""
    for text in texts:
        if span := next(_spans(text[:REACH], terms), None):
            return highlight(_window(text, span[0]), terms)
    return highlight(_window(next(filter(None, texts), ""), 0), terms)


def _spans(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Where matches begin and end, in their order, none within another."""
    found = [(word.start(), word.end(), _fold(word[0])) for word in _WORD.finditer(text)]
    done = 0
    for n, (first, _after, _word) in enumerate(found):
        here = [found[n : n + len(term.words)] for term in terms]
        pairs = zip(here, terms, strict=True)
        ends = [part[-1][1] for part, term in pairs if term.matches([word[2] for word in part])]
        if ends and first >= done:
            done = max(ends)
            yield first, done


def _window(text: str, match: int) -> str:
    """Whole words around the first match; … where it is cut."""
    first = max(0, match - LEAD)
    if first:
        first = text.find(" ", first, match) + 1 or first
    after = min(len(text), first + WIDTH)
    if after < len(text):
        after = max(text.rfind(" ", match, after), text.find(" ", match, after), 0) or after
    return f"{'… ' if first else ''}{text[first:after]}{' …' if after < len(text) else ''}"
