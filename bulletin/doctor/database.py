"""The database: whether it answers, and whether it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from bulletin import readiness, revision
from bulletin.desk import roles
from bulletin.doctor.findings import Finding, ok, warning, wrong
from bulletin.doctor.written import written
from incidents import fulltext

OLDEST_POSTGRESQL: Final = (14,)
# Seconds between two clocks that go wrong unnoticed.
APART: Final = 2
# Texts that hold the quoted name of every constraint. Django's own look at SQLite's fails on a
# table with an empty string in a check.
_RULES: Final = {
    "sqlite": "SELECT sql FROM sqlite_master",
    "postgresql": """SELECT '"' || conname || '"' FROM pg_constraint
        UNION ALL SELECT '"' || indexname || '"' FROM pg_indexes""",
}


def reached(at: datetime) -> Iterator[Finding]:
    # A pool would try until its patience ends, and then not say why.
    if connection.connection is None:
        connection.settings_dict["OPTIONS"].pop("pool", None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    version = ".".join(map(str, connection.get_database_version()))
    yield ok(f"{connection.display_name} {version} answers")


def server(at: datetime) -> Iterator[Finding]:
    yield from (postgresql if connection.vendor == "postgresql" else sqlite)()


def sqlite() -> Iterator[Finding]:
    file = Path(connection.settings_dict["NAME"])
    unwritable = [path for path in (file, file.parent) if not os.access(path, os.W_OK)]
    for path in unwritable:
        hint = "Give it to the user that runs the site; SQLite writes beside its file, too."
        yield wrong(f"{path} can't be written", hint)
    if (mode := asked("PRAGMA journal_mode")) != "wal":
        hint = "Keep the file on a disk of this machine, not on one of the network."
        yield wrong(f"keeps its journal as {mode}, not as wal", hint)
    if (fault := asked("PRAGMA quick_check(1)")) != "ok":
        hint = "Stop the site, keep a copy of the file, and restore a backup."
        yield wrong(f"is damaged: {fault}", hint)
    elif not unwritable:
        yield ok(f"{file} is whole and can be written")


def postgresql() -> Iterator[Finding]:
    if connection.get_database_version() < OLDEST_POSTGRESQL:
        yield wrong(f"is older than PostgreSQL {OLDEST_POSTGRESQL[0]}", "Upgrade it.")
    elif (encoding := asked("SHOW server_encoding")) != "UTF8":
        hint = "Make it anew with ENCODING 'UTF8'."
        yield wrong(f"is encoded in {encoding}, not in UTF8", hint)
    elif asked("SELECT pg_is_in_recovery()"):
        hint = "Let DATABASE_URL name the primary."
        yield wrong("is a standby, which can't be written", hint)
    else:
        yield ok("can be written and is in UTF8")


def asked(question: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return row[0] if row else None


def clock(at: datetime) -> Iterator[Finding]:
    if connection.vendor != "postgresql":
        return
    theirs = asked("SELECT clock_timestamp()")
    apart = abs((theirs - timezone.now()).total_seconds()) if isinstance(theirs, datetime) else 0
    if apart > APART:
        words = f"of the database and of this machine are {apart:.0f} seconds apart"
        yield warning(words, "Let both follow a time server.")
    else:
        yield ok("of the database and of this machine agree")


def migrated(at: datetime) -> Iterator[Finding]:
    applied = set(MigrationRecorder(connection).applied_migrations())
    if missing := readiness.waiting(applied):
        yield wrong(f"{missing} are to be applied", "manage.py migrate")
    elif newer := {(app, name) for app, name in applied if apps.is_installed(app)} - set(
        readiness.known_migrations()
    ):
        words = f"{len(newer)} in the database are of newer code than this"
        yield warning(words, "Upgrade this replica, too.")
    else:
        yield ok("are applied")


def constraints(at: datetime) -> Iterator[Finding]:
    """The rules that the database itself keeps; a copy by other means may have lost them."""
    with connection.cursor() as cursor:
        cursor.execute(_RULES[connection.vendor])
        held = " ".join(sql for (sql,) in cursor.fetchall() if sql)
    rules = [rule.name for model in apps.get_models() for rule in model._meta.constraints]
    lost = [name for name in rules if f'"{name}"' not in held]
    if lost:
        hint = "Restore the database by its own tools, which keep its rules."
        yield wrong(f"of the database are missing: {', '.join(lost)}", hint)
    else:
        yield ok("of the database are all there")


def writes(at: datetime) -> Iterator[Finding]:
    """Ready pages know of a write by the triggers that count it."""
    if lost := revision.unwatched(connection):
        words = f"aren't counted of {', '.join(lost)}; edits show up to a minute late"
        yield wrong(words, "manage.py migrate")
    else:
        yield ok("are counted by the database, for ready pages")


def search(at: datetime) -> Iterator[Finding]:
    faults = [fault for index in fulltext.indexes() if (fault := fulltext.fault(*index))]
    for fault in faults:
        yield wrong(fault, "manage.py doctor --rebuild-search")
    if not faults:
        yield ok("finds all that is written")


def texts(at: datetime) -> Iterator[Finding]:
    bare = [text.name for text in written() if text.source.strip() and not text.html.strip()]
    for name in bare:
        yield wrong(f"{name} shows nothing: its HTML is missing", "Save it at the desk.")
    if not bare:
        yield ok("are all rendered")


def accounts(at: datetime) -> Iterator[Finding]:
    active = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
    able = [user for user in active if roles.may_tell(user)]
    if able:
        yield ok(f"{len(able)} may publish")
    else:
        yield warning("nobody may publish", "manage.py make_editor")
