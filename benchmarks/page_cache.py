"""Requests a second of cached pages, as ratios of a bare function under the same gunicorn.

    python -m benchmarks.page_cache [--rounds 5] [--seconds 2]

Each round asks every server in turn for the same page, by wrk on 16 connections and on 64, so that
they share what noise the machine has. All run 2 workers; gthread ones 4 threads each. CPU is what
the server's processes took a request. Needs wrk; nginx's lines need nginx.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks.measure import machine
from tests import servers

SIZE = 25_000
CONNECTIONS = (16, 64)
HEAD = """| {} connections | a second | × bare: least | median | most | CPU × bare |
|---|--:|--:|--:|--:|--:|"""
BASE = "bare function"
TICKS = os.sysconf("SC_CLK_TCK")
NGINX = """daemon off;
worker_processes 2;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    types {{ }} default_type text/html;
    keepalive_requests 1000000000;
    proxy_cache_path {folder}/cache keys_zone=shared:8m;
    upstream bare {{ server 127.0.0.1:{bare}; keepalive 16; }}
    upstream site {{ server 127.0.0.1:{site}; keepalive 16; }}
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_cache shared;
    proxy_cache_key $scheme$proxy_host$request_uri;
    proxy_cache_lock on;
    proxy_ignore_headers Vary;
    server {{
        listen 127.0.0.1:{static};
        root {folder}/files;
        location / {{ try_files /page =404; }}
    }}
    server {{
        listen 127.0.0.1:{cached};
        location / {{ proxy_cache_valid 60s; proxy_pass http://bare; }}
    }}
    server {{
        listen 127.0.0.1:{ours};
        location / {{ proxy_pass http://site; }}
    }}
}}
"""


class Seen(NamedTuple):
    a_second: float
    cpu: float


class Target(NamedTuple):
    """Who answers at `port` by `server`'s processes, and what else a request says."""

    server: servers.Server
    port: int
    headers: dict[str, str]


def family(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [pid, *(one for child in listed.split() for one in family(int(child)))]


def cpu(server: servers.Server) -> float:
    """Seconds that its processes have taken."""
    total = 0
    for pid in family(server.pid):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def load(target: Target, path: str, connections: int, seconds: float) -> Seen:
    headers_of_wrk = [f"-H{name}: {value}" for name, value in target.headers.items()]
    address = f"http://127.0.0.1:{target.port}{path}"
    before = cpu(target.server)
    words = ["wrk", "-t2", f"-c{connections}", f"-d{seconds}s", *headers_of_wrk, address]
    output = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    if wrong := re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", output):
        print(f"{target.port}: {wrong[0]}", file=sys.stderr)
    requests = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])  # type: ignore[index]
    return Seen(rate, (cpu(target.server) - before) / max(1, requests))


def get(port: int, path: str) -> tuple[int, list[tuple[str, str]], bytes]:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    caller.request("GET", path, headers={"Host": "127.0.0.1"})
    with caller.getresponse() as answer:
        return answer.status, answer.getheaders(), answer.read()


def installation(folder: Path) -> dict[str, str]:
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(servers.ROOT),
        "SECRET_KEY": "of a scratch database" * 3,
        "SITE_URL": "http://127.0.0.1",
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "MEDIA_ROOT": str(folder / "media"),
        "WEB_CONCURRENCY": "2",
        "LOG_LEVEL": "ERROR",
        "BENCHMARK_PAGE": str(folder / "page"),
    }
    for words in ("migrate", "collectstatic --noinput", "load_demo"):
        command = [sys.executable, "manage.py", *words.split(), "--verbosity", "0"]
        subprocess.run(command, cwd=servers.ROOT, env=env, check=True, capture_output=True)
    return env


def page_of_size(port: int) -> str:
    """The path of the page whose bytes are nearest to SIZE."""
    listed = get(port, "/sitemap.xml")[2].decode()
    paths = [urlsplit(address).path for address in re.findall(r"<loc>([^<]+)", listed)]
    return min(paths, key=lambda path: abs(len(get(port, path)[2]) - SIZE))


def keep(folder: Path, port: int, path: str) -> None:
    """The page with its headers, for those that only repeat it."""
    _status, headers, body = get(port, path)
    own = {"server", "date", "connection", "transfer-encoding"}
    output = [pair for pair in headers if pair[0].lower() not in own]
    (folder / "page").write_bytes(json.dumps(output).encode() + b"\n" + body)
    (folder / "files").mkdir()
    (folder / "files/page").write_bytes(body)


def gunicorn(folder: Path, name: str, env: dict[str, str], *words: str) -> servers.Gunicorn:
    port = servers.free_port()
    command = [servers.BIN / "gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    command += ["--config", "bulletin/gunicorn_conf.py", *words]
    log = folder / f"{name}.log"
    return servers.Gunicorn(command, port, log, cwd=servers.ROOT, env=env)


@contextmanager
def targets_of(folder: Path, env: dict[str, str]) -> Iterator[tuple[str, dict[str, Target]]]:
    """The path to ask for, and who answers."""
    with ExitStack() as stack:

        def run(name: str, application: str, *words: str) -> servers.Server:
            return stack.enter_context(gunicorn(folder, name, env, *words, application))

        site = run("site", "bulletin.wsgi")
        path = page_of_size(site.port)
        keep(folder, site.port, path)
        known = dict(get(site.port, path)[1])["ETag"]
        room = "benchmarks.applications:"
        bare = run("bare", f"{room}bare")
        asgi = run("asgi", f"{room}cached_by_asgi()", "--worker-class", "asgi", "--threads", "1")
        found = {
            BASE: bare,
            "cached page": site,
            "bare function, all headers": run("headers", f"{room}bare_with_all_headers"),
            "Django's empty view": run("empty", f"{room}empty_view()"),
            "Django's cache middleware": run("cache", f"{room}cache_middleware()"),
            "the same store, asgi worker": asgi,
        }
        targets = {name: Target(server, server.port, {}) for name, server in found.items()}
        targets["cached page, 304"] = Target(site, site.port, {"If-None-Match": known})
        if shutil.which("nginx"):
            targets |= stack.enter_context(nginx(folder, bare, site))
        for target in targets.values():
            for _time in range(40):
                get(target.port, path)
        yield path, targets


@contextmanager
def nginx(folder: Path, bare: servers.Server, site: servers.Server) -> Iterator[dict[str, Target]]:
    ports = {name: servers.free_port() for name in ("static", "cached", "ours")}
    config = NGINX.format(folder=folder, bare=bare.port, site=site.port, **ports)
    (folder / "nginx.conf").write_text(config)
    command = ["nginx", "-c", folder / "nginx.conf", "-p", folder]
    names = {
        "static": "a file",
        "cached": "its cache, bare behind",
        "ours": "its cache, ours behind",
    }
    with servers.Server(command, ports["ours"], folder / "nginx.log") as server:
        yield {f"nginx: {names[one]}": Target(server, port, {}) for one, port in ports.items()}


def row(name: str, found: list[Seen], base: list[Seen]) -> str:
    rates = [one.a_second / other.a_second for one, other in zip(found, base, strict=True)]
    costs = [one.cpu / other.cpu for one, other in zip(found, base, strict=True)]
    cells = [f"{statistics.median(one.a_second for one in found):,.0f}"]
    cells += [f"{value:.2f}" for value in (min(rates), statistics.median(rates), max(rates))]
    cells += [f"{statistics.median(costs):.2f}"]
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--only", default="", help="what the names of servers have to match")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        raise SystemExit("This needs wrk: apt install wrk")
    with tempfile.TemporaryDirectory(prefix="bulletin-benchmark-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        with targets_of(folder, installation(folder)) as (path, targets):
            size = len(get(targets["cached page"].port, path)[2])
            targets = {
                name: target
                for name, target in targets.items()
                if name == BASE or re.search(options.only, name)
            }
            print(f"{machine()}; {path}, {size:,} bytes; {options.rounds} rounds\n")
            for connections in CONNECTIONS:
                seen: dict[str, list[Seen]] = defaultdict(list)
                for _round in range(options.rounds):
                    for name, target in targets.items():
                        seen[name].append(load(target, path, connections, options.seconds))
                print(HEAD.format(connections))
                for name, found in seen.items():
                    print(row(name, found, seen[BASE]))
                print()


if __name__ == "__main__":
    main()
