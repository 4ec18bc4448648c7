"""Two replicas that start at once, each of which migrates first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers
from tests.faults.site import Site

REPLICAS = 3


def at_once(site: Site) -> list[tuple[int, str]]:
    """The exit status and last word of each."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    started = [
        subprocess.Popen(command, cwd=servers.ROOT, env=site.env, stderr=subprocess.PIPE)
        for _replica in range(REPLICAS)
    ]
    said = [one.communicate()[1].decode().strip() for one in started]
    return [
        (one.returncode, text.splitlines()[-1] if text else "")
        for one, text in zip(started, said, strict=True)
    ]


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
@pytest.mark.parametrize("since", ["nothing", "one migration before"])
def test_replicas_that_migrate_at_once_leave_one_whole_schema(
    engine: str, since: str, tmp_path: Path, said: list[str], request: pytest.FixtureRequest
) -> None:
    variables = {}
    if engine == "postgresql":
        variables["DATABASE_URL"] = request.getfixturevalue("postgresql").url()
    site = Site(tmp_path, **variables)
    if since != "nothing":
        site.manage("migrate", "--verbosity", "0")
        newest = site.shell(
            "from django.db import connection\n"
            "from django.db.migrations.loader import MigrationLoader\n"
            "print(*[n for a, n in sorted(MigrationLoader(connection).graph.nodes)"
            " if a == 'bulletin'][-2:])"
        ).split()
        site.manage("migrate", "bulletin", newest[0], "--verbosity", "0")
    ended = at_once(site)
    said.append(f"migrated at once, {engine}, from {since}: {REPLICAS} ended with {ended}")
    assert [status for status, _text in ended] == [0] * REPLICAS
    site.manage("migrate", "--check", "--verbosity", "0")
    site.fill()
    with site.server:
        assert site.get("/readyz").status == 200
        assert site.get("/").status == 200
