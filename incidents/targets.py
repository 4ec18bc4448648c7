"""What a text points at: links and pictures; pure."""

from __future__ import annotations

from dataclasses import dataclass

from incidents import markup


@dataclass(frozen=True, slots=True)
class Target:
    """The address of a link, or of a picture, whose alternative text then is `alternative`.
    `line` counts from 1, and is the first of its paragraph."""

    address: str
    line: int
    alternative: str | None = None


def targets(text: str) -> list[Target]:
    """The links and pictures of `text`, in order."""
    found = []
    for block in markup.parse(text):
        line = block.map[0] + 1 if block.map else 1
        for part in block.children or ():
            if part.type == "link_open":
                found.append(Target(str(part.attrs["href"]), line))
            elif part.type == "image":
                words = markup.words(part).strip()
                found.append(Target(str(part.attrs["src"]), line, words))
    return found
