"""The entry for gunicorn with a clock that began at CLOCK_FROM when it was CLOCK_SINCE, and runs
CLOCK_RATE times as fast. It is put where the site reads its clock, at the edge; libfaketime, which
moves the clock of a whole process, leaves gunicorn hanging.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta

from django.utils import timezone

FROM = datetime.fromisoformat(os.environ["CLOCK_FROM"])
SINCE, RATE = float(os.environ["CLOCK_SINCE"]), float(os.environ["CLOCK_RATE"])


def now() -> datetime:
    return FROM + timedelta(seconds=(time.time() - SINCE) * RATE)


timezone.now = now

from bulletin.wsgi import application  # noqa: F401
