"""Ids of headings: unique on a page, and permanent once published."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

MAX_SLUG: Final = 80
# Of footnotes and of the incidents of a page.
_TAKEN_ID = re.compile(r"fn(?:ref)?[-\d]|\d{4}-\d\d-\d\d(?:-|$)")


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    id: str


def assign_ids(
    texts: Sequence[str], fixed: Sequence[Heading] = (), reserved: Collection[str] = ()
) -> tuple[Heading, ...]:
    """An id for each heading of a text, unique and none of `reserved`.

    A heading with the text of one in `fixed`, or in the place of one (as many between the same
    neighbours), retains its id; any other is given one made of its words.
    """
    places = _places(texts, [heading.text for heading in fixed])
    used = {*reserved, *(fixed[old].id for old in places.values())}
    counts: Counter[str] = Counter()
    return tuple(
        Heading(text, fixed[places[n]].id if n in places else _unused(_slug(text), used, counts))
        for n, text in enumerate(texts)
    )


def _places(texts: Sequence[str], olds: Sequence[str]) -> dict[int, int]:
    """Places in `texts` that continue a place in `olds`: first by text, then one for one."""
    by_text: dict[str, deque[int]] = {}
    for place, text in enumerate(olds):
        by_text.setdefault(text, deque()).append(place)
    same = {n: by_text[text].popleft() for n, text in enumerate(texts) if by_text.get(text)}
    places = dict(same)
    taken = set(same.values())
    before, before_old = -1, -1
    for after, after_old in [*same.items(), (len(texts), len(olds))]:
        gap, old_gap = range(before + 1, after), range(before_old + 1, after_old)
        if len(gap) == len(old_gap) and taken.isdisjoint(old_gap):
            places.update(zip(gap, old_gap, strict=True))
        before, before_old = after, after_old
    return places


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
