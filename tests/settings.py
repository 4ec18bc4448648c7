"""The project's settings with what a test run needs: quick, and nothing kept."""

from __future__ import annotations

import os

os.environ["SECRET_KEY"] = "only-for-tests-" + "0123456789" * 5
os.environ["SITE_URL"] = "http://127.0.0.1:8000"
os.environ["TIME_ZONE"] = "America/New_York"
os.environ["SITE_NAME"] = "The Infra Log"
os.environ.pop("DEBUG", None)
os.environ.setdefault("LOGIN_EXTRA", "false")
os.environ.setdefault("OBSERVE_EXTRA", "false")
os.environ["LOGIN_REQUIRE_SECOND_FACTOR"] = "false"
# Playwright keeps an event loop in the thread of its tests, which Django takes for async callers.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

from bulletin.settings import *  # noqa: F403
from tests.session import session_folder

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver"]
# DATABASE_URL may name PostgreSQL. Of SQLite it is a file, for requests that a browser makes at
# once would share the one connection of a database in memory, and with it a preview's transaction.
_worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
_scratch = session_folder() / _worker
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    DATABASES["default"]["TEST"] = {"NAME": _scratch / "test.sqlite3"}  # noqa: F405
    _options = DATABASES["default"]["OPTIONS"]  # noqa: F405
    _options["init_command"] = _options["init_command"].replace("=FULL", "=OFF")
MEDIA_ROOT = _scratch / "media"
# Not what a site on this machine has collected, which every test client would look through.
STATIC_ROOT = _scratch / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
# What services there are is shared by the workers of a run.
CACHES["default"]["KEY_PREFIX"] = _worker  # noqa: F405
_uploads = STORAGES["default"]  # noqa: F405
if "OPTIONS" in _uploads:
    _uploads["OPTIONS"]["location"] = _worker
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
