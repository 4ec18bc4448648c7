"""Whether this process can serve: what it stands on, asked so that the answer comes in time."""

from __future__ import annotations

import functools
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

# Seconds for all parts together: with all that a first request loads, under the two of a probe.
PATIENCE: Final = 1
FINE: Final = "ok"

Words = dict[str, str]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """What `words` say of a part, FINE or what is wrong with it; without a needed one the process
    is not ready."""

    name: str
    words: str
    is_needed: bool

    @property
    def is_fine(self) -> bool:
        return self.words == FINE


class Probe:
    """Asks in a thread of its own: a server that takes a connection and says nothing would hold
    the asker for as long as it likes. While one asks, those who come later wait for its answer,
    so that threads don't pile up."""

    def __init__(self, ask: Callable[[], Words], *names: str, is_needed: bool = True) -> None:
        self.ask, self.names, self.is_needed = ask, names, is_needed
        self._lock = threading.Lock()
        self._thread = threading.Thread()
        self._words: Words = {}

    def begin(self) -> None:
        with self._lock:
            if not self._thread.is_alive():
                self._words = {}
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            self._words = self.ask()
        finally:
            connection.close()

    def parts(self, seconds: float) -> list[Part]:
        self._thread.join(max(0, seconds))
        unknown = "no answer in time" if self._thread.is_alive() else "not known"
        said = self._words
        return [Part(name, said.get(name, unknown), self.is_needed) for name in self.names]


def ask_database() -> Words:
    try:
        recorder = MigrationRecorder(connection)
        missing = waiting(set(recorder.applied_migrations()))
    except DatabaseError:
        return {"database": "gone"}
    return {"database": FINE, "migrations": f"{missing} to apply" if missing else FINE}


def waiting(applied: set[tuple[str, str]]) -> int:
    """How many migrations of this code aren't among `applied`, which may hold those of newer code:
    during an upgrade the old replicas go on."""
    return sum(
        one not in applied and not (replaced and replaced <= applied)
        for one, replaced in known_migrations().items()
    )


@functools.cache
def known_migrations() -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    """Those of this code, which doesn't change under a process, with those that each stands for."""
    loader = MigrationLoader(None)
    return {
        key: frozenset((app, name) for app, name in migration.replaces)
        for key, migration in loader.disk_migrations.items()
    }


def ask_cache() -> Words:
    key, value = f"readiness-{secrets.token_hex(8)}", secrets.token_hex(8)
    cache.set(key, value, 10)
    # Without the cache the site is slower, and that is all (environment.cache).
    return {"cache": FINE if cache.get(key) == value else "gone, the site is slower"}


PROBES: Final = (
    Probe(ask_database, "database", "migrations"),
    Probe(ask_cache, "cache", is_needed=False),
)


def parts() -> list[Part]:
    """Within PATIENCE, whatever hangs."""
    until = time.monotonic() + PATIENCE
    for probe in PROBES:
        probe.begin()
    return [part for probe in PROBES for part in probe.parts(until - time.monotonic())]


def tell() -> None:
    """One line in the log of what can't be reached, if anything."""
    missing = [f"{part.name} ({part.words})" for part in parts() if not part.is_fine]
    if missing:
        _log.warning("Serving without: %s; manage.py doctor says more", ", ".join(missing))
