"""A process of benchmarks.scale: answers from one database, for each path of standard input."""

from __future__ import annotations

import json
import sys
import time

from benchmarks import scratch

scratch.configure(sys.argv[1])

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bulletin.models import Article, Bulletin
from incidents.models import Incident

# Seconds in which one path is asked for again and again.
LEAST = 0.2


def main() -> None:
    """Prints the seconds of an answer, and how many queries it takes."""
    client, newest = Client(SERVER_NAME="127.0.0.1"), Bulletin.objects.by_date()[2]
    places = {
        "bulletin": newest.get_absolute_url(),
        "year": f"/archive/{newest.date.year}/",
        "incident": Incident.objects.newest_first()[30].get_absolute_url(),
        "article": Article.objects.newest_first()[0].get_absolute_url(),
    }
    for line in sys.stdin:
        path = line.strip().format(**places)
        with CaptureQueriesContext(connection) as queries:
            response = client.get(path)
        number = len(queries)
        if response.status_code != 200:
            raise SystemExit(f"{path} answers {response.status_code}")
        calls, begun = 0, time.perf_counter()
        while (taken := time.perf_counter() - begun) < LEAST:
            client.get(path)
            calls += 1
        print(json.dumps({"seconds": taken / calls, "queries": number}), flush=True)


if __name__ == "__main__":
    main()
