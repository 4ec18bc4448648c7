"""Installations beside the suite's own, on the same engines: SQLite and files, or what
`tests.servers` runs."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils.module_loading import import_string

from tests import installation

ON_POSTGRESQL = connection.vendor == "postgresql"
IN_BUCKET = bool(os.environ.get("S3_BUCKET"))


class Installation(installation.Installation):
    """One with a database and uploads of its own; at first without either."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.name = f"backup_{uuid.uuid4().hex}"
        self.bucket = self.name.replace("_", "-")
        if ON_POSTGRESQL:
            server = connection.settings_dict
            who = f"{server['USER']}:{server['PASSWORD']}@{server['HOST']}:{server['PORT']}"
            self.env["DATABASE_URL"] = f"postgres://{who}/{self.name}"
            self.ask_server(f"CREATE DATABASE {self.name} TEMPLATE template0 ENCODING 'UTF8'")
        if IN_BUCKET:
            self.env |= {name: os.environ[name] for name in os.environ if name.startswith("S3_")}
            self.env["S3_BUCKET"] = self.bucket
            bucket().create_bucket(Bucket=self.bucket)

    def remove(self) -> None:
        if ON_POSTGRESQL:
            self.ask_server(f"DROP DATABASE {self.name} WITH (FORCE)")

    def ask_server(self, statement: str) -> None:
        with closing(connected("postgres")) as server:
            server.autocommit = True
            server.execute(statement)

    def connect(self) -> Any:
        if ON_POSTGRESQL:
            return connected(self.name)
        return sqlite3.connect(self.folder / "db.sqlite3", timeout=20)

    def rows(self) -> dict[str, list[str]]:
        """All there is in every table, by the driver and nothing of ours."""
        listed = (
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            if ON_POSTGRESQL
            else "SELECT name FROM sqlite_schema WHERE type = 'table'"
        )
        with closing(self.connect()) as database:
            tables = [name for (name,) in database.execute(listed).fetchall()]
            queries = {table: f'SELECT * FROM "{table}"' for table in tables}  # noqa: S608
            return {
                table: sorted(map(repr, database.execute(query).fetchall()))
                for table, query in queries.items()
            }

    def schema(self) -> list[str]:
        """Indexes, triggers and what else there is; of PostgreSQL the names, for it writes the
        conditions of its constraints a little differently each time."""
        listed = """
            SELECT relkind::text, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION ALL SELECT proname, prosrc FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace
            UNION ALL SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT conrelid::regclass::text, conname FROM pg_constraint
            UNION ALL SELECT stxrelid::regclass::text, stxname FROM pg_statistic_ext"""
        if not ON_POSTGRESQL:
            listed = "SELECT type, name, sql FROM sqlite_schema"
        with closing(self.connect()) as database:
            return sorted(map(repr, database.execute(listed).fetchall()))

    def files(self) -> dict[str, bytes]:
        if IN_BUCKET:
            stored = bucket().list_objects_v2(Bucket=self.bucket).get("Contents", [])
            return {
                one["Key"]: bucket().get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read()
                for one in stored
            }
        root = self.folder / "media"
        found = (path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): path.read_bytes() for path in found}

    def put(self, name: str, data: bytes) -> None:
        if IN_BUCKET:
            bucket().put_object(Bucket=self.bucket, Key=name, Body=data)
            return
        path = self.folder / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def connected(name: str) -> Any:
    server = connection.settings_dict
    return import_string("psycopg.connect")(
        host=server["HOST"],
        port=server["PORT"],
        user=server["USER"],
        password=server["PASSWORD"],
        dbname=name,
    )


def bucket() -> Any:
    return import_string("boto3.client")(
        "s3",
        endpoint_url=os.environ["S3_ENDPOINT_URL"],
        region_name=os.environ["S3_REGION"],
        aws_access_key_id=os.environ["S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["S3_SECRET_KEY"],
    )


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Installation]]:
    made = []

    def one() -> Installation:
        made.append(Installation(tmp_path_factory.mktemp("installation")))
        return made[-1]

    yield one
    for each in made:
        each.remove()


@pytest.fixture(scope="session")
def origin(install: Callable[[], Installation]) -> Installation:
    """What is backed up."""
    origin = install()
    origin.fill(static=False)
    origin.shell("from tests.bulletin.backups.fill import fill; fill()")
    return origin


@pytest.fixture(scope="session")
def backup(origin: Installation) -> Path:
    path = origin.folder / "backup.tar.gz"
    origin.manage("backup", path)
    return path
