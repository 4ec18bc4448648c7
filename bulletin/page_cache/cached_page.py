"""A public answer as bytes, plain and gzipped, and what of it a request gets."""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.utils.http import parse_etags

from bulletin.http_caching import accepts_gzip
from bulletin.page_cache.watcher import Generation

Headers = list[tuple[str, str]]
# Seconds for which a page is good at most: some of what it may show is measured to the minute.
MAX_AGE: Final = 60
# What a page takes of memory beside its bytes.
OVERHEAD: Final = 4_000
# Made anew for each form.
REPRESENTATION_HEADERS: Final = {"content-encoding", "content-length", "etag"}
# What a 304 repeats of the whole answer (RFC 9110, section 15.4.5).
NOT_MODIFIED_HEADERS: Final = {
    *("cache-control", "content-location", "expires", "vary"),
    # Which no page of another site could read without.
    "access-control-allow-origin",
}


class WSGIResponse(NamedTuple):
    """What an application said, whole."""

    status: str
    headers: Headers
    content: bytes


@dataclass(frozen=True, slots=True)
class Representation:
    """One representation: the bytes as they are, or gzipped."""

    etag: str
    headers: Headers
    not_modified_headers: Headers
    body: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class CachedPage:
    """Good while `generation` lasts, and not after `until` (POSIX seconds)."""

    generation: Generation | None
    expires_at: float
    view: str
    plain: Representation
    gzipped: Representation | None

    @property
    def size(self) -> int:
        forms = [self.plain, self.gzipped] if self.gzipped else [self.plain]
        return OVERHEAD + sum(len(part) for form in forms for part in form.body)

    def representation_for(self, accepted: str | None) -> Representation:
        """What the header Accept-Encoding asks for."""
        return self.gzipped if accepted and self.gzipped and accepts_gzip(accepted) else self.plain


def matches_etag(form: Representation, asked: str) -> bool:
    """Whether If-None-Match names the form (RFC 9110, section 13.1.2: by weak comparison)."""
    if asked == form.etag:
        return True
    known = parse_etags(asked)
    return known == ["*"] or form.etag in (etag.removeprefix("W/") for etag in known)


def cached_page_from(
    answer: WSGIResponse, generation: Generation | None, view: str
) -> CachedPage | None:
    """The answer of a public view to nobody in particular; None unless it is a 200 that says
    `public` and names its bytes."""
    told = {name.lower(): value for name, value in answer.headers}
    control = {word.strip() for word in told.get("cache-control", "").split(",")}
    etag, coding = told.get("etag"), told.get("content-encoding")
    is_whole = answer.status.startswith("200 ") and coding in (None, "gzip")
    if not (is_whole and etag and "public" in control and "set-cookie" not in told):
        return None
    common = [pair for pair in answer.headers if pair[0].lower() not in REPRESENTATION_HEADERS]
    content = gzip.decompress(answer.content) if coding else answer.content
    plain = _form(common, etag.replace('-gzip"', '"'), content)
    gzipped = None
    if coding:
        gzipped = _form([*common, ("Content-Encoding", coding)], etag, answer.content)
    until = min(_until(control), generation.expires_at if generation else 0)
    return CachedPage(generation, until, view, plain, gzipped)


def _until(control: set[str]) -> float:
    return float("inf") if "immutable" in control else time.time() + MAX_AGE


def _form(common: Headers, etag: str, body: bytes) -> Representation:
    own = [("ETag", etag), ("Content-Length", str(len(body)))]
    not_modified_headers = [pair for pair in common if pair[0].lower() in NOT_MODIFIED_HEADERS]
    return Representation(etag, [*common, *own], [*not_modified_headers, ("ETag", etag)], (body,))
