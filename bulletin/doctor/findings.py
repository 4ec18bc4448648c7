"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """`words` of what a check is `about`, never with a secret; `hint` is what to do, or empty."""

    level: Level
    words: str
    hint: str = ""
    about: str = ""

    @property
    def is_fine(self) -> bool:
        return self.level == Level.OK

    @property
    def is_wrong(self) -> bool:
        return self.level == Level.WRONG


def ok(words: str) -> Finding:
    return Finding(Level.OK, words)


def warning(words: str, hint: str = "") -> Finding:
    return Finding(Level.WARNING, words, hint)


def wrong(words: str, hint: str = "") -> Finding:
    return Finding(Level.WRONG, words, hint)
