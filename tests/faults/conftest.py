"""Figures of what was seen stand at the end of the report."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import components
from tests.faults.site import GUARDS_OFF

notes = pytest.StashKey[list[str]]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if GUARDS_OFF:
        terminalreporter.write_line(f"without: {GUARDS_OFF}")
    for note in config.stash.get(notes, []):
        terminalreporter.write_line(note)


@pytest.fixture
def said(pytestconfig: pytest.Config) -> list[str]:
    return pytestconfig.stash.setdefault(notes, [])


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[components.PostgreSQL]:
    # Whoever PostgreSQL runs as must get through to its folder.
    for folder in (tmp_path, *tmp_path.parents):
        if folder.owner() == "root" and str(folder).startswith("/tmp/pytest"):  # noqa: S108
            os.chmod(folder, 0o755)  # noqa: S103
    with components.postgresql(tmp_path, durable=True) as server:
        yield server
