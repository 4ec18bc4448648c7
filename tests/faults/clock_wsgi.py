"""The entry for gunicorn with a clock that began at CLOCK_FROM when it was CLOCK_SINCE, and runs
CLOCK_RATE times as fast. It is put where the site reads its clock, at the edge; libfaketime, which
moves the clock of a whole process, leaves gunicorn hanging.

Without the guard `night` it is a clock on the wall: it says 01:30 twice, and never says which.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

FROM = datetime.fromisoformat(os.environ["CLOCK_FROM"])
SINCE, RATE = float(os.environ["CLOCK_SINCE"]), float(os.environ["CLOCK_RATE"])


def now() -> datetime:
    at = FROM + timedelta(seconds=(time.time() - SINCE) * RATE)
    if "night" in os.environ.get("UNGUARDED", "").split():
        at = at.astimezone(ZoneInfo("America/New_York")).replace(fold=0)
    return at


timezone.now = now

from bulletin.wsgi import application  # noqa: F401
