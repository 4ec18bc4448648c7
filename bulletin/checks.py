"""System checks of an installation.

Those that ask a database, a cache or a disk are for deployment and run only where a database is
named too: by `doctor`, or by `check --deploy --database default`.
"""

from __future__ import annotations

import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from bulletin.admin import permissions
from bulletin.page_cache import content_revision
from incidents import search

TAG: Final = "bulletin"

Messages = Iterator[CheckMessage]
Check = Callable[[], Messages]


def of_installation(check: Check) -> Check:
    """Registers a check that is run only where a database is named."""

    def run(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
        return list(check()) if databases else []

    register(run, TAG, Tags.database, deploy=True)
    return check


@of_installation
def check_database() -> Messages:
    try:
        if connection.connection is None:
            # A pool would retry until its time is up, and then not say why.
            connection.settings_dict["OPTIONS"].pop("pool", None)
        executor = MigrationExecutor(connection)
    except DatabaseError as error:
        hint = "See that DATABASE_URL is right and that its server runs."
        yield Error(f"The database does not answer: {error}", hint, id="bulletin.E001")
        return
    if plan := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        words = f"{len(plan)} migrations are not applied."
        yield Error(words, "Run manage.py migrate.", id="bulletin.E002")
        return
    yield from check_sqlite()
    if tables := content_revision.tables_without_triggers(connection):
        words = f"Edits show up to a minute late; triggers are missing on {', '.join(tables)}."
        yield Error(words, "Run manage.py migrate.", id="bulletin.E004")
    for fault in search.faults():
        words = f"The search index {fault}."
        yield Error(words, "Run manage.py rebuild_search.", id="bulletin.E005")
    staff = get_user_model()._default_manager.filter(is_active=True, is_staff=True)
    if not any(permissions.may_publish_incidents(user) for user in staff):
        yield Warning(
            "No active user may publish.", "Run manage.py make_editor.", id="bulletin.W001"
        )


def check_sqlite() -> Messages:
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        fault = cursor.fetchone()[0]
    if fault != "ok":
        hint = "Stop the site, keep a copy of the file, and restore a backup."
        yield Error(f"The database is damaged: {fault}", hint, id="bulletin.E003")


@of_installation
def check_uploads() -> Messages:
    try:
        name = default_storage.save("uploads/doctor", ContentFile(b"written"))
        default_storage.delete(name)
    except Exception as error:  # each kind of storage has its own
        hint = "Let MEDIA_ROOT be a folder that the site may write, or correct S3_BUCKET."
        yield Error(f"Uploads can't be written: {error}", hint, id="bulletin.E006")


@of_installation
def check_static_files() -> Messages:
    """Whether all static files of this code are collected, as they are now."""
    if settings.DEBUG:
        return
    outdated = [
        name
        for finder in get_finders()
        for name, storage in finder.list(["CVS", ".*", "*~"])
        if not is_collected(name, storage)
    ]
    if outdated:
        words = f"{len(outdated)} static files are not collected as they are now: {outdated[:3]}"
        hint = "Run manage.py collectstatic --noinput and restart the site."
        yield Error(words, hint, id="bulletin.E007")


def is_collected(name: str, source: Storage) -> bool:
    try:
        staticfiles_storage.url(name)
        with staticfiles_storage.open(name) as collected, source.open(name) as file:
            return bool(collected.read() == file.read())
    except (OSError, ValueError):
        return False


@of_installation
def check_cache() -> Messages:
    if not cache_answers():
        hint = "Start Redis or correct REDIS_URL; until then the site is slower."
        yield Warning("The cache does not answer.", hint, id="bulletin.W002")


def cache_answers() -> bool:
    """The cache may fail without an error: then it stores nothing."""
    key = f"readiness-{secrets.token_hex(8)}"
    cache.set(key, True, timeout=10)
    return cache.get(key) is True


@of_installation
def check_env_file() -> Messages:
    file = settings.BASE_DIR / ".env"
    # A file of root's may be readable by the site's group.
    if file.exists() and file.stat().st_mode & (stat.S_IRWXO | stat.S_IWGRP):
        hint = f"Run chmod o-rwx,g-w {file}."
        yield Warning("Others may read or write .env.", hint, id="bulletin.W003")


@register(TAG)
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    if settings.FIRST_WEEKDAY not in range(7):
        words, hint = f"FIRST_WEEKDAY is {settings.FIRST_WEEKDAY}.", "Give 0 for Monday to 6."
        messages.append(Error(words, hint, id="bulletin.E008"))
    options = settings.STORAGES["default"].get("OPTIONS", {})
    if bool(options.get("access_key")) != bool(options.get("secret_key")):
        words = "Only one of S3_ACCESS_KEY and S3_SECRET_KEY is set."
        hint = "Set both, or none where the machine has a role."
        messages.append(Error(words, hint, id="bulletin.E009"))
    return messages
