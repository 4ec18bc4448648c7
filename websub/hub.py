"""One request to the hub, and what its answer means."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Final
from urllib.parse import urlencode, urlsplit

TIMEOUT: Final = 10
MOST_BYTES: Final = 500


class NotTaken(Exception):
    """The hub surely did not take it: no connection, or an answer other than 2xx."""


class Unclear(Exception):
    """The request may have reached the hub, which didn't say."""


def ping(hub: str, topics: Sequence[str], sender: str) -> str:
    """Tell `hub` (an http or https address) that `topics` have news; returns its answer.

    The WebSub recommendation leaves this request to publisher and hub. Its forerunner,
    PubSubHubbub 0.3 section 7.1, names the addresses in hub.url, which may be repeated; some
    hubs of today read hub.topic alone. Raises NotTaken or Unclear. Redirects aren't followed.
    """
    address = urlsplit(hub)
    kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=TIMEOUT)
    try:
        connection.connect()
    except (OSError, UnicodeError) as error:
        raise NotTaken(f"no connection: {error}") from error
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    try:
        connection.request("POST", path, body=form(topics), headers=headers(sender))
        answer = connection.getresponse()
    except (OSError, HTTPException) as error:
        raise Unclear(f"no answer: {error or type(error).__name__}") from error
    else:
        return read(answer)
    finally:
        connection.close()


def form(topics: Sequence[str]) -> bytes:
    named = [(name, topic) for name in ("hub.url", "hub.topic") for topic in topics]
    return urlencode([("hub.mode", "publish"), *named]).encode()


def headers(sender: str) -> dict[str, str]:
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": f"bulletin (+{sender})",
    }


def read(answer: HTTPResponse) -> str:
    """The status and the first words of the body, which say why a hub refuses."""
    try:
        words = answer.read(MOST_BYTES).decode(errors="replace")
    except (OSError, HTTPException):
        words = ""
    told = " ".join(f"{answer.status} {answer.reason} {words}".replace("\0", " ").split())[
        :MOST_BYTES
    ]
    if not 200 <= answer.status < 300:
        raise NotTaken(told)
    return told
