"""The log: a line an event, as text for people or as JSON for machines."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime
from typing import Any, Final

from pythonjsonlogger.json import JsonFormatter

from bulletin import tracing

TEXT, JSON = "text", "json"
LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# All that a line of JSON may hold. What a library adds to its events, a whole request with its
# cookies among them, stays out.
FIELDS: Final = (
    *("time", "level", "logger", "message", "request_id", "exception"),
    *("method", "path", "status", "bytes", "duration_ms"),
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_REVIEW: Final = re.compile(r"(/review/)[^/\s?]+")


def without_secrets(text: str) -> str:
    """A review link opens a draft to whoever reads it."""
    return _REVIEW.sub(r"\1…", text)


class Line(logging.Formatter):
    """Text, in which no character of a request begins a new line."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.request_id = tracing.of(record) or "-"
        plain = _CONTROL.sub(lambda found: repr(found[0])[1:-1], record.message)
        record.message = without_secrets(plain)
        return super().formatMessage(record)


class Json(JsonFormatter):
    """An object a line; times are UTC."""

    def __init__(self) -> None:
        super().__init__(
            ["asctime", "levelname", "name", "message"],
            rename_fields={
                "asctime": "time",
                "levelname": "level",
                "name": "logger",
                "exc_info": "exception",
            },
        )

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        record.request_id = tracing.of(record) or None
        return super().format(record)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        kept = {name: log_data[name] for name in FIELDS if log_data.get(name) is not None}
        for name in {"message", "path", "exception"} & kept.keys():
            kept[name] = without_secrets(str(kept[name]))
        return kept


def setting(form: str, level: str, access: str) -> dict[str, Any]:
    """Django's LOGGING. Events go to standard error; `access` is where requests go: nowhere when
    empty, "-" for standard output, or a file."""
    formatters = {TEXT: {"()": Line}, JSON: {"()": Json}}
    to_output = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
    # Opened anew when it was rotated; every process appends to it.
    to_file = {"class": "logging.handlers.WatchedFileHandler", "filename": access, "delay": True}
    handlers = {
        "events": {"class": "logging.StreamHandler", "formatter": form, "level": level},
        "access": {**(to_output if access == "-" else to_file), "formatter": form},
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {form: formatters[form]},
        "handlers": handlers if access else {"events": handlers["events"]},
        "root": {"handlers": ["events"], "level": level},
        "loggers": {
            # Django's own handlers would say the same once more.
            "django": {"handlers": []},
            # gunicorn has none of its own (gunicorn_conf.py).
            "gunicorn.error": {"handlers": ["events"], "propagate": False},
            "bulletin.access": {
                "handlers": ["access"] if access else [],
                "level": "INFO" if access else "CRITICAL",
                "propagate": False,
            },
        },
    }
