"""Since when nothing has been written that a public page could show: asked of the database twice a
second, by one thread of each process and not by requests.

To render what a time to live of a second drops would cost 34 ms an address, process and second.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Min, Model
from django.utils import timezone

from bulletin.models import Article, Bulletin, ContentRevision
from incidents.models import Addendum, Incident

# Seconds: between two polls, until what is known is too old, and for the answer that is due then.
POLL_SECONDS: Final = 0.5
STALE_AFTER_SECONDS: Final = 2.0
REFRESH_TIMEOUT: Final = 1.0
SCHEDULED: Final[tuple[type[Model], ...]] = (Bulletin, Article, Incident, Addendum)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """A time without writes, known by being this one and not by its number; at `expires_at` (POSIX
    seconds) something scheduled is published, which ends it as well."""

    number: int
    expires_at: float


class RevisionWatcher:
    """What a process knows of the database. `generation` is None before the first answer and where
    the database counts no writes: nothing may be stored then."""

    def __init__(self) -> None:
        self.generation: Generation | None = None
        # From then on (POSIX seconds) something may have been written that is not known.
        self.stale_after, self.is_unreachable = 0.0, False
        self._thread: threading.Thread | None = None
        self._lock, self._polled = threading.Lock(), threading.Condition()
        self._wake = threading.Event()

    def start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="revision", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wake.clear()
            self.poll()
            self._wake.wait(POLL_SECONDS)

    def poll(self) -> None:
        """One question, and more where something was written or published."""
        begun = time.time()
        try:
            self._update_generation(ContentRevision.objects.current())
            self.stale_after, self.is_unreachable = begun + STALE_AFTER_SECONDS, False
        except Exception as error:  # whatever it is, this thread must go on
            if not self.is_unreachable:
                log.warning("cached pages stay as they are, for the database says: %s", error)
            self.is_unreachable = True
        finally:
            connection.close_if_unusable_or_obsolete()
        with self._polled:
            self._polled.notify_all()

    def refresh(self) -> None:
        """Polls at once. The database is out of reach if it says nothing in time: that the last
        answer is old means no more than that this process had no processor for a while."""
        self._wake.set()
        with self._polled:
            if not self._polled.wait_for(self._is_current, REFRESH_TIMEOUT):
                self.is_unreachable = True

    def _is_current(self) -> bool:
        return self.is_unreachable or time.time() <= self.stale_after

    def _update_generation(self, number: int | None) -> None:
        known = self.generation
        if number is None:
            self.generation = None
        elif known is None or known.number != number or time.time() >= known.expires_at:
            self.generation = Generation(number, next_publication(timezone.now()))


def next_publication(at: datetime) -> float:
    """POSIX seconds."""
    coming = [
        model._default_manager.filter(publish_at__gt=at).aggregate(next=Min("publish_at"))["next"]
        for model in SCHEDULED
    ]
    return min((instant.timestamp() for instant in coming if instant), default=float("inf"))
