"""What looks like a secret in a text that is about to be read by everybody: pure.

Tokens are known by the prefixes that their makers gave them; a value after `password=` or
`token:` by how little it looks like a word. Time is linear: no quantifier is nested, and each
has a bound.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# The most that a finding shows of what it found.
SHOWN_CHARS: Final = 4
# Bits a character, of a value's letters: prose and names stay below, random text above.
MIN_ENTROPY_BITS: Final = 3.0
MIN_SECRET_CHARS: Final = 8


@dataclass(frozen=True, slots=True)
class Leak:
    """`kind` names it ("key"), `start` is its place in the text, `shown` its first letters."""

    kind: str
    start: int
    shown: str


_EDGE = r"(?<![A-Za-z0-9_-])"
_TOKENS: Final = {
    "private key": r"(?<!-)-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----",
    "AWS key": _EDGE + r"(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])",
    "Google key": _EDGE + r"(?:AIza[\w-]{35}|GOCSPX-[\w-]{28}|ya29\.[\w-]{20,400})",
    "GitHub token": _EDGE + r"(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{40,255})",
    "GitLab token": _EDGE + r"gl(?:pat|ptt|dt|rt|cbt|ft|soat)-[\w-]{20,255}",
    "Slack token": _EDGE + r"(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}"
    r"|hooks\.slack\.com/services/T\w{6,20}/B\w{6,20}/\w{16,60}",
    "Stripe key": _EDGE + r"(?:[sr]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,250}",
    "JWT": _EDGE + r"eyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}",
}
_TOKEN: Final = re.compile(
    "|".join(f"(?P<k{n}>{pattern})" for n, pattern in enumerate(_TOKENS.values()))
)
_KINDS: Final = tuple(_TOKENS)
_IN_ADDRESS: Final = re.compile(
    r"(?<![A-Za-z0-9+.-])[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,100}:(?P<value>[^\s/@]{1,200})@", re.I
)
_ASSIGNED: Final = re.compile(
    r"(?:password|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key)"
    r"[\"'`]?\s{0,3}(?::=|=>|=|:)\s{0,3}(?:bearer\s{1,3})?[\"'`]?(?P<value>[^\s\"'`,;<>|]{8,250})",
    re.I,
)
# What is written in place of a secret: placeholders and variables.
_PLACEHOLDER: Final = re.compile(
    r"\W*(?:[$%{<\[(]|\*{3}|x{3}|\.{3}|…|(?:your|my|the|example|redacted|placeholder)\b|changeme)",
    re.I,
)
_HOST: Final = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,10}", re.I)


def find(text: str) -> list[Leak]:
    """What looks like a secret in `text`, in order, each place once."""
    leaks: dict[int, Leak] = {}
    for leak in _all(text):
        leaks.setdefault(leak.start, leak)
    return sorted(leaks.values(), key=lambda leak: leak.start)


def _all(text: str) -> Iterator[Leak]:
    for match in _TOKEN.finditer(text):
        kind = _KINDS[int((match.lastgroup or "k0")[1:])]
        yield Leak(kind, match.start(), match[0][:SHOWN_CHARS])
    for match in _IN_ADDRESS.finditer(text):
        if not _PLACEHOLDER.match(match["value"]):
            yield Leak("password in an address", match.start("value"), match["value"][:SHOWN_CHARS])
    for match in _ASSIGNED.finditer(text):
        if _is_random(match["value"]):
            yield Leak("password", match.start("value"), match["value"][:SHOWN_CHARS])


def _is_random(value: str) -> bool:
    """Whether a value is no word, no host or path and no placeholder: it mixes letters with
    digits, and hardly repeats itself."""
    letters = value.rstrip(".)]:!?*_")
    if _PLACEHOLDER.match(value) or _HOST.fullmatch(letters):
        return False
    if value.startswith(("http://", "https://", "/", "#")):
        return False
    if len(letters) < MIN_SECRET_CHARS or not (
        re.search(r"\d", letters) and re.search("[A-Za-z]", letters)
    ):
        return False
    return _entropy(letters) >= min(MIN_ENTROPY_BITS, math.log2(len(letters)) - 0.5)


def _entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares)
