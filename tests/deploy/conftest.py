"""One stack for all tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.stack import Stack, running

notes = pytest.StashKey[list[str]]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for note in config.stash.get(notes, []):
        terminalreporter.write_line(note)


@pytest.fixture(scope="session")
def said(pytestconfig: pytest.Config) -> list[str]:
    """Figures for the end of the report."""
    return pytestconfig.stash.setdefault(notes, [])


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    with running() as site:
        yield site
