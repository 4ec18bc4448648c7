"""Anchors: the ids of a text's headings, unique on its page and the same after an edit; pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

MAX_SLUG: Final = 80
# Ids that footnotes and the incidents of a page have.
_TAKEN_ID = re.compile(r"fn(?:ref)?[-\d]|\d{4}-\d\d-\d\d(?:-|$)")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's plain text and its id, which is its address on the page."""

    text: str
    id: str


def anchor(
    texts: Sequence[str], fixed: Sequence[Heading] = (), reserved: Collection[str] = ()
) -> tuple[Heading, ...]:
    """An id for each heading of a text, unique and none of `reserved`.

    A heading with the text of one in `fixed`, or in the place of one (as many between the same
    neighbours), keeps its id; any other is given one made of its words.
    """
    kept = _kept(texts, [heading.text for heading in fixed])
    used = {*reserved, *(fixed[old].id for old in kept.values())}
    counts: Counter[str] = Counter()
    return tuple(
        Heading(text, fixed[kept[n]].id if n in kept else _unused(_slug(text), used, counts))
        for n, text in enumerate(texts)
    )


def _kept(texts: Sequence[str], olds: Sequence[str]) -> dict[int, int]:
    """Places in `texts` that continue a place in `olds`: first by text, then one for one."""
    places: dict[str, deque[int]] = {}
    for place, text in enumerate(olds):
        places.setdefault(text, deque()).append(place)
    same = {n: places[text].popleft() for n, text in enumerate(texts) if places.get(text)}
    kept = dict(same)
    taken = set(same.values())
    before, before_old = -1, -1
    for after, after_old in [*same.items(), (len(texts), len(olds))]:
        gap, old_gap = range(before + 1, after), range(before_old + 1, after_old)
        if len(gap) == len(old_gap) and taken.isdisjoint(old_gap):
            kept.update(zip(gap, old_gap, strict=True))
        before, before_old = after, after_old
    return kept


def _slug(text: str) -> str:
    """Letters and digits of any script joined by hyphens; `section` where there are none."""
    words = "".join(map(_slug_character, unicodedata.normalize("NFKC", text).lower())).split()
    slug = "-".join(words)[:MAX_SLUG].strip("-") or "section"
    return f"section-{slug}" if _TAKEN_ID.match(slug) else slug


def _slug_character(character: str) -> str:
    category = unicodedata.category(character)
    if category[0] in "LMN":
        return character
    # An apostrophe or a zero-width character divides no word.
    return "" if character in "'’" or category == "Cf" else " "


def _unused(slug: str, used: set[str], counts: Counter[str]) -> str:
    name = slug
    while name in used:
        counts[slug] += 1
        name = f"{slug}-{counts[slug] + 1}"
    used.add(name)
    return name
