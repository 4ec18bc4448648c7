"""Readers and editors, who know nothing of the site but its addresses and its forms."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from statistics import quantiles
from urllib.parse import urlencode

PATIENCE = 30


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    begun = time.monotonic()
    try:
        caller.request(
            method, path, body, {name.replace("_", "-"): v for name, v in headers.items()}
        )
        got = caller.getresponse()
        return Answer(got.status, got.headers, got.read(), time.monotonic() - begun)
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        caller.close()


class Form(HTMLParser):
    """The fields of the largest form of a page as a browser would send them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[dict[str, list[str]]] = []
        # Those of dialogs, in templates, stand within the page's own.
        self.open: list[dict[str, list[str]]] = [{}]
        self.area = self.select = ""
        self.first: str | None = None
        self.feed(page)
        self.fields = max(self.forms, key=len)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "form":
            self.open.append({})
            self.forms.append(self.open[-1])
        elif tag == "textarea":
            self.area = name
            self.open[-1][name] = [""]
        elif tag == "select":
            # Of one that takes several, none is chosen by itself.
            self.select, self.first = name, None if "multiple" not in given else ""
        elif tag == "option" and self.select:
            if "selected" in given:
                self.open[-1].setdefault(self.select, []).append(given.get("value", ""))
            self.first = given.get("value", "") if self.first is None else self.first
        elif tag == "input" and name and kind not in ("submit", "file", "image", "button"):
            unticked = kind in ("checkbox", "radio") and "checked" not in given
            if not unticked:
                self.open[-1].setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.area:
            self.open[-1][self.area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open.pop()
        elif tag == "textarea":
            field = self.open[-1][self.area]
            field[0] = field[0].removeprefix("\n")
            self.area = ""
        elif tag == "select":
            if self.select and self.first:
                self.open[-1].setdefault(self.select, [self.first])
            self.select = ""


class Editor:
    """A browser with a session."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = ask(
            self.port, method, path, body, **({"Cookie": cookie} if cookie else {}), **headers
        )
        for one in answer.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: each.value for name, each in SimpleCookie(one).items()}
        return answer

    def sign_in(self, name: str, password: str) -> Answer:
        page = self.ask("GET", "/admin/login/")
        return self.send("/admin/login/", page, username=name, password=password)

    def send(self, path: str, page: Answer, **changed: str) -> Answer:
        """The form of `page` with what was changed in it; named as in it, `started_at_0`."""
        assert page.status == 200, (path, page.status)
        fields = Form(page.text).fields | {name: [value] for name, value in changed.items()}
        body = urlencode(fields, doseq=True).encode()
        return self.ask("POST", path, body, Content_Type="application/x-www-form-urlencoded")

    def save(self, path: str, **changed: str) -> Answer:
        return self.send(path, self.ask("GET", path), **changed)


@dataclass
class Seen:
    """What readers got: statuses, or the name of what broke; and how long it took."""

    answers: list[tuple[float, int | str, float]] = field(default_factory=list)

    def statuses(self) -> Counter[int | str]:
        return Counter(status for _at, status, _seconds in self.answers)

    @property
    def seconds(self) -> list[float]:
        return [seconds for _at, _status, seconds in self.answers]

    def figures(self) -> str:
        cuts = quantiles(self.seconds, n=100)
        told = ", ".join(f"{number} × {status}" for status, number in self.statuses().items())
        return (
            f"{told}; median {cuts[49] * 1000:.0f} ms, "
            f"p99 {cuts[98] * 1000:.0f} ms, longest {max(self.seconds):.1f} s"
        )


@contextmanager
def readers(
    port: int, paths: Sequence[str], number: int = 4, pause: float = 0.02
) -> Iterator[Seen]:
    """Readers who ask for `paths` over and over while the block runs."""
    seen, done = Seen(), threading.Event()

    def read(first: int) -> None:
        turn = first
        while not done.is_set():
            begun = time.monotonic()
            try:
                status: int | str = ask(port, "GET", paths[turn % len(paths)]).status
            except OSError as error:
                status = type(error).__name__
            seen.answers.append((begun, status, time.monotonic() - begun))
            turn += 1
            time.sleep(pause)

    threads = [threading.Thread(target=read, args=[one]) for one in range(number)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        done.set()
        for thread in threads:
            thread.join()
