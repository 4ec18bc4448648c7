"""What a worker holds, and how soon it answers: python -m benchmarks.memory [--requests 10000]

One worker is asked for every public address in turn (pages, pictures, feeds, data, queries; plain
and packed), and its resident memory is read after a tenth of the requests, half and all. A start
is the seconds from the command to the first answer, the least of five; beside it a bare function's.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import re
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.measure import machine
from benchmarks.page_cache import get, gunicorn, installation
from tests import servers

DATA = [
    *("/feed.xml", "/rss.xml", "/feed.json", "/sitemap.xml", "/robots.txt", "/bulletins.json"),
    *("/incidents.json", "/incidents.csv", "/incidents.ics", "/incidents.xml", "/grid.png"),
    *("/search/?q=rack", "/trends/?year=2024", "/incidents/?impact=major"),
    "/incidents/?order=-length",
]
STARTS = 5


def resident(pid: int) -> float:
    """Megabytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1000  # type: ignore[index]


def addresses(port: int) -> list[str]:
    listed = get(port, "/sitemap.xml")[2].decode()
    pages = [urlsplit(address).path for address in re.findall(r"<loc>([^<]+)", listed)]
    found = dict.fromkeys(pages + DATA)
    for path in pages:
        text = get(port, path)[2].decode()
        found |= dict.fromkeys(re.findall(r'"(/[^"]+\.(?:png|svg))"', text))
    return list(found)


def ask_all(server: servers.Gunicorn, number: int) -> None:
    paths = addresses(server.port)
    [worker] = server.workers()
    caller = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    print(f"{number:,} requests over {len(paths)} addresses\n")
    print("| requests | MB resident |\n|--:|--:|")
    asked = itertools.cycle([(path, form) for form in ("gzip", "identity") for path in paths])
    early = 0.0
    for count, (path, form) in enumerate(itertools.islice(asked, number), 1):
        caller.request("GET", path, headers={"Host": "127.0.0.1", "Accept-Encoding": form})
        caller.getresponse().read()
        if count in (number // 10, number // 2, number):
            early = early or resident(worker)
            print(f"| {count:,} | {resident(worker):.1f} |")
    print(f"\nlast / first: {resident(worker) / early:.3f}")


def starts(folder: Path, env: dict[str, str], application: str) -> float:
    """Seconds until the first answer."""
    taken = []
    for _start in range(STARTS):
        server = gunicorn(folder, "start", env, application)
        begun = time.monotonic()
        with server:
            while get(server.port, "/")[0] != 200:
                time.sleep(0.001)
            taken.append(time.monotonic() - begun)
    return min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bulletin-benchmark-") as scratch:
        folder = Path(scratch)
        (folder / "page").write_bytes(b"[]\nx")
        env = installation(folder) | {"WEB_CONCURRENCY": "1"}
        print(machine() + "\n")
        with gunicorn(folder, "site", env, "bulletin.wsgi") as server:
            ask_all(server, options.requests)
        ours = starts(folder, env, "bulletin.wsgi")
        bare = starts(folder, env, "benchmarks.applications:bare")
        print(f"\nfirst answer: {ours:.2f} s; a bare function's {bare:.2f} s")


if __name__ == "__main__":
    main()
