"""The site's settings without the guards that the variable UNGUARDED names, a word each.

lock      SQLite's busy timeout and BEGIN IMMEDIATE
health    PostgreSQL's connections looked at before they are used, and its pool waited for
file      the way SQLite's file is opened (bulletin/sqlite.py)
cache     errors of Redis ignored, and its time bounded
What is code and no setting is taken out by unguarded_wsgi.py.
"""

from __future__ import annotations

import os

from bulletin.settings import *  # noqa: F403

OFF = os.environ.get("UNGUARDED", "").split()
_database = DATABASES["default"]  # noqa: F405
_cache = CACHES["default"]  # noqa: F405

if "lock" in OFF:
    _database["OPTIONS"] |= {"transaction_mode": "DEFERRED", "timeout": 0}
if "file" in OFF:
    del _database["OPTIONS"]["factory"]
if "health" in OFF:
    _database["CONN_HEALTH_CHECKS"] = False
if "cache" in OFF:
    _cache["OPTIONS"] = {"SOCKET_TIMEOUT": 5}
