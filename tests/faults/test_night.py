"""The nights on which New York's clocks change, on a server whose clock passes through them.

What is published, and when, is asked for from without; the clock is that of clock_wsgi.py.
"""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.faults.site import Site

NEW_YORK = ZoneInfo("America/New_York")
# 2024-11-03 has 01:30 twice: at 05:30 and 06:30 UTC. 2024-03-10 has no 02:30: clocks go from 01:59
# to 03:00 at 07:00 UTC.
AUTUMN = datetime(2024, 11, 3, 5, tzinfo=UTC)
SPRING = datetime(2024, 3, 10, 6, tzinfo=UTC)
# The clock runs so much faster.
RATE = 600

MAKE = """
from datetime import date, datetime, timedelta
from bulletin import publishing
from bulletin.models import Bulletin, Status
from incidents.models import Incident
at = datetime.fromisoformat('{at}')
for back in (1, 0):
    post = Bulletin(date=at.date() - timedelta(weeks=back), status=Status.PUBLISHED, essay='Text.')
    post.period_first = at.date() - timedelta(weeks=back, days=7)
    post.period_last = at.date() - timedelta(weeks=back, days=1)
    post.publish_at = at - timedelta(weeks=back)
    post.save()
    publishing.sync_publication(post, at - timedelta(days=30))
for hours in (-3, 2):
    Incident.objects.create(title='Night', started_at=at + timedelta(hours=hours), body='Text.',
                            publish_at=at - timedelta(days=30), impact=1)
"""


def updated(feed: str) -> datetime:
    return datetime.fromisoformat(re.findall(r"<updated>(.*?)</updated>", feed)[0])


@pytest.mark.parametrize(
    ("name", "start", "hour"),
    [
        ("01:30 for the first time", AUTUMN, AUTUMN + timedelta(minutes=30)),
        ("01:30 for the second time", AUTUMN, AUTUMN + timedelta(hours=1, minutes=30)),
        # What Django makes of 02:30, which isn't there, as of all forms: the instant of 03:30.
        ("02:30, which is not there", SPRING, SPRING + timedelta(hours=1, minutes=30)),
    ],
)
def test_a_bulletin_of_the_night_appears_once_at_its_instant(
    name: str, start: datetime, hour: datetime, tmp_path: Path, said: list[str]
) -> None:
    site = Site(tmp_path, TIME_ZONE="America/New_York")
    site.fill(demo=False)
    site.shell(MAKE.format(at=hour.isoformat()))
    day = hour.astimezone(NEW_YORK).date()
    begun = time.time()
    site.server.options["env"] = site.env | {
        "CLOCK_FROM": start.isoformat(), "CLOCK_SINCE": str(begun), "CLOCK_RATE": str(RATE),
    }  # fmt: skip
    site.server.command[-1] = "tests.faults.clock_wsgi"
    seen: list[tuple[datetime, bool, datetime]] = []
    with site.server:
        while not seen or seen[-1][0] < start + timedelta(hours=2, minutes=30):
            page, feed = site.get(f"/{day}/"), site.get("/feed.xml")
            now = start + (time.time() - begun) * RATE * timedelta(seconds=1)
            seen.append((now, page.status == 200, updated(feed.text)))
            assert time.time() - begun < 120, seen[-1]
        svg = site.get(f"/{day}/grid.svg").text
        found = json.loads(site.get("/incidents.json").text)["results"]
    changes = [(after[0], after[1]) for before, after in pairwise(seen) if before[1] != after[1]]
    said.append(
        f"{name}, due {hour:%H:%M} UTC: asked {len(seen)} times; appeared "
        + ", ".join(f"{at:%H:%M:%S} UTC" for at, _there in changes)
    )
    assert [there for _at, there in changes] == [True]
    assert timedelta() <= changes[0][0] - hour < timedelta(minutes=15)
    moments = [moment for _at, _there, moment in seen]
    assert moments == sorted(moments)
    days = {one["slug"][:10] for one in found}
    assert days == {
        f"{(hour + timedelta(hours=hours)).astimezone(NEW_YORK):%Y-%m-%d}" for hours in (-3, 2)
    }
    assert f'data-cell="{day - timedelta(days=1)}"' in svg
