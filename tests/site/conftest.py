"""Two sites with the demo log, one of them under a prefix, each crawled once for all tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.site.crawl import Crawl
from tests.site.server import served

PREFIXES = ["", "/infra-log"]
notes = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pages", choices=["all", "kinds"], default="all", help="every page, or one of each kind"
    )


def pytest_configure() -> None:
    # Told to end, the run still stops the servers that it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for note in config.stash.get(notes, []):
        terminalreporter.write_line(note)


@pytest.fixture(scope="session")
def said(pytestconfig: pytest.Config) -> list[str]:
    """Lines for the end of the report."""
    return pytestconfig.stash.setdefault(notes, [])


@pytest.fixture(scope="session")
def crawls(said: list[str]) -> Iterator[dict[str, Crawl]]:
    with ExitStack() as stack, ThreadPoolExecutor(len(PREFIXES)) as pool:
        roots = pool.map(lambda prefix: stack.enter_context(served(prefix)), PREFIXES)
        crawls = {prefix: Crawl(root) for prefix, root in zip(PREFIXES, roots, strict=True)}
        one = crawls[""]
        said.append(
            f"{len(one.answers)} addresses, {len(one.pages())} of them pages of "
            f"{len(one.by_kind())} kinds; {one.unasked} queries not followed"
        )
        yield crawls


@pytest.fixture(scope="session")
def crawl(crawls: dict[str, Crawl]) -> Crawl:
    return crawls[""]


@pytest.fixture(scope="session")
def pages(crawl: Crawl, pytestconfig: pytest.Config) -> dict[str, bytes]:
    """The pages to be looked at, by address."""
    pages = crawl.pages()
    if pytestconfig.getoption("pages") == "all":
        return pages
    return {address: pages[address] for address in crawl.by_kind().values()}


def fail_for(faults: Iterator[str] | list[str]) -> None:
    """Name them all, one a line."""
    found = list(dict.fromkeys(faults))
    if found:
        pytest.fail("\n".join([f"{len(found)} found:", *found]), pytrace=False)
