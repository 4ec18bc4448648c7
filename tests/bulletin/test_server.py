"""What gunicorn and the site answer by https to bytes that no browser would send."""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.bulletin import observatory
from tests.installation import running

HOST = "log.example.org"
OURS = f"Host: {HOST}\r\n"
BY_TLS = f"{OURS}X-Forwarded-Proto: https\r\n"


def variables(folder: Path) -> dict[str, str]:
    return {
        "SITE_URL": f"https://{HOST}",
        "TMPDIR": str(folder),
        "WEB_CONCURRENCY": "1",
    }


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server's temporary files would be."""
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, temporary: Path) -> Iterator[servers.Gunicorn]:
    """As it stands behind a proxy that ends TLS."""
    behind_proxy = variables(temporary) | {"TRUST_FORWARDED_PROTO": "true"}
    with running(tmp_path_factory.mktemp("site"), **behind_proxy) as site:
        yield site.server


class Answer:
    def __init__(self, status: int, headers: Any, body: str) -> None:
        self.status, self.headers, self.body = status, headers, body


def ask(server: servers.Server, line: str, headers: str, body: bytes = b"") -> Answer:
    """Sends the bytes as they are."""
    sent = f"{line}\r\n{headers}Connection: close\r\n\r\n".encode("latin-1") + body
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as caller:
        caller.sendall(sent)
        with http.client.HTTPResponse(caller, method=line.split()[0]) as response:
            response.begin()
            return Answer(response.status, response.headers, response.read().decode("latin-1"))


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        ("GET / HTTP/1.1", "", 400),
        ("GET / HTTP/1.0", "", 400),
        ("GET /healthz HTTP/1.1", "", 400),
        ("GET /static/css/base.css HTTP/1.1", "", 400),
        ("GET / HTTP/1.1", "Host:\r\n", 400),
        ("GET / HTTP/1.1", OURS + OURS, 400),
        ("GET / HTTP/1.1", OURS + "Host: evil.example\r\n", 400),
        ("GET / HTTP/1.1", "Host: evil.example\r\nX-Forwarded-Proto: https\r\n", 400),
        ("GET / HTTP/1.1", f"Host: evil.example\r\nX-Forwarded-Host: {HOST}\r\n", 400),
        ("TRACE / HTTP/1.1", BY_TLS, 405),
        ("POST / HTTP/1.1", BY_TLS + "Content-Length: 4\r\nContent-Length: 5\r\n", 400),
        ("POST / HTTP/1.1", BY_TLS + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", 400),
        ("POST / HTTP/1.1", BY_TLS + "Content-Length: -1\r\n", 400),
        ("POST /admin/login/ HTTP/1.1", BY_TLS + "Content-Length: 99999999999\r\n", 413),
        (f"GET /search/?q={'a' * 7000} HTTP/1.1", BY_TLS, 200),
        (f"GET /search/?q={'a' * 9000} HTTP/1.1", BY_TLS, 414),
        ("GET / HTTP/1.1", BY_TLS + f"X: {'a' * 9000}\r\n", 431),
        ("GET / HTTP/1.1", BY_TLS + "X: a\r\n" * 101, 431),
    ],
)
def test_what_is_malformed_or_too_much_is_refused(
    server: servers.Gunicorn, line: str, headers: str, status: int
) -> None:
    answer = ask(server, line, headers)
    assert answer.status == status
    assert status == 200 or "public" not in answer.headers.get("Cache-Control", "")


def test_a_client_cannot_say_where_it_is_or_how_it_came(server: servers.Gunicorn) -> None:
    sly = "SCRIPT_NAME: /healthz\r\nPATH_INFO: /admin/\r\nScript-Name: /healthz\r\n"
    assert ask(server, "GET /healthz HTTP/1.1", BY_TLS + sly).body == "ok\n"
    sly = (
        "X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nX-Forwarded-Port: 1\r\n"
    )
    assert "evil.example" not in ask(server, "GET / HTTP/1.1", BY_TLS + sly).body
    there = ask(server, "GET /2024-07-06 HTTP/1.1", BY_TLS + sly).headers["Location"]
    assert there == "/2024-07-06/"


@pytest.mark.parametrize("header", ["X-Forwarded-Proto: https", "X-Forwarded-Ssl: on"])
def test_no_header_means_https_until_a_proxy_is_trusted(tmp_path: Path, header: str) -> None:
    with running(tmp_path, **variables(tmp_path)) as site:
        answer = ask(site.server, "GET /admin/login/ HTTP/1.1", f"{OURS}{header}\r\n")
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{HOST}/admin/login/"


def test_only_the_named_header_of_a_trusted_proxy_means_https(server: servers.Gunicorn) -> None:
    for header in ("X-Forwarded-Ssl: on", "X-Forwarded-Protocol: ssl", "X-Forwarded-Proto: http"):
        assert ask(server, "GET / HTTP/1.1", f"{OURS}{header}\r\n").status == 301


def memory(pid: int) -> int:
    """The most bytes that the process ever held."""
    told = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    assert found
    return int(found[1]) * 1024


def test_an_endless_body_fills_neither_memory_nor_disk(
    server: servers.Gunicorn, temporary: Path
) -> None:
    form = "Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n"
    begun = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    chunks = b"%x\r\n%s\r\n" % (len(begun), begun) + b"100000\r\n%s\r\n" % (b"a" * 0x100000) * 64
    (worker,) = server.workers()
    before, files = memory(worker), set(temporary.iterdir())
    for path in ("/", "/admin/login/", "/admin/markdownx/upload/"):
        # It is answered, and the connection closed, long before the end.
        with pytest.raises(ConnectionError):
            ask(server, f"POST {path} HTTP/1.1", BY_TLS + form, chunks)
    assert memory(worker) - before < 20_000_000
    assert set(temporary.iterdir()) == files


def test_cookies_are_bound_to_this_host_and_to_https(server: servers.Gunicorn) -> None:
    (cookie,) = ask(server, "GET /admin/login/ HTTP/1.1", BY_TLS).headers.get_all("Set-Cookie")
    assert cookie.startswith("__Host-csrf=")
    assert {"Secure", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "path", ["/", "/2024-07-06/", "/admin/login/", "/grid.png", "/static/css/base.css", "/nothing/"]
)
def test_every_kind_of_answer_says_the_same_of_safety(server: servers.Gunicorn, path: str) -> None:
    headers = ask(server, f"GET {path} HTTP/1.1", BY_TLS).headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Content-Security-Policy"].endswith("upgrade-insecure-requests")
    assert headers["Cross-Origin-Resource-Policy"] == (
        "cross-origin" if path.startswith(("/grid", "/static")) else "same-origin"
    )


@pytest.mark.parametrize("path", ["/", "/2024-07-06/", "/admin/login/"])
def test_the_observatory_of_mdn_takes_no_point_away(server: servers.Gunicorn, path: str) -> None:
    page = ask(server, f"GET {path} HTTP/1.1", BY_TLS + "Origin: https://evil.example\r\n")
    assert page.status == 200
    by_http = ask(server, f"GET {path} HTTP/1.1", OURS)
    marks = observatory.marks(page.headers, page.body)
    url = f"http://{HOST}{path}"
    marks["redirection"] = observatory.redirection(url, by_http.status, by_http.headers)
    assert not {name: mark for name, mark in marks.items() if mark < 0}
    assert observatory.score(marks) >= 125
