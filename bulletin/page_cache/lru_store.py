"""Pages in memory, bounded in bytes: what was asked for longest ago goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from bulletin.page_cache.cached_page import CachedPage

# No page has more than this share of the room.
LARGEST_SHARE: Final = 8


class LRUStore:
    """Up to `limit` bytes of pages, for all threads of a process."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._pages: OrderedDict[Hashable, CachedPage] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Hashable) -> CachedPage | None:
        page = self._pages.get(key)
        if page is not None:
            try:
                self._pages.move_to_end(key)
            except KeyError:  # another thread has put it out meanwhile
                return page
        return page

    def put(self, key: Hashable, page: CachedPage) -> None:
        """Keeps it if it isn't too large."""
        if page.size > self.limit // LARGEST_SHARE:
            return
        with self._lock:
            self._forget(key)
            self._pages[key] = page
            self.size += page.size
            while self.size > self.limit:
                self._forget(next(iter(self._pages)))

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self.size = 0

    def _forget(self, key: Hashable) -> None:
        page = self._pages.pop(key, None)
        self.size -= page.size if page else 0
