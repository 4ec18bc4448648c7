from django.db import migrations

# The words of a document are folded already, see incidents/search.py.
SQLITE = [
    """CREATE VIRTUAL TABLE incidents_searchindex USING fts5(
        title, body, content='incidents_searchdocument', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='1 2 3')""",
    # https://www.sqlite.org/fts5.html#external_content_tables
    """CREATE TRIGGER incidents_searchdocument_insert AFTER INSERT ON incidents_searchdocument BEGIN
        INSERT INTO incidents_searchindex(rowid, title, body) VALUES (new.id, new.title, new.body);
    END""",
    """CREATE TRIGGER incidents_searchdocument_delete AFTER DELETE ON incidents_searchdocument BEGIN
        INSERT INTO incidents_searchindex(incidents_searchindex, rowid, title, body)
            VALUES ('delete', old.id, old.title, old.body);
    END""",
    """CREATE TRIGGER incidents_searchdocument_update AFTER UPDATE ON incidents_searchdocument BEGIN
        INSERT INTO incidents_searchindex(incidents_searchindex, rowid, title, body)
            VALUES ('delete', old.id, old.title, old.body);
        INSERT INTO incidents_searchindex(rowid, title, body) VALUES (new.id, new.title, new.body);
    END""",
]
POSTGRESQL = [
    """ALTER TABLE incidents_searchdocument ADD COLUMN words tsvector GENERATED ALWAYS AS (
        setweight(to_tsvector('simple', title), 'A') || to_tsvector('simple', body)) STORED""",
    "CREATE INDEX incidents_searchdocument_words ON incidents_searchdocument USING gin (words)",
]


def create_index(apps, schema_editor):
    statements = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in statements:
        schema_editor.execute(statement, params=None)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE incidents_searchindex")


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_regions")]

    operations = [migrations.RunPython(create_index, drop_index)]
