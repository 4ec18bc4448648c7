"""What each address costs as the log grows tenfold: python -m benchmarks.scale

Two logs are made, of --bulletins weeks (5,200 by default, a hundred years) and of a tenth of
them, with ten incidents each, on SQLite and, where it is installed, on PostgreSQL. Shown are for
each the milliseconds of an answer with the large log, its database included, and how many times as
much that is as with the small one. The two answer by turns, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, cast

from benchmarks import scratch
from benchmarks.measure import machine
from tests import servers

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
# A tenth of them is a year.
LEAST = 520
PATHS = [
    "/",
    "{bulletin}",
    "{incident}",
    "{article}",
    "/archive/",
    "{year}",
    "/incidents/",
    "/incidents/?order=-delay",
    "/incidents/?order=length",
    "/incidents/?impact=major&order=-length",
    "/incidents/?region=IAD",
    "/incidents/?service=Gateway",
    "/incidents/?year=2024",
    "/incidents/?q=packet",
    "/incidents/?q=drum",
    "/incidents.json",
    "/incidents.xml",
    "/incidents.xml?region=IAD",
    "/search/?q=packet",
    "/search/?q=restart+loop",
    "/search/?q=packet&order=best",
    "/trends/",
    "/subscribe/",
    "/feed.xml",
    "/bulletins.json",
    "/sitemap.xml",
    "/sitemap-incidents.xml",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bulletins", type=int, default=5_200)
    options = parser.parse_args()
    if options.bulletins < LEAST:
        parser.error(f"the smaller log has no article yet: --bulletins takes {LEAST} or more")
    sizes = [options.bulletins // 10, options.bulletins]
    print(f"{machine()}; {sizes[0]:,} and {sizes[1]:,} bulletins\n")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bulletin-scale-")))
        files = [f"sqlite:///{folder}/{size}.sqlite3" for size in sizes]
        make(files, sizes)
        report("SQLite", files)
        try:
            server = stack.enter_context(servers.postgresql(folder))
        except servers.Missing as missing:
            print(f"\nPostgreSQL is left out: {missing}")
            return
        createdb = [servers.program("createdb", "postgresql"), "-h", "127.0.0.1"]
        for size in sizes:
            where = ["-p", str(server.port), "-U", "bulletin", f"log{size}"]
            subprocess.run([*createdb, *where], check=True)
        databases = [server.url(f"log{size}") for size in sizes]
        make(databases, sizes)
        print()
        report("PostgreSQL", databases)


def make(urls: list[str], sizes: list[int]) -> None:
    for url, size in zip(urls, sizes, strict=True):
        run(url, "manage.py", "migrate", "--verbosity", "0")
        run(url, "-m", "benchmarks.bulk_demo", str(size))


def report(name: str, urls: list[str]) -> None:
    print(f"| {name} | ms | × small: least | median | most | queries |")
    print("|---|--:|--:|--:|--:|--:|")
    with answering(urls[0]) as small, answering(urls[1]) as large:
        for path in PATHS:
            pairs = [(asked(small, path), asked(large, path)) for _round in range(ROUNDS)]
            ratios = [there["seconds"] / here["seconds"] for here, there in pairs]
            spent = 1000 * statistics.median(there["seconds"] for _here, there in pairs)
            cells = [min(ratios), statistics.median(ratios), max(ratios)]
            shown = " | ".join(f"{value:.2f}" for value in cells)
            queries = " → ".join(str(one["queries"]) for one in pairs[-1])
            print(f"| `{path}` | {spent:.1f} | {shown} | {queries} |", flush=True)


def run(url: str, *command: str) -> None:
    subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=scratch.environment(url),
        stdout=subprocess.DEVNULL,
        check=True,
    )


@contextmanager
def answering(url: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.answers", url]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        cast(IO[str], process.stdin).close()


def asked(process: subprocess.Popen[str], path: str) -> dict[str, Any]:
    asking, answered = cast(IO[str], process.stdin), cast(IO[str], process.stdout)
    asking.write(path + "\n")
    asking.flush()
    found: dict[str, Any] = json.loads(answered.readline())
    return found


if __name__ == "__main__":
    main()
