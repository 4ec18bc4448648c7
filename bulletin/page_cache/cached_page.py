"""A public answer as bytes, and a bounded store of such pages."""

from __future__ import annotations

import gzip
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from django.utils.http import parse_etags, parse_http_date_safe

from bulletin.http_caching import etag_of
from bulletin.page_cache.watcher import Generation

Headers = list[tuple[str, str]]
# Seconds for which a page is good at most: some of what it may show is measured to the minute.
MAX_AGE: Final = 60
# What a page takes of memory beside its bytes.
OVERHEAD: Final = 4_000
# No page takes more than this part of the memory.
LARGEST_SHARE: Final = 8
OF_ENCODING: Final = {"Content-Encoding", "Content-Length", "ETag"}
# What a 304 repeats of the whole answer (RFC 9110, section 15.4.5).
NOT_MODIFIED_HEADERS: Final = {
    *("cache-control", "content-location", "etag", "expires", "last-modified", "vary"),
    # Which no page of another site could read without.
    "access-control-allow-origin",
}


class WSGIResponse(NamedTuple):
    status: str
    headers: Headers
    content: bytes


@dataclass(frozen=True, slots=True)
class CachedPage:
    """Good while `generation` lasts, and not after `expires_at` (POSIX seconds)."""

    generation: Generation
    expires_at: float
    view: str
    etag: str
    headers: Headers
    body: bytes
    # POSIX seconds.
    last_modified: int | None

    @property
    def size(self) -> int:
        return OVERHEAD + len(self.body)

    @property
    def not_modified_headers(self) -> Headers:
        return [pair for pair in self.headers if pair[0].lower() in NOT_MODIFIED_HEADERS]

    def decoded(self) -> CachedPage:
        """For who takes no gzip, also where nothing can be rendered any more."""
        if ("Content-Encoding", "gzip") not in self.headers:
            return self
        body = gzip.decompress(self.body)
        etag = etag_of(body)
        others = [pair for pair in self.headers if pair[0] not in OF_ENCODING]
        headers = [*others, ("Content-Length", str(len(body))), ("ETag", etag)]
        return replace(self, body=body, etag=etag, headers=headers)

    def is_known(self, if_none_match: str | None, if_modified_since: str | None) -> bool:
        """By weak comparison of the first, which counts alone where it is given (RFC 9110, sections
        13.1.2 and 13.1.3)."""
        if if_none_match is not None:
            etags = [if_none_match] if if_none_match == self.etag else parse_etags(if_none_match)
            return etags == ["*"] or self.etag in (etag.removeprefix("W/") for etag in etags)
        if if_modified_since is None or self.last_modified is None:
            return False
        return (parse_http_date_safe(if_modified_since) or 0) >= self.last_modified


def cached_page_from(
    response: WSGIResponse, generation: Generation, view: str
) -> CachedPage | None:
    """None unless the answer is a 200 that says `public` and has an ETag."""
    headers = {name.lower(): value for name, value in response.headers}
    control = {word.strip() for word in headers.get("cache-control", "").split(",")}
    is_whole = response.status.startswith("200 ") and "etag" in headers
    if not is_whole or "public" not in control or "set-cookie" in headers:
        return None
    lasts = float("inf") if "immutable" in control else time.time() + MAX_AGE
    return CachedPage(
        generation,
        min(lasts, generation.expires_at),
        view,
        headers["etag"],
        response.headers,
        response.content,
        parse_http_date_safe(headers.get("last-modified", "")),
    )


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
