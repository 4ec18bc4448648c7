"""Slow clients and idle connections at nginx, while others read."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

import pytest

from tests import components
from tests.deploy.stack import Stack, running

IDLE = 200
SECONDS = 12
# What a reader waits for a page that nginx has to ask for, at the 95th percentile.
LATENCY = 2.0


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with running() as site:
        yield site


def slowly(stack: Stack, *kind: str) -> subprocess.Popen[str]:
    """slowhttptest with 90 connections, as many as nginx takes of one address, less a few."""
    command = [components.program("slowhttptest", "slowhttptest"), *kind]
    command += ["-c", "90", "-r", "90", "-l", str(SECONDS), "-u", f"{stack.url}/"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


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
    ("name", "kind"),
    [
        ("slow headers", ["-H", "-i", "5"]),
        ("slow bodies", ["-B", "-i", "5"]),
        ("slow reading", ["-X", "-w", "10", "-y", "20", "-n", "5", "-z", "32"]),
    ],
)
def test_slow_clients_keep_no_reader_waiting(
    name: str, kind: list[str], stack: Stack, said: list[str]
) -> None:
    attack = slowly(stack, *kind)
    time.sleep(2)
    took = latencies(stack, time.monotonic() + SECONDS - 4)
    report = attack.communicate(timeout=60)[0]
    ends = re.findall(r"(connected|closed|error):\s+(\d+)", re.sub(r"\x1b\[[\d;]*m", "", report))
    said.append(told(name, took) + f"; slow clients at last: {dict(ends)}")
    assert took[len(took) * 95 // 100] < LATENCY


def test_idle_connections_keep_no_reader_waiting(stack: Stack, said: list[str]) -> None:
    context = ssl.create_default_context(cafile=f"{stack.nginx.log.parent}/fullchain.pem")
    with ExitStack() as idle:
        for number in range(IDLE):
            # nginx counts by address; all of 127.0.0.0/8 is this machine.
            plain = socket.create_connection(
                ("127.0.0.1", stack.nginx.port), source_address=(f"127.0.0.{2 + number % 8}", 0)
            )
            caller = idle.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
            caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b" 200 " in caller.recv(100)
        took = latencies(stack, time.monotonic() + 8)
    said.append(told(f"{IDLE} idle connections", took))
    assert took[len(took) * 95 // 100] < LATENCY


@pytest.mark.skipif("'nginx' not in __import__('os').environ.get('UNGUARDED', '')")
def test_without_nginx_slow_clients_hold_the_workers(stack: Stack, said: list[str]) -> None:
    """What nginx is the guard against: run with UNGUARDED=nginx, this one fails."""
    server = stack.replicas[0]
    with ExitStack() as idle:
        for _number in range(IDLE):
            caller = idle.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            caller.sendall(b"POST /admin/login/ HTTP/1.1\r\nHost: localhost\r\n")
        time.sleep(1)
        begun = time.monotonic()
        reader = http.client.HTTPConnection("127.0.0.1", server.port, timeout=25)
        try:
            reader.request("GET", "/healthz")
            status: int | str = reader.getresponse().status
        except OSError as error:
            status = type(error).__name__
    took = time.monotonic() - begun
    said.append(f"without nginx, {IDLE} half requests: a reader got {status} after {took:.1f} s")
    assert took < LATENCY
