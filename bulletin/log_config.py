"""The log: a line an event, as text for people or as JSON for machines; one a request, too."""

from __future__ import annotations

import json
import logging
import re
import secrets
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

TEXT, JSON = "text", "json"
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
REQUEST_FIELDS: Final = ("method", "path", "status", "bytes", "duration_ms")
# A proxy's or client's own is taken where it can spoil neither a line of the log nor a header.
ACCEPTED: Final = re.compile(r"[A-Za-z0-9_.-]{8,64}")
# In the WSGI environment of a request that the page cache makes of a client's: its method.
CLIENT_METHOD: Final = "bulletin.client_method"
# Of the request that this thread answers or answered last: Django logs what it refused when all
# middleware is left.
request_id: ContextVar[str] = ContextVar("request_id", default="")
_access = logging.getLogger("bulletin.access")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_REVIEW: Final = re.compile(r"(/review/)[\w.:=%~-]+")


def without_secrets(line: str) -> str:
    """A review link opens a draft to whoever reads it."""
    return _REVIEW.sub(r"\1…", line)


def accepted_id(given: str) -> str:
    return given if ACCEPTED.fullmatch(given) else secrets.token_hex(16)


class TextFormatter(logging.Formatter):
    """Text, in which no character of a request begins a new line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return without_secrets(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.request_id = request_id.get() or "-"
        record.message = _CONTROL.sub(lambda found: repr(found[0])[1:-1], record.message)
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """An object a line; times are UTC. What a library adds to its events, a whole request with its
    cookies among them, stays out."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get() or None,
            "exception": self.formatException(record.exc_info) if record.exc_info else None,
            **{name: getattr(record, name, None) for name in REQUEST_FIELDS},
        }
        given = {name: value for name, value in fields.items() if value is not None}
        return without_secrets(json.dumps(given, default=str))


def logging_config(form: str, level: str, access: str) -> dict[str, Any]:
    """Django's LOGGING. Events go to standard error; `access` is where requests go: nowhere when
    empty, "-" for standard output, or a file."""
    to_output = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
    # Reopened after a rotation; every process appends to it.
    to_file = {"class": "logging.handlers.WatchedFileHandler", "filename": access}
    handlers = {"events": {"class": "logging.StreamHandler", "formatter": form, "level": level}}
    if access:
        handlers["access"] = (to_output if access == "-" else to_file) | {"formatter": form}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {form: {"()": JsonFormatter if form == JSON else TextFormatter}},
        "handlers": handlers,
        "root": {"handlers": ["events"], "level": level},
        "loggers": {
            # Django's own handlers would say the same once more.
            "django": {"handlers": []},
            # gunicorn has none of its own (gunicorn_conf.py).
            "gunicorn.error": {"handlers": ["events"], "propagate": False},
            "bulletin.access": {
                "handlers": ["access"] if access else [],
                "level": "INFO",
                "propagate": False,
            },
        },
    }


def log_request(method: str, path: str, status: int, size: int | None, seconds: float) -> None:
    """Without the query: what readers search for is theirs."""
    values = (method, path, status, size, round(1000 * seconds, 1))
    fields = dict(zip(REQUEST_FIELDS, values, strict=True))
    _access.info("%s %s %s %s B %s ms", *values, extra=fields)
