"""The one draft store of the desk: what was typed and not saved, offered back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def bring_back(request: HttpRequest) -> None:
    """Where the editor asks for it, the request's form becomes the one that was not saved."""


def page_context(request: HttpRequest, model: str, object_id: str) -> dict[str, Any]:
    """What a page needs to keep what is typed on it."""
    return {}


def saved(request: HttpRequest) -> None:
    """The form just sent is saved: forget what was kept of it."""
