"""Full-text search: a SearchDocument an object, in FTS5 on SQLite, in a GIN index on PostgreSQL.

Its words are folded here, so that both databases only have to divide them at spaces. Documents
follow the signals of Django; `rebuild` is for what sends none: bulk writes and renamed regions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Self, cast

from django.db import connection, connections, models, transaction
from django.db.models import Case, OuterRef, Subquery, When
from django.db.models.signals import m2m_changed, post_delete, post_save

from incidents.search_query import Query, fold_words

INDEX = "incidents_searchindex"
# A tsvector holds a megabyte; a longer text could exceed it, and no save may fail for that.
MAX_CHARACTERS = 200_000
BATCH = 500
SQLITE_MATCH = [f"{INDEX}.rowid = incidents_searchdocument.id", f"{INDEX} MATCH %s"]
POSTGRESQL_MATCH = "words @@ to_tsquery('simple', %s)"
# A word in a title counts ten times as much as one in the text.
SQLITE_RANK = f"-bm25({INDEX}, 10, 1)"
POSTGRESQL_RANK = "ts_rank('{0.1, 0.1, 0.1, 1}', words, to_tsquery('simple', %s), 1)"


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def matching(self, query: Query, *, ranked: bool = False) -> Self:
        """Those that have all terms, newest first; none where there is no term."""
        if not query.terms:
            return self.none()
        sqlite = connections[self.db].vendor == "sqlite"
        words = _fts5(query) if sqlite else _tsquery(query)
        parts: dict[str, Any] = {"where": [POSTGRESQL_MATCH], "params": [words]}
        if sqlite:
            # By the ids of the documents instead, SQLite sorts all that match: 138 ms, not 2.5,
            # for a word that 50,000 have.
            parts |= {"tables": [INDEX], "where": SQLITE_MATCH, "order_by": [f"-{INDEX}.rowid"]}
        if ranked:
            parts["select"] = {"rank": SQLITE_RANK if sqlite else POSTGRESQL_RANK}
            parts["select_params"] = [] if sqlite else [words]
        return cast(Self, self.order_by("-pk").extra(**parts))

    def published(self, at: datetime) -> Self:
        """Asked of the objects themselves: a date that was copied could be outdated. As EXISTS,
        PostgreSQL would read all published objects first: 185 ms of 50,000."""
        public = (
            When(kind=kind, then=Subquery(source.published(at).order_by().values("pk")[:1]))
            for kind, source in SOURCES.items()
        )
        return self.filter(object_id=Case(*public))


class SearchDocument(models.Model):
    """The words of one object. Its id rises with the object's date (see `Source.key`), so that the
    newest of 50,000 that match are found without sorting all of them."""

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    title = models.TextField()
    body = models.TextField()

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object_id", "kind"], name="search_document_of_one")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


@dataclass(frozen=True)
class Source:
    """A model that is searched. It has `search_date` and `search_texts`, the title first, which
    read `related`; its manager has `published`. `number`, from 0 to 3, is part of the keys."""

    model: Any
    number: int
    related: tuple[str, ...]

    @property
    def kind(self) -> str:
        return str(self.model._meta.model_name)

    def published(self, at: datetime) -> Any:
        return self.model.objects.published(at).filter(pk=OuterRef("object_id"))

    def rows(self) -> Any:
        return self.model.objects.prefetch_related(*self.related)

    def key(self, row: Any) -> int:
        minute = int(row.search_date.timestamp()) // 60 if row.search_date else 0
        return (minute << 30) + (int(row.pk) << 2) + self.number

    def document(self, row: Any) -> SearchDocument:
        title, *texts = (" ".join(fold_words(text)) for text in row.search_texts())
        body = " ".join(texts)[:MAX_CHARACTERS]
        key = self.key(row)
        return SearchDocument(pk=key, kind=self.kind, object_id=row.pk, title=title, body=body)

    @transaction.atomic(savepoint=False)
    def write(self, pks: Iterable[int]) -> None:
        """Makes the documents of these objects match them; locked, so that of two who write parts
        of one object the second sees both."""
        pks = list(pks)
        documents = [
            self.document(row) for row in self.rows().select_for_update().filter(pk__in=pks)
        ]
        outdated = SearchDocument.objects.filter(kind=self.kind, object_id__in=pks)
        outdated.exclude(pk__in=[document.pk for document in documents]).delete()
        SearchDocument.objects.bulk_create(
            documents,
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["title", "body"],
        )


SOURCES: dict[str, Source] = {}


def register(model: type[models.Model], number: int, *related: str) -> None:
    """Searches a model from now on; `related` are the relations that its texts read."""
    source = Source(model, number, related)
    SOURCES[source.kind] = source

    def write(instance: Any, **kwargs: Any) -> None:
        source.write([instance.pk])

    for signal in (post_save, post_delete):
        signal.connect(write, sender=model, weak=False)
    for name in related:
        _follow(source, model._meta.get_field(name))


def _follow(source: Source, relation: Any) -> None:
    def write_owner(instance: Any, **kwargs: Any) -> None:
        source.write([getattr(instance, relation.field.attname)])

    def write_linked(
        instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any
    ) -> None:
        if action.startswith("post_"):
            source.write(pk_set or () if reverse else [instance.pk])

    if relation.many_to_many:
        m2m_changed.connect(write_linked, sender=relation.remote_field.through, weak=False)
    else:
        for signal in (post_save, post_delete):
            signal.connect(write_owner, sender=relation.related_model, weak=False)


@transaction.atomic
def rebuild() -> None:
    SearchDocument.objects.all().delete()
    for source in SOURCES.values():
        rows = source.rows().order_by("pk").iterator(chunk_size=BATCH)
        while documents := [source.document(row) for row in islice(rows, BATCH)]:
            SearchDocument.objects.bulk_create(documents)


def faults() -> list[str]:
    """How the index differs from the objects, for a sentence that begins with its name."""
    found = []
    for kind, source in SOURCES.items():
        documents = SearchDocument.objects.filter(kind=kind).count()
        if documents != (rows := source.model.objects.count()):
            name = source.model._meta.verbose_name_plural
            found.append(f"has {documents} of {rows} {name}")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {INDEX}_docsize")  # noqa: S608 (a constant)
            if cursor.fetchone()[0] != SearchDocument.objects.count():
                found.append("differs from its documents")
    return found


def _fts5(query: Query) -> str:
    """ "packet loss" AND "gr" *"""
    phrases = ['"' + " ".join(term.words) + '"' + " *" * term.prefix for term in query.terms]
    return " AND ".join(phrases)


def _tsquery(query: Query) -> str:
    """('packet' <-> 'loss') & ('gr':*)"""
    phrases = ["'" + "' <-> '".join(term.words) + "'" + ":*" * term.prefix for term in query.terms]
    return " & ".join(f"({phrase})" for phrase in phrases)
