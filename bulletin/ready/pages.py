"""A public answer as ready bytes, plain and packed, and what of it a request gets. Knows no request
but by its headers."""

from __future__ import annotations

import gzip
import time
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.utils.http import parse_etags

from bulletin.http_caching import accepts_gzip
from bulletin.ready.watch import Epoch

Headers = list[tuple[str, str]]
# Seconds for which a page is good at most: some of what it may show is measured to the minute.
LASTS: Final = 60
# What a page takes of memory beside its bytes.
OVERHEAD: Final = 4_000
# Made anew for each form.
OF_A_FORM: Final = {"content-encoding", "content-length", "etag"}
# What a 304 repeats of the whole answer (RFC 9110, section 15.4.5).
REPEATED: Final = {
    *("cache-control", "content-location", "expires", "vary"),
    # Which no page of another site could read without.
    "access-control-allow-origin",
}


class Answer(NamedTuple):
    """What an application said, whole."""

    status: str
    headers: Headers
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """One representation: the bytes as they are, or packed."""

    etag: str
    headers: Headers
    unchanged: Headers
    body: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Good while `epoch` lasts, and not after `until` (POSIX seconds)."""

    epoch: Epoch | None
    until: float
    view: str
    plain: Form
    packed: Form | None

    @property
    def size(self) -> int:
        forms = [self.plain, self.packed] if self.packed else [self.plain]
        return OVERHEAD + sum(len(part) for form in forms for part in form.body)

    def form_for(self, accepted: str | None) -> Form:
        """What the header Accept-Encoding asks for."""
        return self.packed if accepted and self.packed and accepts_gzip(accepted) else self.plain


def is_known(form: Form, asked: str) -> bool:
    """Whether If-None-Match names the form (RFC 9110, section 13.1.2: by weak comparison)."""
    if asked == form.etag:
        return True
    known = parse_etags(asked)
    return known == ["*"] or form.etag in (etag.removeprefix("W/") for etag in known)


def page_of(answer: Answer, epoch: Epoch | None, view: str) -> Page | None:
    """The answer of a public view to nobody in particular; None unless it is a 200 that says
    `public` and names its bytes."""
    told = {name.lower(): value for name, value in answer.headers}
    control = {word.strip() for word in told.get("cache-control", "").split(",")}
    etag, coding = told.get("etag"), told.get("content-encoding")
    is_whole = answer.status.startswith("200 ") and coding in (None, "gzip")
    if not (is_whole and etag and "public" in control and "set-cookie" not in told):
        return None
    common = [pair for pair in answer.headers if pair[0].lower() not in OF_A_FORM]
    content = gzip.decompress(answer.content) if coding else answer.content
    plain = _form(common, etag.replace('-gzip"', '"'), content)
    packed = None
    if coding:
        packed = _form([*common, ("Content-Encoding", coding)], etag, answer.content)
    until = min(_until(control), epoch.until if epoch else 0)
    return Page(epoch, until, view, plain, packed)


def _until(control: set[str]) -> float:
    return float("inf") if "immutable" in control else time.time() + LASTS


def _form(common: Headers, etag: str, body: bytes) -> Form:
    own = [("ETag", etag), ("Content-Length", str(len(body)))]
    unchanged = [pair for pair in common if pair[0].lower() in REPEATED]
    return Form(etag, [*common, *own], [*unchanged, ("ETag", etag)], (body,))
