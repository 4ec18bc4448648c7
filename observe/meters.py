"""What is counted as requests go by, and how the counts of all workers are read."""

from __future__ import annotations

import atexit
import os
from typing import Any, Final

from django.db import DatabaseError
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.values import close_all_multiprocess_files

from observe import FOLDER

METHODS: Final = {"GET", "HEAD", "POST", "OPTIONS"}
# A page's budget lies among the first, a worker's patience is the last.
SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_own = CollectorRegistry()
atexit.register(close_all_multiprocess_files)

REQUESTS: Final = Counter(
    "bulletin_requests",
    "Requests answered. A POST to a page of the desk that is answered 200 was refused.",
    ["method", "view", "status"],
    registry=_own,
)
DURATION: Final = Histogram(
    "bulletin_request_seconds",
    "Seconds until a request was answered.",
    ["view"],
    buckets=SECONDS,
    registry=_own,
)
IN_FLIGHT: Final = Gauge(
    "bulletin_requests_in_flight",
    "Requests being answered.",
    multiprocess_mode="livesum",
    registry=_own,
)
EXCEPTIONS: Final = Counter(
    "bulletin_exceptions", "Exceptions that views did not expect.", ["type"], registry=_own
)
DATABASE_ERRORS: Final = Counter(
    "bulletin_database_errors", "Those of them that came of the database.", registry=_own
)


def ready(environ: dict[str, Any], view: str, status: int, size: int, seconds: float) -> None:
    """An answer that was given without Django, counted as any other."""
    REQUESTS.labels(environ["REQUEST_METHOD"], view, status).inc()
    DURATION.labels(view).observe(seconds)


def method_of(request: HttpRequest) -> str:
    return request.method if request.method in METHODS else "other"


def view_of(request: HttpRequest) -> str:
    """The name in the site map: paths are as many as their senders like."""
    match = request.resolver_match
    return (match.view_name or "unnamed") if match else "none"


def count(error: Exception) -> None:
    EXCEPTIONS.labels(type(error).__name__).inc()
    if isinstance(error, DatabaseError):
        DATABASE_ERRORS.inc()


def of_all_workers() -> MultiProcessCollector:
    """Counts of dead workers stay; what a killed one was still answering does not."""
    for file in FOLDER.glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        if not is_alive(pid):
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
    return MultiProcessCollector(None)  # type: ignore[no-untyped-call]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
