"""Figures of what was seen stand at the end of the report."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers

notes = pytest.StashKey[list[str]]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for note in config.stash.get(notes, []):
        terminalreporter.write_line(note)


@pytest.fixture
def said(pytestconfig: pytest.Config) -> list[str]:
    return pytestconfig.stash.setdefault(notes, [])


@pytest.fixture
def postgresql() -> Iterator[servers.PostgreSQL]:
    # Whoever PostgreSQL runs as must get through to its folder, which pytest's own don't allow.
    with (
        tempfile.TemporaryDirectory(prefix="bulletin-faults-") as folder,
        servers.postgresql(Path(folder), durable=True) as server,
    ):
        yield server
