"""Slow clients and idle connections at nginx, while others read."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

import pytest

from tests.deploy.stack import Stack, running

IDLE = SLOW = 200
SECONDS = 16
# What a reader waits for a page that nginx has to ask for, at the 95th percentile.
LATENCY = 2.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running() as site:
        yield site


def connected(stack: Stack, number: int) -> ssl.SSLSocket:
    """nginx counts by address; all of 127.0.0.0/8 is this machine."""
    context = ssl.create_default_context(cafile=f"{stack.nginx.log.parent}/fullchain.pem")
    plain = socket.socket()
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    plain.bind((f"127.0.0.{2 + number % 8}", 0))
    plain.settimeout(20)
    plain.connect(("127.0.0.1", stack.nginx.port))
    return context.wrap_socket(plain, server_hostname="localhost")


class Slow(threading.Thread):
    """Clients that each send, or read, a little every second. slowhttptest does the same but names
    no host in its TLS, and so gets no further than the first server of the configuration."""

    def __init__(self, stack: Stack, first: bytes, more: bytes) -> None:
        super().__init__()
        self.more, self.gone = more, 0
        self.clients = [connected(stack, number) for number in range(SLOW)]
        for client in self.clients:
            client.sendall(first)

    def run(self) -> None:
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            for client in list(self.clients):
                try:
                    if self.more:
                        client.sendall(self.more)
                    elif not client.recv(32):
                        raise ConnectionError
                except OSError:
                    self.clients.remove(client)
                    self.gone += 1
                    client.close()
            time.sleep(1)
        for client in self.clients:
            client.close()


def latencies(stack: Stack, until: float) -> list[float]:
    """Of pages that are in no cache, so that a worker must be free for each."""
    took: list[float] = []
    while time.monotonic() < until:
        begun = time.monotonic()
        answer = stack.get(f"/incidents/?year={len(took)}")
        assert answer.status == 200
        took.append(time.monotonic() - begun)
        time.sleep(0.02)
    return sorted(took)


def told(name: str, took: list[float]) -> str:
    return (
        f"{name}: {len(took)} pages, median {median(took) * 1000:.0f} ms, "
        f"p95 {took[len(took) * 95 // 100] * 1000:.0f} ms, longest {took[-1] * 1000:.0f} ms"
    )


@pytest.mark.parametrize(
    ("name", "first", "more"),
    [
        ("slow headers", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-More: 1\r\n"),
        (
            "slow bodies",
            b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4096\r\n\r\n",
            b"x",
        ),
        ("slow reading", b"GET /incidents.json HTTP/1.1\r\nHost: localhost\r\n\r\n", b""),
    ],
)
def test_slow_clients_keep_no_reader_waiting(
    name: str, first: bytes, more: bytes, stack: Stack, said: list[str]
) -> None:
    slow = Slow(stack, first, more)
    slow.start()
    took = latencies(stack, time.monotonic() + SECONDS - 2)
    slow.join()
    said.append(told(f"{SLOW} clients, {name}", took) + f"; nginx let {slow.gone} of them go")
    assert took[len(took) * 95 // 100] < LATENCY


def test_idle_connections_keep_no_reader_waiting(stack: Stack, said: list[str]) -> None:
    with ExitStack() as idle:
        for number in range(IDLE):
            caller = idle.enter_context(connected(stack, number))
            caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b" 200 " in caller.recv(100)
        took = latencies(stack, time.monotonic() + 8)
    said.append(told(f"{IDLE} idle connections", took))
    assert took[len(took) * 95 // 100] < LATENCY
