"""What is made of values alone is kept under those values, so that nothing kept can be outdated.

The drawing of a week and its entry in a feed take far longer to make than to look up; an edit
changes the values, and so it makes its own week anew and no other.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db.models import Model
from django.utils.translation import get_language

T = TypeVar("T")


class Kept(Generic[T]):
    """The `most` things that this process asked for last; safe for threads."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = Lock()
        self._things: OrderedDict[bytes, T] = OrderedDict()

    def clear(self) -> None:
        with self._lock:
            self._things.clear()

    def get(self, values: Any, make: Callable[[], T]) -> T:
        """What was made for equal `values`, in this language, or what `make` gives."""
        key = key_of((get_language(), settings.FIRST_WEEKDAY, settings.TIME_ZONE, values))
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        made = make()
        with self._lock:
            self._things[key] = made
            while len(self._things) > self.most:
                self._things.popitem(last=False)
        return made


def key_of(values: Any) -> bytes:
    """Of their repr, which tells instants of two zones apart."""
    return sha256(repr(values).encode("utf-8", "surrogatepass")).digest()


def values_of(row: Model) -> list[Any]:
    """All that the database gave of `row` and of what was prefetched with it."""
    own = [getattr(row, field.attname) for field in row._meta.concrete_fields]
    prefetched = getattr(row, "_prefetched_objects_cache", {})
    return own + [[values_of(one) for one in rows] for rows in prefetched.values()]
