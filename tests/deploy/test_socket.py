"""One machine: the server behind systemd's socket is started anew while readers read."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.servers import BIN, ROOT, wait_until

UNIT = (ROOT / "deploy/bulletin.service").read_text()
# What systemd does with a socket before it starts a service (sd_listen_fds(3)).
HANDED = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
os.execvp(sys.argv[2], sys.argv[2:])
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """What /srv/bulletin/.env would say."""
    site = Installation(tmp_path)
    site.fill()
    return site.env


def test_nobody_is_turned_away_while_the_site_starts_anew(
    env: dict[str, str], said: list[str]
) -> None:
    started = re.search(r"^ExecStart=(.+)$", UNIT, re.MULTILINE)
    assert started
    words = shlex.split(started[1].replace("/srv/bulletin/.venv/bin", str(BIN)))
    seen: Counter[int | str] = Counter()
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            try:
                with urllib.request.urlopen(address, timeout=30) as answer:
                    seen[answer.status] += 1
            except OSError as error:
                seen[str(error)] += 1

    def start() -> subprocess.Popen[bytes]:
        number = listener.fileno()
        command = [sys.executable, "-c", HANDED, str(number), *words]
        return subprocess.Popen(command, cwd=ROOT, env=env, pass_fds=[number])

    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/archive/"
        server = start()
        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        try:
            for _upgrade in range(3):
                before = seen[200]
                wait_until(lambda read=before: seen[200] > read + 50, "reading")
                server.terminate()
                assert server.wait(timeout=30) == 0
                server = start()
        finally:
            over.set()
            for reader in readers:
                reader.join()
            server.terminate()
            server.wait(timeout=30)
    said.append(f"{seen.total()} pages read while the one server was started anew thrice: {seen}")
    assert set(seen) == {200}
