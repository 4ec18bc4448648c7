"""For all tests: how much those of properties try, and which touch the database."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The first unless HYPOTHESIS_PROFILE names another.
settings.register_profile("quick", max_examples=25, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=300, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# Those of a folder that starts installations of its own ask for no fixture of Django's.
FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}
FOLDERS = {"backups", "services"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what `make test-services` runs."""
    for item in items:
        asked = FIXTURES & set(getattr(item, "fixturenames", ()))
        if asked or item.get_closest_marker("django_db") or FOLDERS & set(item.path.parts):
            item.add_marker(pytest.mark.database)
