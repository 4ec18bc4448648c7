"""Pages in memory, bounded in bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from bulletin.page_cache.cached_page import CachedPage

# No page takes more than this part of the memory.
LARGEST_SHARE: Final = 8


class LRUStore:
    """Up to `limit` bytes of pages, for all threads of a process; the least recently used goes
    first."""

    def __init__(self, limit: int) -> None:
        self.limit, self.size = limit, 0
        self._pages: OrderedDict[Hashable, CachedPage] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pages)

    def get(self, key: Hashable) -> CachedPage | None:
        with self._lock:
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def put(self, key: Hashable, page: CachedPage) -> None:
        if page.size > self.limit // LARGEST_SHARE:
            return
        with self._lock:
            if replaced := self._pages.pop(key, None):
                self.size -= replaced.size
            self._pages[key] = page
            self.size += page.size
            while self.size > self.limit:
                self.size -= self._pages.popitem(last=False)[1].size

    def clear(self) -> None:
        with self._lock:
            self._pages.clear()
            self.size = 0
