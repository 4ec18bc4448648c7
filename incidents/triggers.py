# ruff: noqa: S608 (made of constants of migrations; what a person typed is a parameter)
"""The full-text index, which the database itself keeps current: no write can forget it.

One table holds a document for each incident, and for each row that another app declares. On
SQLite it is an FTS5 table, on PostgreSQL one of tsvectors. A key is made of a document's minute,
row and kind, so that the newest are at its end and a search for them stops early.

A model's document is declared as an index in its Meta. Where Django makes a table anew, as most
alterations do on SQLite, its triggers are lost with the old one; its indexes are made again, and
these make the triggers. A changed declaration is seen by `makemigrations` as any other.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement

TABLE = "incidents_fulltext"
# Of a key's 63 bits, from the lowest: 2 for the kind, 34 for the row's id, 27 for the minute.
KIND_BITS, DOCUMENT_BITS, LAST_MINUTE = 2, 36, 2**27 - 1
KIND_MASK, DOCUMENT_MASK = 2**KIND_BITS - 1, 2**DOCUMENT_BITS - 1

_SQLITE_TABLE = f"""CREATE VIRTUAL TABLE IF NOT EXISTS {TABLE} USING fts5(
    public_from UNINDEXED, title, body,
    tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3')"""
_POSTGRESQL_TABLE = f"""CREATE TABLE IF NOT EXISTS {TABLE} (
    key bigint PRIMARY KEY, public_from timestamptz, words tsvector NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS {TABLE}_document ON {TABLE} ((key & {DOCUMENT_MASK}));
CREATE INDEX IF NOT EXISTS {TABLE}_words ON {TABLE} USING gin (words);
CREATE STATISTICS IF NOT EXISTS {TABLE}_kinds ON (key & {KIND_MASK}) FROM {TABLE}"""
# Case is folded by the configuration. Accents of Latin letters are taken off, as unicode61 does,
# and marks divide words, which the parser would take for hosts, paths and signs.
_POSTGRESQL_WORDS = (
    "to_tsvector('simple', regexp_replace(normalize(regexp_replace(normalize({}, NFD), "
    "'([A-Za-z])[\\u0300-\\u036f]+', '\\1', 'g'), NFC), "
    "'[\\u0021-\\u002f\\u003a-\\u0040\\u005b-\\u0060\\u007b-\\u007e]+', ' ', 'g'))"
)
# A tsvector holds a megabyte; more text than this could be over it, and no save may fail for that.
_POSTGRESQL_REACH = 200_000


class FullText(models.Index):
    """The document of a model's row: the first of `fields` is its title, the others its text.

    `at` is the instant or date by which it is ordered, `public` the instant from which readers
    may find it, both SQL that calls the row `doc`. `joined` are queries of one text each from
    other tables. `touched` gives for each of those the query of the ids of `doc` that a row of it,
    called `part`, is in. All of it is for both databases; `string_agg` is SQLite's `group_concat`.
    """

    def __init__(
        self,
        *,
        kind: int,
        at: str,
        public: str,
        joined: tuple[str, ...] = (),
        touched: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kind, self.at, self.public = kind, at, public
        self.joined, self.touched = joined, touched or {}

    def deconstruct(self) -> tuple[str, Any, dict[str, Any]]:
        path, arguments, kwargs = super().deconstruct()
        for name in ("kind", "at", "public", "joined", "touched"):
            kwargs[name] = getattr(self, name)
        return path, arguments, kwargs

    def create_sql(
        self,
        model: type[models.Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Statement:
        """Makes the table where there is none; then fills it, and makes the triggers."""
        # The name of a table that SQLite makes anew, until it takes the place of the old one.
        table = model._meta.db_table.removeprefix("new__")
        if schema_editor.connection.vendor == "sqlite":
            _drop(schema_editor, f"{self.name}_")
            schema_editor.execute(_SQLITE_TABLE)
            statements = self._sqlite(table)
        else:
            schema_editor.execute(_POSTGRESQL_TABLE, params=None)
            statements = self._postgresql(table)
        return _later(schema_editor, statements)

    def remove_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any
    ) -> str:
        if schema_editor.connection.vendor == "sqlite":
            _drop(schema_editor, f"{self.name}_")
            return f"DELETE FROM {TABLE} WHERE rowid & {KIND_MASK} = {self.kind}"
        tables = ["", *(f"_{table}" for table in [model._meta.db_table, *self.touched])]
        drops = [f"DROP FUNCTION IF EXISTS {self.name}{table} CASCADE;" for table in tables]
        return " ".join(drops) + f"DELETE FROM {TABLE} WHERE key & {KIND_MASK} = {self.kind}"

    def _key(self, minute: str, row: str = "doc") -> str:
        minute = f"coalesce(CAST({minute} AS bigint), 0)"
        return f"({minute} * {DOCUMENT_MASK + 1} + {row}.id * {KIND_MASK + 1} + {self.kind})"

    def _title(self) -> str:
        return f"doc.{self.fields[0]}"

    def _body(self) -> str:
        own = [f"doc.{field}" for field in self.fields[1:]]
        joined = [f"coalesce(({query}), '')" for query in self.joined]
        return " || ' ' || ".join([*own, *joined])

    # SQLite -------------------------------------------------------------------------------

    def _sqlite_key(self, row: str) -> str:
        days = f"julianday({self.at.replace('doc.', f'{row}.')}) - 2440587.5"
        # The hundredth of a minute is for what floating numbers lack of a whole one.
        return self._key(f"max(0, min({LAST_MINUTE}, ({days}) * 1440 + 0.01))", row)

    def _sqlite(self, table: str) -> list[str]:
        body = self._body().replace("string_agg(", "group_concat(")
        write = (
            f"INSERT INTO {TABLE}(rowid, public_from, title, body) "
            f"SELECT {self._sqlite_key('doc')}, {self.public}, {self._title()}, {body} "
            f"FROM {table} AS doc WHERE "
        )
        erase = f"DELETE FROM {TABLE} WHERE rowid"
        new, old = f"{write}doc.id = NEW.id", f"{erase} = {self._sqlite_key('OLD')}"
        triggers = {
            (table, "INSERT"): [new],
            (table, "UPDATE"): [old, new],
            (table, "DELETE"): [old],
        }
        rows = {"INSERT": ["NEW"], "UPDATE": ["OLD", "NEW"], "DELETE": ["OLD"]}
        for part, query in self.touched.items():
            for event, which in rows.items():
                ids = " UNION ".join(query.replace("part.", f"{row}.") for row in which)
                keys = (
                    f"SELECT {self._sqlite_key('doc')} FROM {table} AS doc WHERE doc.id IN ({ids})"
                )
                triggers[part, event] = [f"{erase} IN ({keys})", f"{write}doc.id IN ({ids})"]
        return [
            f"{erase} & {KIND_MASK} = {self.kind}",
            f"{write}true",
            *(
                f"CREATE TRIGGER IF NOT EXISTS {self.name}_{on}_{event.lower()} "
                f"AFTER {event} ON {on} BEGIN {'; '.join(deeds)}; END"
                for (on, event), deeds in triggers.items()
            ),
        ]

    # PostgreSQL ---------------------------------------------------------------------------

    def _postgresql(self, table: str) -> list[str]:
        minute = f"least({LAST_MINUTE}, greatest(0, floor(extract(epoch FROM {self.at}) / 60)))"
        title = f"setweight({_POSTGRESQL_WORDS.format(self._title())}, 'A')"
        body = _POSTGRESQL_WORDS.format(f"left({self._body()}, {_POSTGRESQL_REACH})")
        write = (
            f"INSERT INTO {TABLE} SELECT {self._key(minute)}, {self.public}, {title} || {body} "
            f"FROM {table} AS doc WHERE "
        )
        of_kind = f"DELETE FROM {TABLE} WHERE key & {KIND_MASK} = {self.kind}"
        # The lock lets two who write parts of one document do so in turn, each seeing all parts.
        functions = [
            f"CREATE OR REPLACE FUNCTION {self.name}(bigint) RETURNS void LANGUAGE plpgsql AS $$ "
            f"BEGIN PERFORM 1 FROM {table} WHERE id = $1 FOR NO KEY UPDATE; {write}doc.id = $1 "
            f"ON CONFLICT ((key & {DOCUMENT_MASK})) DO UPDATE SET key = EXCLUDED.key, "
            "public_from = EXCLUDED.public_from, words = EXCLUDED.words; END $$",
            self._function(
                table,
                f"IF TG_OP = 'TRUNCATE' THEN {of_kind}; "
                f"ELSIF TG_OP = 'DELETE' THEN DELETE FROM {TABLE} "
                f"WHERE key & {DOCUMENT_MASK} = OLD.id * {KIND_MASK + 1} + {self.kind}; "
                f"ELSE PERFORM {self.name}(NEW.id); END IF",
            ),
            f"CREATE OR REPLACE TRIGGER {self.name}_truncate AFTER TRUNCATE ON {table} "
            f"EXECUTE FUNCTION {self.name}_{table}()",
        ]
        functions += [self._part(part, query) for part, query in self.touched.items()]
        triggers = [
            f"CREATE OR REPLACE TRIGGER {self.name} AFTER INSERT OR UPDATE OR DELETE ON {on} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}_{on}()"
            for on in (table, *self.touched)
        ]
        return ["; ".join([*functions, *triggers, of_kind, f"{write}true"])]

    def _part(self, table: str, query: str) -> str:
        old, new = (
            f"PERFORM {self.name}(found.id) FROM ({query.replace('part.', row)}) AS found(id)"
            for row in ("OLD.", "NEW.")
        )
        deeds = f"IF TG_OP <> 'INSERT' THEN {old}; END IF; IF TG_OP <> 'DELETE' THEN {new}; END IF"
        return self._function(table, deeds)

    def _function(self, table: str, deeds: str) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}_{table}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN {deeds}; RETURN NULL; END $$"
        )


class PartOfFullText(models.Index):
    """On a model whose table the document of another model reads: SQLite renames no table that a
    trigger elsewhere reads, so they step aside while it is made anew."""

    def create_sql(
        self,
        model: type[models.Model],
        schema_editor: BaseDatabaseSchemaEditor,
        using: str = "",
        **kwargs: Any,
    ) -> Statement:
        aside = schema_editor.connection.vendor == "sqlite"
        return _later(schema_editor, _drop(schema_editor) if aside else [])

    def remove_sql(
        self, model: type[models.Model], schema_editor: BaseDatabaseSchemaEditor, **kwargs: Any
    ) -> str:
        return "SELECT 1"


def _drop(schema_editor: BaseDatabaseSchemaEditor, prefix: str = "") -> list[str]:
    """Drops SQLite's triggers that keep the index; returns what makes them again."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND instr(sql, %s)", [TABLE]
        )
        found = [(name, sql) for name, sql in cursor.fetchall() if name.startswith(prefix)]
    for name, _sql in found:
        schema_editor.execute(f"DROP TRIGGER {name}")
    return [sql for _name, sql in found]


def _later(schema_editor: BaseDatabaseSchemaEditor, statements: list[str]) -> Statement:
    """All but the last wait until the table has its name; Django runs them then, or at once."""
    *others, last = statements or ["SELECT 1"]
    schema_editor.deferred_sql += [Statement(sql) for sql in others]
    return Statement(last)
