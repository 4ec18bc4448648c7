"""The score that MDN's HTTP Observatory gives a page, from its answers and those by plain http.

Rules and modifiers: github.com/mdn/mdn-http-observatory, src/analyzer/tests/ and
src/grader/charts.js, as of 2026. A test that fails takes points away; some that pass add points.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import Message
from typing import Final
from urllib.parse import urlsplit

BROAD: Final = {"*", "http:", "https:", "ftp:", "http://*", "https://*", "data:"}
INLINE: Final = {"'unsafe-inline'", "'unsafe-eval'"}
SIX_MONTHS: Final = 15_768_000
PRIVATE: Final = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


def policy(headers: Message) -> dict[str, set[str]]:
    told = [part.split() for part in headers.get("Content-Security-Policy", "").split(";")]
    return {words[0]: set(words[1:]) for words in told if words}


def csp(headers: Message, body: str) -> int:
    told = policy(headers)
    if not told:
        return -25
    default = told.get("default-src", {"*"})
    if (told.get("script-src", default) | told.get("object-src", default)) & (BROAD | INLINE):
        return -20
    if any(source.startswith(("http:", "ftp:")) for sources in told.values() for source in sources):
        return -20
    if told.get("style-src", default) & (BROAD | INLINE):
        return 0
    return 10 if default == {"'none'"} else 5


def cookies(headers: Message, body: str) -> int:
    given = [cookie.lower() for cookie in headers.get_all("Set-Cookie", [])]
    parts = [re.split(r";\s*", cookie) for cookie in given]
    if not all("secure" in each for each in parts):
        return -20
    if any("sess" in each[0].split("=")[0] and "httponly" not in each for each in parts):
        return -30
    if not all({"samesite=lax", "samesite=strict"} & set(each) for each in parts):
        return -20
    return 5 if parts else 0


def cors(headers: Message, body: str) -> int:
    """The origin of the request must not be given back, least of all with credentials."""
    return -50 if headers.get("Access-Control-Allow-Credentials") else 0


def referrer(headers: Message, body: str) -> int:
    last = headers.get("Referrer-Policy", "").split(",")[-1].strip()
    return 5 if last in PRIVATE else -5 if last else 0


def hsts(headers: Message, body: str) -> int:
    age = re.search(r"max-age=(\d+)", headers.get("Strict-Transport-Security", ""))
    if not age:
        return -20
    return 0 if int(age[1]) >= SIX_MONTHS else -10


def scripts(headers: Message, body: str) -> int:
    sources = re.findall(r"<script[^>]*\ssrc=\"([^\"]*)\"", body)
    return -50 if any(urlsplit(source).netloc for source in sources) else 0


def sniffing(headers: Message, body: str) -> int:
    return 0 if headers.get("X-Content-Type-Options", "").lower() == "nosniff" else -5


def framing(headers: Message, body: str) -> int:
    if not policy(headers).get("frame-ancestors", BROAD) & BROAD:
        return 5
    return 0 if headers.get("X-Frame-Options") in ("DENY", "SAMEORIGIN") else -20


def embedding(headers: Message, body: str) -> int:
    told = headers.get("Cross-Origin-Resource-Policy", "cross-origin")
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0}.get(told, -5)


TESTS: Final[list[Callable[[Message, str], int]]] = [
    *(csp, cookies, cors, referrer, hsts, scripts, sniffing, framing, embedding)
]


def redirection(url: str, status: int, headers: Message) -> int:
    """Of the answer to `url` by plain http: it must lead to https on the same host at once."""
    there = urlsplit(headers.get("Location", ""))
    if not 300 <= status < 400:
        return -20
    if there.scheme != "https":
        return -10
    return 0 if there.hostname == urlsplit(url).hostname else -5


def marks(headers: Message, body: str) -> dict[str, int]:
    return {test.__name__: test(headers, body) for test in TESTS}


def score(marks: dict[str, int]) -> int:
    """Points are added only to what has 90 without them."""
    base = 100 + sum(mark for mark in marks.values() if mark < 0)
    return base + sum(mark for mark in marks.values() if mark > 0) if base >= 90 else base
