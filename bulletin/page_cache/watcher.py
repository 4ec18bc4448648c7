"""Since when nothing has been written that a public page could show: asked of the database twice a
second, by one thread of each process and not by requests."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Min, Model
from django.utils import timezone

from bulletin.models import Article, Bulletin, ContentRevision
from incidents.models import Addendum, Incident

# Seconds.
INTERVAL: Final = 0.5
# After so many without an answer it is said that pages may be out of date.
LATE: Final = 2.0
NEVER: Final = float("inf")
# What is seen from an hour on.
SCHEDULED: Final[list[tuple[type[Model], str]]] = [
    (Bulletin, "publish_at"),
    (Article, "publish_at"),
    (Incident, "publish_at"),
    (Addendum, "publish_at"),
]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """A time without writes, known by being this one and not by its number; at `until` (POSIX
    seconds) a scheduled hour comes, which ends it as well."""

    number: int
    expires_at: float


class RevisionWatcher:
    """What a process knows of the database. `generation` is None before the first answer and where
    the database counts no writes: nothing may be kept then."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.generation: Generation | None = None
        self._on_change = on_change
        self._forget()
        # A thread does not come along into a process that is forked off.
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self.generation, self._lock = None, threading.Lock()
        self._thread: threading.Thread | None = None
        # From then on (POSIX seconds) something may have been written that is not known.
        self.stale_after, self._is_away = 0.0, False

    def start(self) -> None:
        """Looks from now on, if it does not yet."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self.poll()
            time.sleep(INTERVAL)

    def poll(self) -> None:
        """One question, and more where something was written or an hour has come."""
        try:
            self._take(ContentRevision.objects.current())
            self._is_away = False
        except Exception as error:  # whatever it is, this thread must go on
            if not self._is_away:
                log.warning("cached pages stay as they are, for the database says: %s", error)
            self._is_away = True
        finally:
            connection.close_if_unusable_or_obsolete()

    def _take(self, number: int | None) -> None:
        known = self.generation
        if number is None:
            self._begin(None)
        elif known is None or known.number != number or time.time() >= known.expires_at:
            self._begin(Generation(number, next_publication(timezone.now())))
        self.stale_after = time.time() + LATE

    def _begin(self, generation: Generation | None) -> None:
        if generation is not self.generation:
            self.generation = generation
            self._on_change()


def next_publication(at: datetime) -> float:
    """When something is due to be seen without a write."""
    hours = [
        model._default_manager.filter(**{f"{field}__gt": at}).aggregate(hour=Min(field))["hour"]
        for model, field in SCHEDULED
    ]
    return min((hour.timestamp() for hour in hours if hour), default=NEVER)
