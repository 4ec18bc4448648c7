"""What a page costs as the archive grows: python benchmarks/archive.py

Each public address is asked of a log of one year and of one of twenty, with three incidents a
week, in a scratch database of its own. Shown are milliseconds of this process (the least of five
answers) and how many times as much the large log costs; only that ratio compares with other
machines and days. About 1 is what a page should cost.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "bulletin.settings"
os.environ["SECRET_KEY"] = "of a scratch database" * 3
os.environ["SITE_URL"] = "http://127.0.0.1:8000"
os.environ["LOG_LEVEL"] = "ERROR"
SCRATCH = tempfile.TemporaryDirectory(prefix="bulletin-benchmark-")
os.environ["DATABASE_URL"] = f"sqlite:///{SCRATCH.name}/db.sqlite3"
# Static files keep their plain names.
os.environ["DEBUG"] = "true"

import django

django.setup()

from django.core.management import call_command
from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bulletin.models import Bulletin, Status
from incidents.models import Incident, Region, Service

NEWEST = date(2024, 12, 28)
YEARS = (1, 20)
SLUG = "2024-12-23-packet-loss-0"
PATHS = [
    "/",
    "/2024-12-28/",
    "/2024-12-28/grid.png",
    "/archive/",
    "/archive/2024/",
    f"/incidents/{SLUG}/",
    "/incidents/",
    "/incidents/?impact=major&order=-length",
    "/incidents/?q=packet",
    "/incidents.json",
    "/incidents.xml",
    "/incidents.ics",
    "/search/?q=packet",
    "/search/?q=packet&order=best",
    "/trends/",
    "/subscribe/",
    "/feed.xml",
    "/feed.json",
    "/bulletins.json",
]


@transaction.atomic
def fill(weeks: int) -> None:
    """The log of so many weeks up to NEWEST, told week by week."""
    Bulletin.objects.all().delete()
    Incident.objects.all().delete()
    regions = list(Region.objects.all()[:4])
    services = [Service.objects.get_or_create(name=name)[0] for name in ("Storage", "DNS")]
    for week in range(weeks):
        last = NEWEST - timedelta(weeks=week)
        told_at = datetime(last.year, last.month, last.day, 20, tzinfo=UTC)
        for number in range(3):
            start = told_at - timedelta(days=5 - number)
            incident = Incident.objects.create(
                title=f"Packet loss {number}",
                started_at=start,
                ended_at=start + timedelta(minutes=20 + 45 * number),
                precision="exact",
                impact=number + 1,
                body="A switch **dropped** packets.\n\nWe moved a cable.",
                told_at=told_at,
            )
            incident.regions.set(regions[number : number + 2])
            incident.services.set(services[: number % 3])
        Bulletin.objects.create(
            date=last,
            period_first=last - timedelta(days=6),
            period_last=last,
            essay="## Racks\n\nWe moved a rack, and lost a packet.",
            status=Status.PUBLISHED,
            publish_at=told_at,
        )


def cost(path: str) -> tuple[float, int]:
    """Milliseconds of this process for an answer, and how many queries it took."""
    client, spent = Client(SERVER_NAME="127.0.0.1"), []
    for _answer in range(5):
        reset_queries()
        began = time.process_time()
        with CaptureQueriesContext(connection) as asked:
            response = client.get(path)
        spent.append(1000 * (time.process_time() - began))
        if response.status_code != 200:
            raise SystemExit(f"{path} answers {response.status_code}")
    return min(spent), len(asked)


def main() -> None:
    call_command("migrate", verbosity=0)
    measured = {}
    for years in YEARS:
        fill(52 * years)
        measured[years] = {path: cost(path) for path in PATHS}
    small, large = (measured[years] for years in YEARS)
    heads = [f"{years} a" for years in YEARS]
    print(f"{'address':42}{heads[0]:>9}{heads[1]:>9}{'times':>8}{'queries':>12}")
    for path in PATHS:
        (few, before), (many, after) = small[path], large[path]
        print(f"{path:42}{few:7.1f}ms{many:7.1f}ms{many / few:8.2f}{before:7} → {after}")


if __name__ == "__main__":
    main()
