"""Every explicit save is a revision: who, when, what changed, and a way back.

django-reversion, because one save here touches several rows (a bulletin, its incidents, what they
tell) more than once each: it takes them together, at the end, as one revision, many-to-many
fields included, and needs no second table a model.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import reversion
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

ModelT = TypeVar("ModelT", bound=Model)


@contextmanager
def recorded(request: HttpRequest) -> Iterator[None]:
    """What is saved inside is one revision by the request's user."""
    with reversion.create_revision():
        if request.user.is_authenticated:
            reversion.set_user(request.user)
        yield


class HistoryDesk(admin.ModelAdmin[ModelT]):
    """The history of a row in the desk."""
