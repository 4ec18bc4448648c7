"""All that editors wrote, with its HTML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.apps import apps

_HTML: Final = "_html"


@dataclass(frozen=True, slots=True)
class Written:
    """A text; `name` says which to a person."""

    name: str
    source: str
    html: str


def written() -> Iterator[Written]:
    """Every field that has a rendered twin, in every row."""
    for model in apps.get_models():
        twins = [one.name for one in model._meta.concrete_fields if one.name.endswith(_HTML)]
        sources = [twin.removesuffix(_HTML) for twin in twins]
        for row in model._default_manager.only(*sources, *twins).iterator() if twins else ():
            for source, twin in zip(sources, twins, strict=True):
                name = f"{model._meta.verbose_name} {row.pk} ({source})"
                yield Written(name, getattr(row, source), getattr(row, twin))
