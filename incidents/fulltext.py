# ruff: noqa: S608 (made of constants of migrations; what a person typed is a parameter)
"""Asking the full-text index, of SQLite (FTS5) or PostgreSQL, what a person wants to know."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, connections
from django.db.models import BooleanField, F, Func, Model, Value
from django.db.models.expressions import RawSQL

from incidents.asking import Asked, Term
from incidents.triggers import DOCUMENT_MASK, KIND_BITS, KIND_MASK, TABLE, FullText

NEWEST = 1_000
# A word in a title says ten times as much as one in the text.
_RANKS = {
    "sqlite": f"-bm25({TABLE}, 0, 10, 1)",
    "postgresql": "ts_rank('{0.1, 0.1, 0.1, 1}', words, to_tsquery('simple', %s), 1)",
}
_MATCHES = {
    "sqlite": f"SELECT rowid AS key{{rank}} FROM {TABLE} WHERE {TABLE} MATCH %s",
    "postgresql": f"SELECT key{{rank}} FROM {TABLE} WHERE words @@ to_tsquery('simple', %s)",
}
# How to count what matches, and how many of those are many. To find some, PostgreSQL's index has to
# find all that match, so there the newest documents are looked at.
_COMMON = {
    "sqlite": (
        f"SELECT count(*) FROM (SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT 2000) AS some",
        2_000,
    ),
    "postgresql": (
        f"SELECT count(*) FROM (SELECT words FROM {TABLE} ORDER BY key DESC LIMIT 2000) AS newest "
        "WHERE words @@ to_tsquery('simple', %s)",
        10,
    ),
}
# How to count the triggers of an index, and how many it has on each of its tables.
_TRIGGERS = {
    "sqlite": ("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE %s", 3),
    "postgresql": ("SELECT count(*) FROM pg_trigger WHERE tgname = %s AND tgenabled <> 'D'", 1),
}
_HELD = {
    "sqlite": f"SELECT count(*) FROM {TABLE} WHERE rowid & %s = %s",
    "postgresql": f"SELECT count(*) FROM {TABLE} WHERE key & %s = %s",
}


@dataclass(frozen=True, slots=True)
class Match:
    """A document's kind, the id of its row, and how well it matches where that was asked."""

    kind: int
    id: int
    rank: float = 0


def rows(asked: Asked, kind: int, using: str) -> RawSQL:
    """The ids of all rows of a kind that match, as a query for `pk__in`."""
    vendor = connections[using].vendor
    matches = _MATCHES[vendor].format(rank="")
    return RawSQL(  # noqa: S611 (the words are a parameter)
        f"SELECT (key & {DOCUMENT_MASK}) >> {KIND_BITS} FROM ({matches}) AS found "
        f"WHERE key & {KIND_MASK} = {kind}",
        [_expression(asked, vendor)],
    )


def is_common(asked: Asked, using: str) -> bool:
    """Whether so many match that a page of them is soon come across."""
    vendor = connections[using].vendor
    count, many = _COMMON[vendor]
    with connections[using].cursor() as cursor:
        cursor.execute(count, [_expression(asked, vendor)])
        return bool(cursor.fetchone()[0] >= many)


class Matches(Func):
    """PostgreSQL: whether the document of this row matches."""

    output_field = BooleanField()

    def __init__(self, asked: Asked, kind: int) -> None:
        document = F("pk") * (KIND_MASK + 1) + kind
        super().__init__(document, Value(_tsquery(asked.terms)))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        (key, key_params), (words, words_params) = map(compiler.compile, self.source_expressions)
        return (
            f"EXISTS (SELECT 1 FROM {TABLE} WHERE key & {DOCUMENT_MASK} = {key} "
            f"AND words @@ to_tsquery('simple', {words}))",
            [*key_params, *words_params],
        )


def newest(asked: Asked, at: datetime, *, kind: int = 0, ranked: bool = False) -> list[Match]:
    """The newest documents that match and are public at `at`, newest first, one more than NEWEST
    where there are more; of every kind, or one."""
    vendor = connection.vendor
    expression = _expression(asked, vendor)
    rank = f", {_RANKS[vendor]}" if ranked else ""
    of_kind = f" AND key & {KIND_MASK} = {kind}" if kind else ""
    matches = _MATCHES[vendor].format(rank=rank)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{matches} AND public_from <= %s{of_kind} ORDER BY key DESC LIMIT {NEWEST + 1}",
            [expression] * (1 + rank.count("%s")) + [connection.ops.adapt_datetimefield_value(at)],
        )
        found = cursor.fetchall()
    return [
        Match(key & KIND_MASK, (key & DOCUMENT_MASK) >> KIND_BITS, *others)
        for key, *others in found
    ]


def _expression(asked: Asked, vendor: str) -> str:
    return (_fts5 if vendor == "sqlite" else _tsquery)(asked.terms)


def _fts5(terms: tuple[Term, ...]) -> str:
    """ "packet loss" AND "gr" * : strings of letters and digits, which need no escape."""
    strings = ['"' + " ".join(term.words) + '"' + " *" * term.prefix for term in terms]
    return " AND ".join(strings)


def _tsquery(terms: tuple[Term, ...]) -> str:
    """('packet' <-> 'loss') & ('gr':*)"""
    phrases = ["'" + "' <-> '".join(term.words) + "'" + ":*" * term.prefix for term in terms]
    return " & ".join(f"({phrase})" for phrase in phrases)


# Whether it is whole ----------------------------------------------------------------------


def indexes() -> list[tuple[type[Model], FullText]]:
    return [
        (model, index)
        for model in apps.get_models()
        for index in model._meta.indexes
        if isinstance(index, FullText)
    ]


def fault(model: type[Model], index: FullText) -> str:
    """What keeps the index from having all rows of a model, or empty."""
    name, tables = model._meta.verbose_name_plural, 1 + len(index.touched)
    count, each = _TRIGGERS[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(count, [f"{index.name}{'_%' if each > 1 else ''}"])
        triggers = cursor.fetchone()[0]
        cursor.execute(_HELD[connection.vendor], [KIND_MASK, index.kind])
        held = cursor.fetchone()[0]
    if triggers < each * tables:
        return f"the database does not keep the {name} current: triggers are missing"
    rows = model._default_manager.count()
    return f"has {held} of {rows} {name}" if held != rows else ""


@contextmanager
def made_anew() -> Iterator[None]:
    """Triggers and documents are taken away for the block and made after it, however it ends:
    that takes a fraction of what as many writes through the triggers take."""
    for model, index in indexes():
        with connection.schema_editor() as editor:
            editor.remove_index(model, index)
    try:
        yield
    finally:
        for model, index in indexes():
            with connection.schema_editor() as editor:
                editor.add_index(model, index)


def rebuild() -> None:
    with made_anew():
        pass
