"""The tests' settings with the extras on."""

from __future__ import annotations

import os

os.environ["LOGIN_EXTRA"] = "true"
os.environ["WEBSUB_HUB"] = "https://hub.example.org/"

from tests.settings import *  # noqa: F403
