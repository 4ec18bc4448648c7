"""The entry for gunicorn without the guards that are code.

again     a page asked once more where its connection broke
page      the 503
media     a picture that the disk cut short taken away again
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.unguarded")

from django.core.files.storage import FileSystemStorage

from bulletin import outages

OFF = os.environ.get("UNGUARDED", "").split()

if "again" in OFF:
    outages.reading = lambda view: view

from bulletin.wsgi import application  # noqa: F401, I001
from bulletin import unavailable

if "page" in OFF:
    unavailable.is_outage = lambda error: False
if "media" in OFF:
    FileSystemStorage.delete = lambda self, name: None
