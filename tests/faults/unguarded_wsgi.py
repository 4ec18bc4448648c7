"""The entry for gunicorn without the guards that are code.

again     a page asked once more where its connection broke
page      the 503
media     a picture that the disk cut short taken away again
night     the clock's instants: time is what a clock on the wall says
"""

from __future__ import annotations

import os
from datetime import datetime
from zoneinfo import ZoneInfo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.unguarded")

from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from bulletin import outages

OFF = os.environ.get("UNGUARDED", "").split()

if "night" in OFF:
    timezone.now = lambda: datetime.now(ZoneInfo("America/New_York")).replace(fold=0)
if "again" in OFF:
    outages.reading = lambda view: view

from bulletin.wsgi import application  # noqa: F401, I001
from bulletin import unavailable

if "page" in OFF:
    unavailable.is_outage = lambda error: False
if "media" in OFF:
    FileSystemStorage.delete = lambda self, name: None
